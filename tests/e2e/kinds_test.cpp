// Kinds of issue 13 that only whole programs show: removed databases, disks that are not local,
// wildcard addresses, workers of one name, terminals. Each test names its case.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/e2e/own_folder.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

class Kinds : public OwnFolder {
 protected:
  std::vector<std::string> databases() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.find(".db") != std::string::npos) found.push_back(name);
    }
    return found;
  }
};

// A coordinator with two workers of the same name.
struct Namesakes {
  explicit Namesakes(const fs::path& folder)
      : owner("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*"}, folder),
        endpoint(endpoint_of(owner)),
        words{"--coordinator", endpoint, "--name", "node", "--slots", "1"},
        one("firesweep-worker", words, folder),
        other("firesweep-worker", words, folder) {}

  Process owner;
  std::string endpoint;
  std::vector<std::string> words;
  Process one;
  Process other;
};

// x-database-removed-while-running: with nothing to write either.
TEST_F(Kinds, ARemovedDatabaseIsNoticedWithinSecondsAlsoByAnIdleOwner) {
  Process owner("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*"}, folder_.path());
  endpoint_of(owner);
  fs::remove(database_);
  EXPECT_EQ(owner.wait(std::chrono::seconds(5)), 1);
  EXPECT_NE(owner.err().find("is gone: it was moved or removed while it was in use"),
            std::string::npos)
      << owner.err();
  EXPECT_FALSE(fs::exists(database_));
}

TEST_F(Kinds, ARunWhoseResultsAreRemovedEndsWithAnError) {
  Process owner("firesweep", {"run", sweep(200, 2, 0.02)}, folder_.path());
  ASSERT_TRUE(
      eventually([&] { return ask(database_, "SELECT count(*) > 1 FROM results") == "1"; }));
  fs::remove(database_);
  EXPECT_EQ(owner.wait(std::chrono::seconds(20)), 1);
  EXPECT_NE(owner.err().find("moved or removed"), std::string::npos) << owner.err();
  EXPECT_EQ(owner.out().find("The results are in"), std::string::npos) << owner.out();
}

// x-refused-but-a-database-is-left.
TEST_F(Kinds, ADiskWithoutLocksOrSharedMemoryIsSaidToBeNoLocalOne) {
  sweep();
  const std::string remote =
      "LD_PRELOAD='" + (program_dir().parent_path() / "tests/lib/e2e_remote_disk.so").string() +
      "' ";
  for (const char* lacks : {"locks", "memory"}) {
    for (const char* verb :
         {"run s.json -q", "serve --listen tcp://127.0.0.1:*", "submit s.json"}) {
      const std::string line = "FIRESWEEP_DISK_LACKS=" + std::string(lacks) + " " + remote +
                               "timeout 20 firesweep " + verb + " > shown 2> said";
      EXPECT_EQ(shell(line), 2) << lacks << ": " << verb << ": " << text_of("said");
      EXPECT_TRUE(text_of("said").find("is not a local disk") != std::string::npos ||
                  text_of("said").find("is not on a local disk") != std::string::npos)
          << text_of("said");
      EXPECT_NE(text_of("said").find("keep the database on a local disk"), std::string::npos)
          << text_of("said");
      EXPECT_EQ(databases(), std::vector<std::string>{}) << lacks << ": " << verb;
    }
  }
  {
    Process killed("firesweep", {"run", sweep(200, 2, 0.02)}, folder_.path());
    ASSERT_TRUE(
        eventually([&] { return ask(database_, "SELECT count(*) > 1 FROM results") == "1"; }));
    killed.signal(SIGKILL);
    killed.wait();
  }
  for (const char* lacks : {"locks", "memory"}) {
    for (const char* verb : {"leaderboard", "check", "pause 1"}) {
      const std::string line = "FIRESWEEP_DISK_LACKS=" + std::string(lacks) + " " + remote +
                               "timeout 20 firesweep " + verb + " > shown 2> said";
      EXPECT_EQ(shell(line), 2) << lacks << ": " << verb << ": " << text_of("said");
      EXPECT_TRUE(text_of("said").find("is not a local disk") != std::string::npos ||
                  text_of("said").find("is not on a local disk") != std::string::npos)
          << lacks << ": " << verb << ": " << text_of("said");
    }
  }
  EXPECT_EQ(firesweep({"leaderboard"}).code, 0) << "nothing was harmed";
}

TEST_F(Kinds, ARefusedServeLeavesNoDatabase) {
  Process owner("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*", "--db", "other"},
                folder_.path());
  const std::string taken = endpoint_of(owner);
  for (const auto& words : {std::vector<std::string>{"serve", "--listen", taken},
                            {"serve", "--listen", "insecure-tcp://*:5555"},
                            {"serve", "--listen", "tcp://192.0.2.1:5555"},
                            {"serve", "--listen", "tcp://no-such-host.invalid:5555"}}) {
    const Finished refused = firesweep(words);
    EXPECT_EQ(refused.code, 2) << words[2] << ": " << refused.err;
    EXPECT_EQ(databases(), std::vector<std::string>{}) << words[2];
  }
}

// x-wildcard-address-is-printed.
TEST_F(Kinds, AnAddressThatOtherHostsCannotUseIsNotPrinted) {
  Process owner("firesweep", {"serve", "--listen", "tcp://*:*"}, folder_.path());
  ASSERT_TRUE(owner.says("firesweep-worker --coordinator tcp://"));
  const std::string lock = text_of("sweeps.db.lock");
  std::string port = lock.substr(lock.rfind(':'));
  port.erase(port.find_last_not_of('\n') + 1);
  const Finished status = firesweep({"status", "--coordinator", "tcp://127.0.0.1" + port});
  EXPECT_EQ(status.code, 0) << status.err;
  const std::string commands = owner.out().substr(owner.out().find("Next:"));
  for (const std::string& shown : {commands, status.out}) {
    EXPECT_EQ(shown.find("0.0.0.0"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("tcp://*"), std::string::npos) << shown;
  }
}

// rough-32-two-workers-of-one-name.
TEST_F(Kinds, TwoWorkersOfOneNameAreToldApart) {
  Namesakes hosts(folder_.path());
  const std::string& endpoint = hosts.endpoint;
  ASSERT_EQ(firesweep({"submit", sweep(40, 2, 0.05), "--coordinator", endpoint}).code, 0);
  EXPECT_TRUE(eventually([&] {
    const std::string shown = firesweep({"status", "--coordinator", endpoint}).out;
    const std::size_t first = shown.find("worker node/0 (pid ");
    return first != std::string::npos &&
           shown.find("worker node/0 (pid ", first + 1) != std::string::npos;
  })) << firesweep({"status", "--coordinator", endpoint}).out;
  EXPECT_TRUE(eventually([&] {
    const std::string shown = firesweep({"list", "1", "--coordinator", endpoint}).out;
    return shown.find("session") != std::string::npos;
  })) << firesweep({"list", "1", "--coordinator", endpoint}).out;
  EXPECT_EQ(ask(database_, "SELECT count(DISTINCT session) FROM attempts WHERE worker = 'node/0'"),
            "2");
}

// rough-32: failures are counted by name, so namesakes are quarantined and released together.
TEST_F(Kinds, QuarantinedNamesakesAreReleasedTogether) {
  Namesakes hosts(folder_.path());
  const std::string& endpoint = hosts.endpoint;
  const auto both_are = [&](const std::string& state) {
    const std::string shown = firesweep({"status", "--coordinator", endpoint}).out;
    const auto count = [&](const std::string& text) {
      int found = 0;
      for (auto at = shown.find(text); at != std::string::npos; at = shown.find(text, at + 1))
        ++found;
      return found;
    };
    return count("worker node/0 (pid ") == 2 && count("  " + state + "  ") == 2;
  };
  ASSERT_TRUE(eventually([&] { return both_are("idle"); }));
  const std::string file = write(folder_ / "s.json", R"({"name": "s", "method": "grid",
    "trainer": "simulated", "max_restarts": 0, "seeds": [1, 2, 3, 4], "parameters": {"epochs":
    {"value": 1}, "simulated_failure_rate": {"value": 1.0}}})");
  ASSERT_EQ(firesweep({"submit", file, "--coordinator", endpoint}).code, 0);
  ASSERT_TRUE(eventually([&] { return both_are("quarantined"); }))
      << firesweep({"status", "--coordinator", endpoint}).out;
  EXPECT_EQ(firesweep({"release", "node/0", "--coordinator", endpoint}).code, 0);
  EXPECT_TRUE(both_are("idle")) << firesweep({"status", "--coordinator", endpoint}).out;
  EXPECT_EQ(firesweep({"release", "node/0", "--coordinator", endpoint}).code, 2);
}

// rough-small-things: names sort as people count.
TEST_F(Kinds, WorkersAreListedAsPeopleCount) {
  Process owner("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*"}, folder_.path());
  const std::string endpoint = endpoint_of(owner);
  const auto status = [&] { return firesweep({"status", "--coordinator", endpoint}).out; };
  const auto worker = [&](const char* name) {
    return Process("firesweep-worker", {"--coordinator", endpoint, "--name", name, "--slots", "1"},
                   folder_.path());
  };
  const Process ten = worker("n10");
  ASSERT_TRUE(eventually([&] { return status().find("worker n10/0") != std::string::npos; }));
  const Process two = worker("n2");
  ASSERT_TRUE(eventually([&] { return status().find("worker n2/0") != std::string::npos; }));
  const std::string shown = status();
  EXPECT_LT(shown.find("worker n2/0"), shown.find("worker n10/0")) << shown;
}

// rough-small-things: whoever looks at a worker that waits sees what for.
TEST_F(Kinds, AWorkerSaysThatItsCoordinatorIsAbsent) {
  Process worker("firesweep-worker", {"--coordinator", "tcp://127.0.0.1:1", "--slots", "1"},
                 folder_.path());
  EXPECT_TRUE(eventually(
      [&] {
        return worker.err().find("event=waiting_for_coordinator address=tcp://127.0.0.1:1") !=
               std::string::npos;
      },
      std::chrono::seconds(30)))
      << worker.err();
}

// rough-small-things: nothing moves where no coordinator is.
TEST_F(Kinds, ASweepThatNobodyRunsIsNotSaidToRun) {
  ASSERT_EQ(firesweep({"submit", sweep()}).code, 0);
  const Finished list = firesweep({"list"});
  EXPECT_NE(list.out.find("RUNNING, no coordinator"), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("No coordinator owns the database now"), std::string::npos) << list.out;
  EXPECT_NE(firesweep({"list", "-f", "csv"}).out.find(",RUNNING,"), std::string::npos)
      << "a machine reads the stored state";
  ASSERT_EQ(firesweep({"pause", "1"}).code, 0);
  const Finished resumed = firesweep({"resume", "1"});
  EXPECT_NE(resumed.out.find("no coordinator runs it now; to continue: "), std::string::npos)
      << resumed.out;
}

TEST_F(Kinds, ADumbTerminalGetsAsciiBars) {
  Process owner("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*"}, folder_.path());
  const std::string endpoint = endpoint_of(owner);
  ASSERT_EQ(firesweep({"submit", sweep(), "--coordinator", endpoint}).code, 0);
  for (const char* plain : {"TERM=dumb", "LC_ALL=C"}) {
    ASSERT_EQ(
        shell(std::string(plain) + " firesweep status --coordinator " + endpoint + " > shown"), 0);
    EXPECT_NE(text_of("shown").find("[--------------------] 0/2"), std::string::npos)
        << plain << ": " << text_of("shown");
  }
}

// 35-points-table-without-interval.
TEST_F(Kinds, ATableOfPointsShowsTheIntervalOfItsMeans) {
  const std::string file = write(folder_ / "s.json", R"({"name": "s", "method": "grid",
    "trainer": "simulated", "seeds": [1, 2, 3], "parameters": {"epochs": {"value": 1},
    "lr": {"values": [0.001, 0.003]}}})");
  ASSERT_EQ(firesweep({"run", file, "-q"}).code, 0);
  const Finished points = firesweep({"leaderboard", "--points"});
  for (const char* shown : {"± sd", "95 % from", "Intervals: 95 %, Student's t"})
    EXPECT_NE(points.out.find(shown), std::string::npos) << shown << " in\n" << points.out;
}

// Kind 5: a random sweep of finitely many points.
TEST_F(Kinds, PreviewSaysHowManyRandomPointsThereAre) {
  const std::string file = write(folder_ / "s.json", R"({"name": "s", "method": "random",
    "run_cap": 20, "trainer": "simulated", "parameters": {"epochs": {"value": 1},
    "lr": {"values": [0.001, 0.003, 0.01]}, "label_smoothing": {"values": [0, 0.1]}}})");
  const Finished preview = firesweep({"preview", file});
  EXPECT_NE(preview.out.find("s: 6 trials"), std::string::npos) << preview.out;
  EXPECT_NE(preview.out.find("random points: 6 of 6 possible, none twice; run_cap 20 is "
                             "not reached"),
            std::string::npos)
      << preview.out;
  ASSERT_EQ(firesweep({"run", file, "-q"}).code, 0);
  EXPECT_EQ(ask(database_, "SELECT count(*) || ' ' || count(DISTINCT config_hash) FROM configs"),
            "6 6");
}

TEST_F(Kinds, ReferencesAreRefusedBeforeAnythingIsDrawn) {
  ASSERT_EQ(firesweep({"run", sweep(), "-q"}).code, 0);
  EXPECT_EQ(firesweep({"pareto", "--references", "none"}).code, 2) << "they belong to the picture";
  const Finished missing = firesweep({"pareto", "-f", "svg", "--references", "nosuch.json"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_NE(missing.err.find("auto, all, none or a file"), std::string::npos) << missing.err;
  const std::string wrong = write(folder_ / "mine.json", R"({"format": 1, "dataset": "cifar100",
    "sources": [{"source": "ours", "points": [{"name": "a", "params": 1, "accuracy": 70}]}]})");
  const Finished refused = firesweep({"pareto", "-f", "svg", "--references", wrong});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("mine.json: /sources/0/points/0/accuracy"), std::string::npos)
      << refused.err;
  EXPECT_EQ(firesweep({"pareto", "-f", "svg"}).out.find("weiaicunzai"), std::string::npos)
      << "simulated";
  EXPECT_NE(firesweep({"pareto", "-f", "svg", "--references", "all"}).out.find("weiaicunzai"),
            std::string::npos);
}

}  // namespace
}  // namespace firesweep::e2e
