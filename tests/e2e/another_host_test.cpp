// Keys between two network namespaces, as between hosts.
#include "tests/e2e/another_host.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <sstream>
#include <thread>

#include "shared/transport/key_files.h"
#include "tests/e2e/another_user.h"
#include "tests/e2e/own_folder.h"
#include "tests/e2e/strangers.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

class TwoHosts : public OwnFolder {
 protected:
  void SetUp() override {
    if (const auto why = other_.make()) GTEST_SKIP() << *why;
    coordinator_.emplace(
        "firesweep",
        std::vector<std::string>{"serve", "--listen", "tcp://" + other_.here() + ":*",
                                 "--heartbeat", "0.2", "--lease", "1"},
        folder_.path());
    endpoint_ = endpoint_of(*coordinator_);
  }
  std::string invite(const std::string& role) {
    const Finished invited =
        firesweep({"keys", "invite", "--role", role, "--coordinator", endpoint_});
    EXPECT_EQ(invited.code, 0) << invited.err;
    return invited.out.substr(0, invited.out.find('\n'));
  }
  // Pastes a line into a shell there.
  Process paste(const std::string& line) {
    const AnotherUser user(folder_ / "there");
    const std::string path = "PATH='" + program_dir().string() + "':$PATH ";
    return Process("/sbin/ip", other_.words_to_run("env " + path + line), folder_.path());
  }
  bool becomes(const std::string& sql, const std::string& value) {
    return eventually([&] { return ask(database_, sql) == value; });
  }

  AnotherHost other_;
  std::optional<Process> coordinator_;
  std::string endpoint_;
};

TEST_F(TwoHosts, StrangersFromAnotherHostGetNothing) {
  const auto before = [&] {
    return firesweep({"list", "-f", "json"}).out + ask(database_, "SELECT count(*) FROM workers");
  };
  ASSERT_EQ(firesweep({"submit", sweep(2)}).code, 0);
  const std::string state = before();
  const PublicKey coordinator =
      read_or_make_key(fs::path(config_home()) / "firesweep" / kCoordinatorKeyFile)->public_key;
  other_.there([&] {
    EXPECT_EQ(says_everything("insecure-" + endpoint_, std::nullopt), std::nullopt);
    EXPECT_EQ(says_everything(endpoint_, CallerKeys{make_key_pair(), coordinator}), std::nullopt);
    EXPECT_EQ(says_everything(endpoint_, CallerKeys{make_key_pair(), make_key_pair().public_key}),
              std::nullopt);
    RawConnection raw(endpoint_);
    raw.say("GET / HTTP/1.1\r\n\r\n");
    EXPECT_LE(raw.hear().size(), 64U);
  });
  EXPECT_EQ(before(), state);
}

TEST_F(TwoHosts, AWorkerThereJoinsByThePastedLineAndTrains) {
  ASSERT_EQ(firesweep({"submit", sweep(3, 2, 0.05)}).code, 0);
  Process worker =
      paste(invite("worker") + " --slots 1 --checkpoint-dir '" + (folder_ / "disk").string() + "'");
  EXPECT_TRUE(becomes("SELECT state FROM sweeps", "FINISHED")) << worker.err();
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM results"), "3");
}

TEST_F(TwoHosts, AClientThereSubmitsAndLooks) {
  Process joined = paste(invite("client"));
  ASSERT_EQ(joined.wait(), 0) << joined.err();
  Process submitted = paste("firesweep submit '" + sweep(2) + "' --coordinator " + endpoint_);
  EXPECT_EQ(submitted.wait(), 0) << submitted.err();
  Process status = paste("firesweep status --coordinator " + endpoint_);
  EXPECT_EQ(status.wait(), 0) << status.err();
  EXPECT_NE(status.out().find("sweep 1"), std::string::npos) << status.out();
}

// The cable is out for longer than a lease, then in again.
TEST_F(TwoHosts, APartitionLosesAndRepeatsNothing) {
  ASSERT_EQ(firesweep({"submit", sweep(3, 40, 0.05)}).code, 0);
  Process worker =
      paste(invite("worker") + " --slots 1 --checkpoint-dir '" + (folder_ / "disk").string() + "'");
  ASSERT_TRUE(becomes("SELECT count(*) > 2 FROM epochs", "1")) << worker.err();
  other_.pull();
  EXPECT_TRUE(becomes("SELECT count(*) FROM attempts WHERE ended = 'LOST'", "1"));
  other_.plug();
  EXPECT_TRUE(becomes("SELECT state FROM sweeps", "FINISHED")) << worker.err();
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM results"), "3");
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'"), "3");
}

}  // namespace
}  // namespace firesweep::e2e
