// An HTTP/1.1 server with a thread of its own: it answers GET and HEAD by path. Whatever its
// clients do, it holds few connections and little memory, and nobody else waits for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// What answers a path. Called on the server's thread; the next request waits until it returns. A
// std::exception becomes an answer of status 500.
using HttpRoutes = std::map<std::string, std::function<HttpResponse()>, std::less<>>;

struct HttpLimits {
  std::size_t connections = 64;  // for one more, the one that was idle for longest is closed
  std::size_t header_bytes = 8192;
  std::chrono::milliseconds request{5000};    // from a connection's begin to the end of its request
  std::chrono::milliseconds response{10000};  // for the client to take the answer
  std::chrono::milliseconds idle{90000};      // from an answer to the end of the next request
};

// Members are called from one thread; the server's own thread belongs to the object.
class HttpServer {
 public:
  // Binds `listen` ([ADDR:]PORT; without an address, loopback; port 0 or *: any free one) and
  // begins to answer. Errors: kBadInput for what is not such an address or not this machine's,
  // kConflict where another process has it.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& listen, HttpRoutes routes,
                                                   const HttpLimits& limits = {});
  // Closes all connections and ends the thread.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "http://127.0.0.1:5557", with the real port.
  const std::string& url() const;
  // Whether other machines may reach it.
  bool open_to_others() const;

 private:
  class Thread;
  explicit HttpServer(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace firesweep
