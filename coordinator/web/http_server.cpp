#include "coordinator/web/http_server.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>
#include <list>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "shared/transport/address.h"
#include "shared/transport/reachable.h"

namespace firesweep {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;
using net::ip::tcp;
using Response = http::response<http::string_body>;

constexpr const char* kExample = "for example --http 5557 or --http 192.0.2.1:5557";
constexpr std::chrono::milliseconds kAcceptPause{100};  // after a failure, such as too many files
constexpr int kNiceness = 10;                           // the coordinator's loop goes first

// What answers a request, whoever sends it.
class Answers {
 public:
  explicit Answers(HttpRoutes routes) : routes_(std::move(routes)) {}

  Response to(const http::request<http::empty_body>& request) const {
    HttpResponse answer = answer_of(request);
    Response response{static_cast<http::status>(answer.status), request.version()};
    response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (answer.status == 405) response.set(http::field::allow, "GET, HEAD");
    response.content_length(answer.body.size());
    if (request.method() != http::verb::head) response.body() = std::move(answer.body);
    response.keep_alive(request.keep_alive());
    return response;
  }

  // Of bytes that are no request.
  static Response to(const error_code& broken) {
    const bool large =
        broken == http::error::header_limit || broken == http::error::buffer_overflow;
    Response response{
        large ? http::status::request_header_fields_too_large : http::status::bad_request, 11};
    response.set(http::field::content_type, HttpResponse{}.content_type);
    response.body() = broken.message() + "\n";
    response.keep_alive(false);
    response.prepare_payload();
    return response;
  }

 private:
  HttpResponse answer_of(const http::request<http::empty_body>& request) const {
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return {405, {}, "expected GET or HEAD\n"};
    }
    const std::string_view target(request.target().data(), request.target().size());
    const auto route = routes_.find(target.substr(0, target.find('?')));
    if (route == routes_.end()) {
      std::string paths;
      for (const auto& [path, answer] : routes_) paths += " " + path;
      return {404, HttpResponse{}.content_type, "no such page, expected one of:" + paths + "\n"};
    }
    try {
      return route->second();
    } catch (const std::exception& failure) {
      spdlog::error("event=http_failure path={} what=\"{}\"", route->first, failure.what());
      return {500, HttpResponse{}.content_type, "the answer could not be made\n"};
    }
  }

  HttpRoutes routes_;
};

class Connection;

// Those that are open, the one that was idle for longest first.
using Connections = std::list<std::shared_ptr<Connection>>;

// One client. Each handler keeps it alive; it is listed until it is closed.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const HttpLimits& limits, const Answers& answers,
             Connections& listed)
      : stream_(std::move(socket)),
        limits_(limits),
        answers_(answers),
        buffer_(limits.header_bytes + 1),
        listed_(listed) {}

  void begin() {
    place_ = listed_.insert(listed_.end(), shared_from_this());
    read(limits_.request);
  }
  void close() {
    const auto place = std::exchange(place_, std::nullopt);
    if (!place) return;
    stream_.close();
    const auto self = shared_from_this();
    listed_.erase(*place);
  }

 private:
  // The stream closes itself when the time is over, however many bytes came.
  void read(std::chrono::milliseconds longest) {
    auto& parser = parser_.emplace();
    parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    stream_.expires_after(longest);
    http::async_read(
        stream_, buffer_, parser,
        [self = shared_from_this()](error_code failure, std::size_t) { self->received(failure); });
  }

  void received(const error_code& failure) {
    if (!place_ || !parser_) return;
    if (!failure) {
      response_ = answers_.to(parser_->get());
    } else if (failure != http::error::end_of_stream && failure != http::error::partial_message &&
               failure.category() == http::make_error_code(http::error::bad_method).category()) {
      response_ = Answers::to(failure);
    } else {
      return close();
    }
    stream_.expires_after(limits_.response);
    http::async_write(
        stream_, response_,
        [self = shared_from_this()](error_code broken, std::size_t) { self->sent(broken); });
  }

  void sent(const error_code& failure) {
    if (!place_) return;
    if (failure || !response_.keep_alive()) {
      error_code broken;
      [[maybe_unused]] const error_code ignored =
          stream_.socket().shutdown(tcp::socket::shutdown_send, broken);
      return close();
    }
    listed_.splice(listed_.end(), listed_, *place_);
    read(limits_.idle);
  }

  boost::beast::tcp_stream stream_;
  const HttpLimits& limits_;
  const Answers& answers_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
  Connections& listed_;
  std::optional<Connections::iterator> place_;
};

Result<Address> parse_http_address(const std::string& listen) {
  const bool port_alone = listen.find(':') == std::string::npos;
  auto address = parse_address((port_alone ? "tcp://127.0.0.1:" : "tcp://") + listen, true);
  if (!address)
    return fail(ErrorCode::kBadInput, "--http " + listen, address.error().what, kExample);
  return address;
}

}  // namespace

class HttpServer::Thread {
 public:
  Thread(HttpRoutes routes, const HttpLimits& limits)
      : limits_(limits), answers_(std::move(routes)) {}

  ~Thread() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> bind(const std::string& listen) {
    const auto address = parse_http_address(listen);
    if (!address) return tl::unexpected(address.error());
    try {
      acceptor_ = tcp::acceptor(io_, place_of(*address, listen));
    } catch (const boost::system::system_error& failure) {
      const bool taken = failure.code() == net::error::address_in_use;
      return fail(taken ? ErrorCode::kConflict : ErrorCode::kBadInput, "--http " + listen,
                  failure.code().message(),
                  taken ? "another process has this port; take another" : kExample);
    }
    const std::string host = address->ipv6 ? "[" + address->host + "]" : address->host;
    const std::string bound =
        "tcp://" + host + ":" + std::to_string(acceptor_.local_endpoint().port());
    url_ = "http" + ways_to(bound).front().substr(std::string_view("tcp").size());
    open_to_others_ = !address->local();
    return {};
  }

  void begin() {
    accept();
    thread_ = std::thread([this] {
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
      work();
    });
  }

  const std::string& url() const { return url_; }
  bool open_to_others() const { return open_to_others_; }

 private:
  // A handler that throws (memory is short) costs its own connection.
  void work() {
    while (!io_.stopped()) {
      try {
        io_.run();
      } catch (const std::exception& failure) {
        spdlog::error("event=http_failure what=\"{}\"", failure.what());
      }
    }
  }

  // Throws system_error.
  tcp::endpoint place_of(const Address& address, const std::string& listen) {
    const std::string port = address.free_port ? "0" : listen.substr(listen.rfind(':') + 1);
    if (address.host == "*") return {tcp::v4(), static_cast<std::uint16_t>(std::stoi(port))};
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(address.host, port,
                                        tcp::resolver::passive | tcp::resolver::numeric_service);
    return found.begin()->endpoint();
  }

  void accept() {
    acceptor_.async_accept([this](error_code failure, tcp::socket socket) {
      if (failure) {
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](error_code) { accept(); });
        return;
      }
      if (connections_.size() >= limits_.connections) {
        const std::shared_ptr<Connection> oldest = connections_.front();
        oldest->close();
      }
      accept();
      std::make_shared<Connection>(std::move(socket), limits_, answers_, connections_)->begin();
    });
  }

  const HttpLimits limits_;
  const Answers answers_;
  net::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  net::steady_timer pause_{io_};
  Connections connections_;
  std::string url_;
  bool open_to_others_ = false;
  std::thread thread_;  // last: it uses everything above
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& listen, HttpRoutes routes,
                                                      const HttpLimits& limits) {
  auto thread = std::make_unique<Thread>(std::move(routes), limits);
  const auto bound = thread->bind(listen);
  if (!bound) return tl::unexpected(bound.error());
  thread->begin();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(thread)));
}

HttpServer::HttpServer(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
HttpServer::~HttpServer() = default;
const std::string& HttpServer::url() const { return thread_->url(); }
bool HttpServer::open_to_others() const { return thread_->open_to_others(); }

}  // namespace firesweep
