// Raw HTTP clients for tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace firesweep {

// A connection to a server on this machine, for a client that says what it likes.
class HttpClient {
 public:
  static constexpr std::chrono::milliseconds kPatience{20000};

  explicit HttpClient(const std::string& url) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
      throw std::runtime_error("cannot connect to " + url);
    }
  }
  HttpClient(HttpClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  ~HttpClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  bool say(const std::string& bytes) const {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // What comes until `end` or until the server closes.
  std::string hear(const std::string& end) const {
    std::string heard;
    while (heard.find(end) == std::string::npos && readable(kPatience)) {
      char bytes[65536];
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      heard.append(bytes, static_cast<std::size_t>(got));
    }
    return heard;
  }
  std::string hear_all() const { return hear("\x01 never said"); }
  // The whole answer to one request.
  static std::string ask(const std::string& url, const std::string& request) {
    const HttpClient client(url);
    client.say(request);
    return client.hear_all();
  }
  bool closed() const {
    char byte = 0;
    return readable(std::chrono::milliseconds(0)) && ::recv(socket_, &byte, 1, MSG_PEEK) <= 0;
  }

 private:
  bool readable(std::chrono::milliseconds longest) const {
    pollfd waits{socket_, POLLIN, 0};
    return ::poll(&waits, 1, static_cast<int>(longest.count())) == 1;
  }

  int socket_;
};

// A request after whose answer the server closes.
inline std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

// As many open files as this process may have: 1,024 are too few for a thousand clients.
inline void allow_many_files() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace firesweep
