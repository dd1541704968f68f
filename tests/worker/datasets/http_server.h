// A web server on the loopback interface that serves one file and can misbehave, for tests.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace firesweep::testing {

struct HttpRequest {
  std::string path;
  std::optional<std::int64_t> range_start;  // of "Range: bytes=N-"
};

// Answers one connection after another, each with one response. Safe from any thread.
class HttpServer {
 public:
  HttpServer(std::string path, std::string body);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // "http://127.0.0.1:PORT", also after stop().
  std::string url_base() const;

  void serve(std::string body);

  // The next responses end after so many bytes of body: the connection is closed, or kept open in
  // silence until the client leaves.
  void cut_off_after(std::deque<std::size_t> bytes);
  void hang_after(std::deque<std::size_t> bytes);

  void ignore_ranges();
  std::vector<HttpRequest> requests() const;

  // Nobody listens any more.
  void stop();

 private:
  void run();
  void answer(int connection);

  mutable std::mutex mutex_;
  const std::string path_;
  std::string body_;
  std::deque<std::size_t> cuts_;
  bool hang_ = false;
  bool ranges_ = true;
  std::vector<HttpRequest> requests_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace firesweep::testing
