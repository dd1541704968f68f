#include "tests/worker/datasets/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace firesweep::testing {
namespace {

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Up to the empty line; empty where the client left before.
std::string read_request(int connection) {
  std::string text;
  char byte = 0;
  while (!text.ends_with("\r\n\r\n")) {
    if (::recv(connection, &byte, 1, 0) != 1) return {};
    text += byte;
  }
  return text;
}

HttpRequest parse(const std::string& text) {
  HttpRequest request;
  request.path = text.substr(4, text.find(' ', 4) - 4);  // "GET /path HTTP/1.1"
  const std::string range = "Range: bytes=";
  if (const auto at = text.find(range); at != std::string::npos) {
    request.range_start = std::stoll(text.substr(at + range.size()));
  }
  return request;
}

void wait_until_the_client_leaves(int connection) {
  char byte = 0;
  while (::recv(connection, &byte, 1, 0) == 1) {
  }
}

}  // namespace

HttpServer::HttpServer(std::string path, std::string body)
    : path_(std::move(path)), body_(std::move(body)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no port for the test server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::stop() {
  if (!thread_.joinable()) return;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string HttpServer::url_base() const { return "http://127.0.0.1:" + std::to_string(port_); }

void HttpServer::serve(std::string body) {
  const std::scoped_lock lock(mutex_);
  body_ = std::move(body);
}

void HttpServer::cut_off_after(std::deque<std::size_t> bytes) {
  const std::scoped_lock lock(mutex_);
  cuts_ = std::move(bytes);
  hang_ = false;
}

void HttpServer::hang_after(std::deque<std::size_t> bytes) {
  const std::scoped_lock lock(mutex_);
  cuts_ = std::move(bytes);
  hang_ = true;
}

void HttpServer::ignore_ranges() {
  const std::scoped_lock lock(mutex_);
  ranges_ = false;
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void HttpServer::run() {
  while (true) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  const std::string text = read_request(connection);
  if (text.empty()) return;
  const HttpRequest request = parse(text);
  std::string head, body;
  bool hang = false;
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
    const auto size = std::ssize(body_);
    const std::int64_t start = ranges_ ? request.range_start.value_or(0) : 0;
    if (request.path != path_) {
      head = "HTTP/1.1 404 Not Found\r\n";
      body = "no such page";
    } else if (start >= size) {
      head = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */" +
             std::to_string(size) + "\r\n";
      body = "nothing lies there";
    } else {
      body = body_.substr(static_cast<std::size_t>(start));
      head = start == 0
                 ? "HTTP/1.1 200 OK\r\n"
                 : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(start) +
                       "-" + std::to_string(size - 1) + "/" + std::to_string(size) + "\r\n";
    }
    head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    if (!cuts_.empty()) {
      body.resize(std::min(body.size(), cuts_.front()));
      cuts_.pop_front();
      hang = hang_;
    }
  }
  send_all(connection, head + body);
  if (hang) wait_until_the_client_leaves(connection);
}

}  // namespace firesweep::testing
