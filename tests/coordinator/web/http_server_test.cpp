#include "coordinator/web/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/coordinator/web/http_client.h"

namespace firesweep {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Client = HttpClient;
using Clock = std::chrono::steady_clock;

class Server : public ::testing::Test {
 protected:
  void start(HttpLimits limits = {}) {
    HttpRoutes routes{{"/a", [] { return HttpResponse{.body = "the page\n"}; }},
                      {"/large", [] { return HttpResponse{.body = std::string(8'000'000, 'x')}; }},
                      {"/broken", []() -> HttpResponse { throw std::runtime_error("secret"); }}};
    auto server = HttpServer::start("0", std::move(routes), limits);
    ASSERT_TRUE(server) << server.error().what;
    server_ = std::move(*server);
  }
  std::string ask(const std::string& bytes) { return HttpClient::ask(server_->url(), bytes); }
  // Answers at once, whatever else goes on.
  void expect_prompt() {
    const auto begin = Clock::now();
    EXPECT_THAT(ask(get("/a")), HasSubstr("the page"));
    EXPECT_LT(Clock::now() - begin, milliseconds(2000));
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(Server, APathHasItsPage) {
  start();
  const std::string answer = ask(get("/a?x=1"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nthe page\n")) << answer;
}

TEST_F(Server, HeadHasNoBody) {
  start();
  const std::string answer = ask("HEAD /a HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(Server, AConnectionServesManyRequests) {
  start();
  const Client client(server_->url());
  for (int i = 0; i < 3; ++i) {
    client.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.hear("the page\n"), HasSubstr("the page\n"));
  }
}

TEST_F(Server, WhatItCannotAnswerIsSaid) {
  start();
  EXPECT_THAT(ask(get("/b")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(get("/b")), HasSubstr("expected one of: /a /broken /large\n"));
  EXPECT_THAT(ask("DELETE /a HTTP/1.1\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask("hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), StartsWith("HTTP/1.1 400 "));
  const std::string broken = ask(get("/broken"));
  EXPECT_THAT(broken, StartsWith("HTTP/1.1 500 "));
  EXPECT_EQ(broken.find("secret"), std::string::npos);
  expect_prompt();
}

TEST_F(Server, EveryByteMayBeWrong) {
  start();
  const std::string request = get("/a");
  for (std::size_t i = 0; i < request.size(); ++i) {
    std::string bytes = request;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x80);
    const Client client(server_->url());
    client.say(bytes);
    ::usleep(100);
  }
  expect_prompt();
}

TEST_F(Server, HugeHeadersAreRefused) {
  start();
  const Client client(server_->url());
  client.say("GET /a HTTP/1.1\r\nX: ");
  const std::string piece(65536, 'x');
  int pieces = 0;
  while (pieces < 1000 && client.say(piece)) ++pieces;
  EXPECT_LT(pieces, 1000) << "it reads 64 MB of a header";
  expect_prompt();
  const std::string answer = ask("GET /a HTTP/1.1\r\nX: " + std::string(9000, 'x'));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431 "));
}

TEST_F(Server, ARequestThatTricklesIsCutOff) {
  start({.request = milliseconds(300)});
  const Client client(server_->url());
  const auto begin = Clock::now();
  client.say("GET /a HTTP/1.1\r\n");
  while (!client.closed() && Clock::now() - begin < HttpClient::kPatience) {
    client.say("X");
    ::usleep(10'000);
  }
  EXPECT_LT(Clock::now() - begin, milliseconds(3000));
}

TEST_F(Server, AnAnswerThatNobodyTakesIsDropped) {
  start({.response = milliseconds(300)});
  const Client client(server_->url());
  client.say(get("/large"));
  expect_prompt();
  ::usleep(600'000);
  EXPECT_LT(client.hear_all().size(), 8'000'000u);
}

TEST_F(Server, AnIdleConnectionIsClosed) {
  start({.idle = milliseconds(200)});
  const Client client(server_->url());
  client.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  client.hear("the page\n");
  const auto begin = Clock::now();
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_LT(Clock::now() - begin, milliseconds(3000));
}

TEST_F(Server, AThousandSlowClientsKeepNobodyOut) {
  allow_many_files();
  start({.connections = 16, .request = milliseconds(60'000)});
  std::vector<Client> slow;
  for (int i = 0; i < 1000; ++i) {
    slow.emplace_back(server_->url());
    slow.back().say("GET /a HTTP/1.1\r\nX");
    if (i % 100 == 0) expect_prompt();
  }
  expect_prompt();
  const auto held =
      std::count_if(slow.begin(), slow.end(), [](const Client& c) { return !c.closed(); });
  EXPECT_LE(held, 16);
}

TEST_F(Server, AddressesAreCheckedAndPortsAreNotShared) {
  start();
  EXPECT_THAT(server_->url(), StartsWith("http://127.0.0.1:"));
  EXPECT_FALSE(server_->open_to_others());
  const std::string port = server_->url().substr(server_->url().rfind(':') + 1);
  const auto taken = HttpServer::start(port, {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kConflict);
  EXPECT_THAT(taken.error().where, HasSubstr("--http " + port));
  for (const char* wrong : {"", "x", "70000", "127.0.0.1", "127.0.0.1:", "http://x:1", "-1"}) {
    const auto refused = HttpServer::start(wrong, {});
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadInput) << wrong;
    EXPECT_THAT(refused.error().hint, HasSubstr("--http 5557")) << wrong;
  }
  const auto open = HttpServer::start("*:0", {});
  ASSERT_TRUE(open);
  EXPECT_TRUE((*open)->open_to_others());
}

}  // namespace
}  // namespace firesweep
