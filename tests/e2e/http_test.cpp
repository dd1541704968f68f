// A coordinator's pages over HTTP: what they say while a sweep runs, and what clients cannot do to
// it.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <vector>

#include "tests/coordinator/web/http_client.h"
#include "tests/e2e/own_folder.h"

namespace firesweep::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kTrials = 40;

class Http : public OwnFolder {
 protected:
  Process serve(const std::string& http = "0") {
    return Process(
        "firesweep",
        {"serve", "--db", database_.string(), "--listen", "tcp://127.0.0.1:*", "--http", http},
        folder_.path());
  }
  Process worker(const std::string& endpoint) {
    return Process("firesweep-worker", {"--coordinator", endpoint, "--slots", "2"}, folder_.path());
  }
  void submit(const std::string& endpoint, double seconds) {
    const Finished submitted =
        firesweep({"submit", sweep(kTrials, 1, seconds), "--coordinator", endpoint});
    ASSERT_EQ(submitted.code, 0) << submitted.err;
  }
  // "http://127.0.0.1:PORT", as the program says it.
  static std::string url_of(Process& program) {
    EXPECT_TRUE(program.says("/metrics")) << program.err();
    const std::string out = program.out();
    std::smatch found;
    EXPECT_TRUE(std::regex_search(out, found, std::regex("(http://[^/ ]+)/metrics"))) << out;
    return found.str(1);
  }
  static std::string page(const std::string& url, const std::string& path) {
    return HttpClient::ask(url, get(path));
  }
  static bool metrics_say(const std::string& url, const std::string& line) {
    return page(url, "/metrics").find("\n" + line + "\n") != std::string::npos;
  }
};

TEST_F(Http, MetricsFollowASweep) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  const std::string url = url_of(coordinator);
  submit(endpoint, 0.1);
  EXPECT_TRUE(eventually([&] { return metrics_say(url, "firesweep_waiting_trials 40"); }));
  Process supervisor = worker(endpoint);
  EXPECT_TRUE(
      eventually([&] { return metrics_say(url, "firesweep_workers{state=\"training\"} 2"); }));
  EXPECT_THAT(page(url, "/metrics"), HasSubstr("/0\",device=\"cpu\"} "));
  EXPECT_TRUE(
      eventually([&] { return metrics_say(url, "firesweep_trials{state=\"COMPLETE\"} 40"); }));
  for (const char* line :
       {"firesweep_sweeps{state=\"FINISHED\"} 1", "firesweep_waiting_trials 0",
        "firesweep_attempts_ended_total{outcome=\"FINISHED\"} 40", "firesweep_epochs_total 40",
        "firesweep_attempts_ended_total{outcome=\"LOST\"} 0", "firesweep_database_writable 1",
        "firesweep_reports_total 120"}) {
    EXPECT_TRUE(metrics_say(url, line)) << line << "\n" << page(url, "/metrics");
  }
}

TEST_F(Http, ADatabaseThatCannotBeWrittenIsHealthyAndNotReady) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  const std::string url = url_of(coordinator);
  EXPECT_THAT(page(url, "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(page(url, "/readyz"), StartsWith("HTTP/1.1 200 "));
  SQLite::Database other(database_.string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  Process supervisor = worker(endpoint);  // whose coming is to be recorded
  EXPECT_TRUE(eventually([&] { return page(url, "/readyz").starts_with("HTTP/1.1 503 "); }));
  EXPECT_THAT(page(url, "/readyz"), HasSubstr("waiting: "));
  EXPECT_THAT(page(url, "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(metrics_say(url, "firesweep_database_writable 0"));
  other.exec("ROLLBACK");
  EXPECT_TRUE(eventually([&] { return page(url, "/readyz").starts_with("HTTP/1.1 200 "); }));
}

TEST_F(Http, AThousandSlowClientsDelayNothing) {
  allow_many_files();
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  const std::string url = url_of(coordinator);
  std::vector<HttpClient> slow;
  for (int i = 0; i < 1000; ++i) {
    slow.emplace_back(url);
    slow.back().say("GET /metrics HTTP/1.1\r\nX-Slow: " + std::string(i, 'x'));
  }
  submit(endpoint, 0);
  Process supervisor = worker(endpoint);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] {
    for (const HttpClient& client : slow) client.say("x");
    return metrics_say(url, "firesweep_trials{state=\"COMPLETE\"} 40");
  }));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_TRUE(coordinator.running());
}

TEST_F(Http, APortThatIsTakenOrNoneBeginsNothing) {
  Process first = serve();
  const std::string url = url_of(first);
  const std::string port = url.substr(url.rfind(':') + 1);
  const auto refused = [&](const std::string& http) {
    const std::string other = (folder_ / "other.db").string();
    const Finished tried =
        firesweep({"serve", "--db", other, "--listen", "tcp://127.0.0.1:*", "--http", http});
    EXPECT_EQ(tried.code, 2) << http << tried.out;
    EXPECT_THAT(tried.err, HasSubstr("--http " + http));
    EXPECT_FALSE(std::filesystem::exists(other)) << http;
  };
  refused(port);
  refused("nowhere");
  refused("127.0.0.1:99999");
}

TEST_F(Http, AnAddressForOthersIsAskedForAndSaid) {
  Process here = serve();
  EXPECT_THAT(url_of(here), StartsWith("http://127.0.0.1:"));
  EXPECT_EQ(here.out().find("anyone"), std::string::npos) << here.out();
  here.signal(SIGTERM);
  here.wait();
  Process open = serve("*:0");
  EXPECT_TRUE(open.says("(anyone who reaches this port can read them)")) << open.out();
}

TEST_F(Http, ARunHasThemToo) {
  Process run("firesweep",
              {"run", sweep(4, 4, 0.5), "--db", database_.string(), "--workers", "1", "--plain",
               "--http", "0"},
              folder_.path());
  const std::string url = url_of(run);
  EXPECT_THAT(page(url, "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(
      eventually([&] { return metrics_say(url, "firesweep_trials{state=\"RUNNING\"} 1"); }));
  EXPECT_EQ(run.wait(), 0) << run.err();
}

}  // namespace
}  // namespace firesweep::e2e
