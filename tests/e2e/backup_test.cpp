// A backup is put back while workers of the lost database are alive: they are told, and the sweep
// completes.
#include <gtest/gtest.h>
#include <signal.h>

#include <optional>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

constexpr int kTrials = 40;

class BackupDrill : public ::testing::Test {
 protected:
  Process serve(const std::string& listen = "tcp://127.0.0.1:*") {
    return Process("firesweep",
                   {"serve", "--db", database_.string(), "--listen", listen, "--lease", "4",
                    "--heartbeat", "0.5", "--log-file", (folder_ / "serve.log").string()},
                   folder_.path());
  }
  Process worker(const std::string& endpoint) {
    return Process(
        "firesweep-worker",
        {"--coordinator", endpoint, "--slots", "2", "--name", name_, "--checkpoint-dir",
         (folder_ / "checkpoints").string(), "--log-file", (folder_ / "worker.log").string()},
        folder_.path());
  }
  std::int64_t number(const std::string& sql) {
    const std::string text = ask(database_, sql);
    return text.empty() ? -1 : std::stoll(text);
  }
  bool complete_trials_reach(std::int64_t count) {
    return eventually([&] { return number("SELECT count(*) FROM results") >= count; });
  }
  Finished firesweep(std::vector<std::string> words) {
    return run("firesweep", std::move(words), folder_.path());
  }

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "sweeps.db";
  std::string backup_ = (folder_ / "backup.db").string();
  std::string name_ = folder_.path().filename().string();
};

TEST_F(BackupDrill, RestoredUnderLiveWorkersTheSweepCompletesEachTrialOnce) {
  std::string endpoint;
  std::optional<Process> workers;
  {
    Process first = serve(lasting_address());
    endpoint = endpoint_of(first);
    const std::string file =
        write(folder_ / "sweep.json", simulated_sweep("drill", kTrials, 4, 0.05));
    ASSERT_EQ(firesweep({"submit", file, "--coordinator", endpoint}).code, 0);
    workers.emplace(worker(endpoint));
    ASSERT_TRUE(complete_trials_reach(5));

    const Finished made = firesweep({"backup", backup_, "--db", database_.string()});
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(firesweep({"backup", backup_, "--db", database_.string()}).code, 2) << "it exists";
    ASSERT_TRUE(complete_trials_reach(12));

    const Finished owned = firesweep({"restore", backup_, "--db", database_.string(), "--force"});
    EXPECT_EQ(owned.code, 2);
    EXPECT_NE(owned.err.find(std::to_string(first.pid())), std::string::npos) << owned.err;
    first.signal(SIGKILL);
    first.wait();
  }
  const std::int64_t lost = number("SELECT count(*) FROM results");
  EXPECT_EQ(firesweep({"restore", backup_, "--db", database_.string()}).code, 2) << "it exists";
  const Finished restored = firesweep({"restore", backup_, "--db", database_.string(), "--force"});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_NE(restored.out.find("generation 2"), std::string::npos) << restored.out;
  EXPECT_LT(number("SELECT count(*) FROM results"), lost);

  Process second = serve(endpoint);
  ASSERT_EQ(endpoint_of(second), endpoint);
  EXPECT_TRUE(eventually([&] { return ask(database_, "SELECT state FROM sweeps") == "FINISHED"; }));
  EXPECT_EQ(number("SELECT count(*) FROM results"), kTrials);
  EXPECT_EQ(number("SELECT count(*) FROM trials WHERE state = 'COMPLETE'"), kTrials);
  EXPECT_EQ(number("SELECT count(*) FROM superseded_results"), 0);
  EXPECT_EQ(number("SELECT max(number) FROM generations"), 2);
  EXPECT_EQ(ask(database_, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(firesweep({"check", database_.string()}).code, 0);
  EXPECT_TRUE(workers->running()) << "they were told, and stayed";
  EXPECT_EQ(firesweep({"check", (folder_ / "sweeps.db.replaced").string()}).code, 0);
}

TEST_F(BackupDrill, ABackupCopiedBackByHandIsNoticed) {
  {
    Process first = serve();
    const std::string endpoint = endpoint_of(first);
    const std::string file = write(folder_ / "sweep.json", simulated_sweep("by-hand", 2, 1, 0.01));
    ASSERT_EQ(firesweep({"submit", file, "--coordinator", endpoint}).code, 0);
    ASSERT_EQ(firesweep({"backup", backup_, "--db", database_.string()}).code, 0);
    first.signal(SIGKILL);
    first.wait();
  }
  for (const char* suffix : {"-wal", "-shm"}) {
    std::filesystem::remove(database_.string() + suffix);
  }
  std::filesystem::copy_file(backup_, database_, std::filesystem::copy_options::overwrite_existing);
  Process second = serve();
  endpoint_of(second);
  EXPECT_EQ(number("SELECT max(number) FROM generations"), 2);
}

}  // namespace
}  // namespace firesweep::e2e
