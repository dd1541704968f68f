// Every mistake gets one clear message and exit code 2, and leaves nothing behind.
#include <SQLiteCpp/SQLiteCpp.h>
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

class BadInput : public ::testing::Test {
 protected:
  // Runs, expects exit code 2, every part in the message and no database.
  void refused(std::vector<std::string> words, const std::vector<std::string>& parts) {
    const std::string verb = words[0];
    const Finished ran = run("firesweep", std::move(words), folder_.path());
    EXPECT_EQ(ran.code, 2) << ran.out << ran.err;
    for (const std::string& part : parts) {
      EXPECT_NE(ran.err.find(part), std::string::npos)
          << "\"" << part << "\" missing in: " << ran.err;
    }
    EXPECT_LE(std::count(ran.err.begin(), ran.err.end(), '\n'), 3) << "one message: " << ran.err;
  }
  void sweep_refused(const std::string& text, const std::vector<std::string>& parts) {
    refused({"run", write(folder_ / "s.json", text)}, parts);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "sweeps.db")) << "nothing half-written";
  }
  std::string sweep(const std::string& parameters, const std::string& more = "") {
    return R"({"name": "x", "method": "grid", "trainer": "simulated", "metric": {"name": "val_accuracy",
 "goal": "maximize"}, )" +
           more + R"("parameters": {)" + parameters + "}}";
  }

  TempFolder folder_;
};

TEST_F(BadInput, UnknownKey) {
  sweep_refused(sweep(R"("variant": {"value": "v3"}, "label_smothing": {"value": 0.1})"),
                {"s.json", "/parameters", "label_smothing", "did you mean \"label_smoothing\"?"});
}

TEST_F(BadInput, WrongType) {
  sweep_refused(sweep(R"("variant": {"value": "v3"}, "lr": {"values": [0.001, "fast"]})"),
                {"/parameters/lr/values/1", "\"fast\"", "number"});
}

TEST_F(BadInput, OutOfRange) {
  sweep_refused(sweep(R"("variant": {"value": "v3"}, "label_smoothing": {"value": 1.5})"),
                {"/parameters/label_smoothing/value", "1.5", "expected"});
}

TEST_F(BadInput, EmptyList) {
  sweep_refused(sweep(R"("variant": {"values": []})"), {"/parameters/variant/values", "empty"});
}

TEST_F(BadInput, UnknownVariant) {
  sweep_refused(sweep(R"("variant": {"values": ["v3", "v33"]})"), {"v33", "v3"});
}

TEST_F(BadInput, NotJson) {
  sweep_refused("{\"name\": \"x\",\n  \"method\" \"grid\"}", {"s.json:2:"});
}

TEST_F(BadInput, ExpandsToNothing) {
  sweep_refused(sweep(R"("variant": {"value": "v3"})", R"("constraints": ["params < 10"], )"),
                {"params < 10"});
}

TEST_F(BadInput, MissingSweepFile) {
  refused({"run", "nowhere.json"}, {"nowhere.json", "No such file"});
}

TEST_F(BadInput, MissingDataFolder) {
  refused(
      {"run", write(folder_ / "s.json", R"({"name": "x", "method": "grid", "dataset": "cifar100",
             "metric": {"name": "val_accuracy", "goal": "maximize"}, "parameters": {"variant": {"value": "v3"}}})"),
       "--yes", "--data-dir", (folder_ / "no-data").string()},
      {"no-data"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "sweeps.db"));
}

TEST_F(BadInput, UnwritablePath) {
  refused({"run", write(folder_ / "s.json", sweep(R"("variant": {"value": "v3"})")), "--db",
           "/proc/nowhere/s.db"},
          {"/proc/nowhere/s.db"});
}

TEST_F(BadInput, NewerDatabase) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("x", 1, 1, 0));
  ASSERT_EQ(run("firesweep", {"run", file}, folder_.path()).code, 0);
  {
    SQLite::Database db((folder_ / "sweeps.db").string(), SQLite::OPEN_READWRITE);
    db.exec("PRAGMA user_version = 9999");
  }
  refused({"run", file}, {"sweeps.db", "9999"});
  refused({"leaderboard"}, {"sweeps.db", "9999"});
}

TEST_F(BadInput, FileThatIsNoDatabase) {
  write(folder_ / "sweeps.db", std::string(5000, 'x'));
  refused({"run", write(folder_ / "s.json", simulated_sweep("x", 1, 1, 0))}, {"sweeps.db"});
}

TEST_F(BadInput, PortInUse) {
  Process first("firesweep", {"serve", "--db", "a.db", "--listen", "tcp://127.0.0.1:*"},
                folder_.path());
  const std::string endpoint = endpoint_of(first);
  refused({"serve", "--db", "b.db", "--listen", endpoint}, {endpoint, "in use"});
}

TEST_F(BadInput, AnIpcPathThatOthersCanEnter) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  refused({"serve", "--listen", "ipc://" + (folder_ / "s").string()}, {"0700", "mkdir -m 700"});
}

TEST_F(BadInput, UnknownVerbAndOption) {
  refused({"leaderbord"}, {"did you mean \"leaderboard\"?"});
  refused({"leaderboard", "--formt", "csv"}, {"--formt", "did you mean \"--format\"?"});
  refused({"leaderboard", "--format", "xml"}, {"xml", "table, csv, json"});
}

// Bytes that are no ZeroMQ, and well-formed frames that are no message.
TEST_F(BadInput, GarbageOnThePortChangesNothing) {
  Process serve("firesweep", {"serve", "--db", "a.db", "--listen", "tcp://127.0.0.1:*"},
                folder_.path());
  const std::string endpoint = endpoint_of(serve);
  const int port = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  for (int i = 0; i < 20; ++i) {
    const int raw = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(raw, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::string garbage(2048, '\0');
    for (std::size_t k = 0; k < garbage.size(); ++k)
      garbage[k] = static_cast<char>((k * 2654435761u + i) >> 5);
    ASSERT_GT(::send(raw, garbage.data(), garbage.size(), MSG_NOSIGNAL), 0);
    ::close(raw);
  }
  const Finished status =
      run("firesweep", {"status", "--coordinator", endpoint, "-f", "json"}, folder_.path());
  EXPECT_EQ(status.code, 0) << status.err;
  EXPECT_TRUE(serve.running());
}

}  // namespace
}  // namespace firesweep::e2e
