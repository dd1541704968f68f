// What people run into: full disks, hands in the files, closed streams, names, signals. Each test
// names the kind.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "tests/e2e/own_folder.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

class People : public OwnFolder {
 protected:
  bool is_empty_but(const std::string& name) {
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string found = entry.path().filename().string();
      if (found != name && found.starts_with("out-") + found.starts_with("err-") == 0 &&
          found.find(".db") != std::string::npos) {
        ADD_FAILURE() << found << " was left";
        return false;
      }
    }
    return true;
  }
};

TEST_F(People, ANameFromAFileNameObeysTheRuleBeforeAnythingIsWritten) {
  const std::string file = write(
      folder_ / (std::string(101, 'n') + ".json"),
      R"({"method": "grid", "trainer": "simulated", "parameters": {"epochs": {"value": 1}}})");
  const Finished refused = firesweep({"run", file});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("found 101 characters, expected 1 to 100"), std::string::npos)
      << refused.err;
  EXPECT_FALSE(fs::exists(database_));
}

TEST_F(People, OutputThatCannotBeWrittenIsNoSuccess) {
  ASSERT_EQ(firesweep({"run", sweep(), "-q"}).code, 0);
  for (const char* verb : {"leaderboard -f csv", "list", "curves 1", "pareto -f svg", "--help",
                           "explain", "leaderboard --help", "wait 1", "preview s.json"}) {
    EXPECT_EQ(shell(std::string("firesweep ") + verb + " > /dev/full 2> said"), 1) << verb;
    EXPECT_NE(text_of("said").find("standard output: "), std::string::npos) << text_of("said");
    EXPECT_EQ(shell(std::string("firesweep ") + verb + " >&- 2> said"), 1) << verb;
  }
  EXPECT_EQ(shell("firesweep-worker --help > /dev/full 2> said"), 1);
}

// With its streams closed, the first file a program opens would be its standard output.
TEST_F(People, ADatabaseNeverReceivesWhatIsPrinted) {
  const std::string file = sweep();
  shell("firesweep run s.json -y <&- >&- 2>&-");
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM results"), "2");
  EXPECT_EQ(ask(database_, "PRAGMA integrity_check"), "ok");
}

TEST_F(People, ASweepWithoutOneSuccessEndsWithThreeAndNamesWhatFailed) {
  const std::string file = write(folder_ / "s.json", R"({"name": "s", "method": "grid",
    "trainer": "simulated", "max_restarts": 0, "seeds": [1, 2], "parameters": {"epochs":
    {"value": 1}, "simulated_failure_rate": {"value": 1.0}}})");
  for (const auto& words :
       {std::vector<std::string>{"run", file, "-q"}, {"run", file, "-q"}, {"wait", "1"}}) {
    const Finished ended = firesweep(words);
    EXPECT_EQ(ended.code, 3);
    EXPECT_NE(ended.out.find("2 of 2 trials failed"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("2 ERROR, e.g. trial 1/0: simulated failure"), std::string::npos);
    EXPECT_NE(ended.out.find("firesweep retry 1 --failed"), std::string::npos) << ended.out;
  }
}

TEST_F(People, RefusedMeansNothingHappened) {
  const std::string file = sweep();
  const std::vector<std::vector<std::string>> kRefused = {
      {"run", file, "--device", "banana"},
      {"run", file, "--threads", "0"},
      {"run", file, "--log-level", "x"},
      {"pause", "1"},
      {"resume", "1"},
      {"stop", "1"},
      {"cancel", "1"},
      {"retry", "1", "--failed"},
      {"release", "a/0"},
      {"extend", "1", file},
      {"serve", "--listen", "tcp://127.0.0.1:99999"},
      {"serve", "--listen", "insecure-tcp://*:0"},
      {"serve", "--log-level", "x"},
      {"serve", "--checkpoint-listen", "tcp://no such host:1"},
      {"submit", write(folder_ / "bad.json", "{}")}};
  for (const auto& words : kRefused) {
    const Finished refused = firesweep(words);
    EXPECT_EQ(refused.code, 2) << words[0] << ": " << refused.err;
    EXPECT_TRUE(is_empty_but("")) << words[0];
  }
}

TEST_F(People, ADatabaseThatIsMovedAwayEndsItsOwnerWithAnError) {
  Process owner("firesweep", {"run", sweep(200, 2, 0.02)}, folder_.path());
  ASSERT_TRUE(
      eventually([&] { return ask(database_, "SELECT count(*) > 1 FROM results") == "1"; }));
  fs::rename(database_, folder_ / "old.db");
  EXPECT_EQ(owner.wait(), 1);
  EXPECT_NE(owner.err().find("moved or removed"), std::string::npos) << owner.err();
  EXPECT_FALSE(fs::exists(database_));
}

TEST_F(People, AnotherProgramsTransactionIsSaidAndSignalsAreHeard) {
  Process serve("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*"}, folder_.path());
  const std::string endpoint = endpoint_of(serve);
  {
    SQLite::Database user(database_.string(), SQLite::OPEN_READWRITE);
    user.exec("BEGIN IMMEDIATE");
    const Finished refused = firesweep({"submit", sweep(), "--coordinator", endpoint});
    EXPECT_NE(refused.code, 0);
    EXPECT_NE(refused.err.find("open write transaction"), std::string::npos) << refused.err;
    const Finished status = firesweep({"status", "--coordinator", endpoint});
    EXPECT_NE(status.out.find("waiting: another program has an open write transaction"),
              std::string::npos)
        << status.out << status.err;
    user.exec("COMMIT");
  }
  EXPECT_TRUE(eventually(
      [&] { return firesweep({"submit", sweep(), "--coordinator", endpoint}).code == 0; }));
  serve.signal(SIGHUP);
  EXPECT_EQ(serve.wait(), 130) << "HUP drains as TERM does";
}

// A disk of little room, made room for again by more(); gone at its end.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& at) : at_(at) {
    fs::create_directory(at_);
    there_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=900k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (there_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  bool there() const { return there_; }
  bool more() { return ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT, "size=40m") == 0; }

 private:
  fs::path at_;
  bool there_ = false;
};

TEST_F(People, AFullDiskIsSaidAndSurvived) {
  SmallDisk small(folder_ / "small");
  if (!small.there()) GTEST_SKIP() << "needs the right to mount a small disk";
  const std::string file = sweep(200, 2, 0.02);
  const std::string database = (folder_ / "small/sweeps.db").string();
  {
    Process full("firesweep", {"run", file, "--db", database}, folder_.path());
    EXPECT_TRUE(full.says("is full"));
    full.signal(SIGTERM);
    EXPECT_TRUE(full.says("draining"));
    full.signal(SIGTERM);
    EXPECT_EQ(full.wait(std::chrono::seconds(20)), 1) << "signals are heard while it waits";
    EXPECT_NE(full.err().find("the disk of"), std::string::npos) << full.err();
  }
  ASSERT_TRUE(small.more());
  const Finished again = firesweep({"run", file, "-q", "--db", database});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(ask(database, "SELECT count(*) FROM results"), "200");
}

// Of a run or, with its parameter, of a coordinator that stays.
class FullDisk : public People, public ::testing::WithParamInterface<bool> {};

// x-disk-full-hangs: one signal is enough, and what was acknowledged is there afterwards.
TEST_P(FullDisk, ADrainEnds) {
  const bool stays = GetParam();
  const std::string file = sweep(200, 2, 0.02);
  SmallDisk small(folder_ / "small");
  if (!small.there()) GTEST_SKIP() << "needs the right to mount a small disk";
  const std::string database = (folder_ / "small/sweeps.db").string();
  std::string kept;
  {
    Process owner(
        "firesweep",
        stays ? std::vector<std::string>{"serve", "--db", database, "--listen", "tcp://127.0.0.1:*",
                                         "--checkpoint-dir", (folder_ / "checkpoints").string()}
              : std::vector<std::string>{"run", file, "--db", database},
        folder_.path());
    std::optional<Process> worker;
    if (stays) {
      const std::string endpoint = endpoint_of(owner);
      worker.emplace("firesweep-worker",
                     std::vector<std::string>{"--coordinator", endpoint, "--slots", "2"},
                     folder_.path());
      ASSERT_EQ(firesweep({"submit", file, "--coordinator", endpoint}).code, 0);
      ASSERT_TRUE(owner.says("is full"));
      const Finished status = firesweep({"status", "--coordinator", endpoint});
      EXPECT_NE(status.out.find("waiting: the disk of"), std::string::npos) << status.out;
      for (const char* wrong : {"no capable worker", "no worker is attached"})
        EXPECT_EQ(status.out.find(wrong), std::string::npos) << status.out;
    } else {
      ASSERT_TRUE(owner.says("is full"));
    }
    kept = ask(database, "SELECT group_concat(trial_id) FROM results");
    owner.signal(SIGTERM);
    EXPECT_EQ(owner.wait(std::chrono::seconds(25)), 1) << owner.out() << owner.err();
    EXPECT_NE(owner.err().find("exited while the disk of"), std::string::npos) << owner.err();
  }
  ASSERT_TRUE(small.more());
  EXPECT_EQ(firesweep({"check", database}).code, 0);
  EXPECT_EQ(ask(database, "SELECT group_concat(trial_id) FROM results").substr(0, kept.size()),
            kept);
  const Finished again = firesweep({"run", file, "-q", "--db", database});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(ask(database, "SELECT count(*) FROM results"), "200");
}

INSTANTIATE_TEST_SUITE_P(Stays, FullDisk, ::testing::Bool());

TEST_F(People, RowsThatContradictEachOtherAreRefusedAndListed) {
  const std::string file = sweep(4);
  ASSERT_EQ(firesweep({"run", file, "-q"}).code, 0);
  EXPECT_EQ(firesweep({"check"}).code, 0);
  {
    SQLite::Database hands(database_.string(), SQLite::OPEN_READWRITE);
    hands.exec("DELETE FROM results WHERE rowid & 1");
  }
  const Finished refused = firesweep({"run", file, "-q"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("has no result"), std::string::npos) << refused.err;
  for (const auto& words : {std::vector<std::string>{"leaderboard"},
                            {"leaderboard", "--points", "-f", "csv"},
                            {"list"},
                            {"list", "1"},
                            {"curves", "1"},
                            {"pareto", "-f", "svg"},
                            {"status"},
                            {"wait", "1"}}) {
    const Finished read = firesweep(words);
    EXPECT_EQ(read.code, 2) << words[0];
    EXPECT_EQ(read.out, "") << words[0];
    EXPECT_NE(read.err.find("is COMPLETE but has no result (and 1 more)"), std::string::npos)
        << words[0] << ": " << read.err;
    EXPECT_NE(read.err.find("`firesweep check FILE`"), std::string::npos) << read.err;
  }
  const Finished listed = firesweep({"check"});
  EXPECT_EQ(listed.code, 2);
  EXPECT_EQ(std::count(listed.out.begin(), listed.out.end(), '\n'), 2) << listed.out;
}

// 33: an old copy beside a newer log may be no database at all.
TEST_F(People, ADamagedDatabaseIsSaidToBeThat) {
  const std::string file = sweep(40);
  ASSERT_EQ(firesweep({"run", file, "-q"}).code, 0);
  {
    std::fstream pages(database_, std::ios::in | std::ios::out | std::ios::binary);
    const std::string noise(4096, '\x5a');
    for (int page = 1; page < 20; ++page) {
      pages.seekp(page * 4096);
      pages << noise;
    }
  }
  for (const auto& words : {std::vector<std::string>{"leaderboard", "-f", "csv"},
                            {"list"},
                            {"check"},
                            {"run", file, "-q"},
                            {"pause", "1"}}) {
    const Finished refused = firesweep(words);
    EXPECT_EQ(refused.code, 2) << words[0];
    EXPECT_NE(refused.err.find("sweeps.db: is damaged: "), std::string::npos)
        << words[0] << ": " << refused.err;
    EXPECT_NE(refused.err.find("restore a whole backup"), std::string::npos) << refused.err;
  }
}

TEST_F(People, EverySweptParameterIsAColumnOfEachExport) {
  const std::string file = write(folder_ / "s.json", R"({"name": "=1+1", "method": "grid",
    "trainer": "simulated", "parameters": {"epochs": {"value": 1}, "optimizer": {"value": "sgd"},
    "lr": {"value": 0.1}, "momentum": {"values": [0.8, 0.9]}, "grad_clip": {"values": [0, 1]}}})");
  ASSERT_EQ(firesweep({"run", file, "-q"}).code, 0);
  for (const auto& report : {std::vector<std::string>{"leaderboard"},
                             {"leaderboard", "--points"},
                             {"pareto"},
                             {"list", "1"},
                             {"curves", "1"}}) {
    for (const char* format : {"csv", "json", "table"}) {
      std::vector<std::string> words = report;
      words.insert(words.end(), {"-f", format});
      const Finished shown = firesweep(words);
      ASSERT_EQ(shown.code, 0) << shown.err;
      for (const char* name : {"momentum", "grad_clip"}) {
        EXPECT_NE(shown.out.find(name), std::string::npos) << name << " missing in\n" << shown.out;
      }
      if (std::string(format) == "csv") {
        EXPECT_NE(shown.out.find(",number,"), std::string::npos) << shown.out.substr(0, 80);
        EXPECT_EQ(shown.out.find(",=1+1"), std::string::npos) << "a spreadsheet would compute it";
      }
    }
  }
}

TEST_F(People, PrintedCommandsCanBePasted) {
  const std::string file = write(folder_ / "my sweep (1).json", simulated_sweep("s", 2, 1, 0));
  fs::create_directory(folder_ / "it's");
  const std::string database = (folder_ / "it's" / "a 1.db").string();
  const Finished preview = firesweep({"preview", file, "--db", database, "--workers", "1"});
  const std::string run = preview.out.substr(preview.out.find("firesweep run"));
  EXPECT_EQ(shell(run.substr(0, run.find('\n')) + " -q > first"), 0) << run;
  const std::string next = text_of("first");
  const std::size_t at = next.find("firesweep leaderboard");
  ASSERT_NE(at, std::string::npos) << next;
  EXPECT_EQ(shell(next.substr(at, next.find('\n', at) - at) + " > second"), 0) << next;
  EXPECT_NE(text_of("second").find("1/0"), std::string::npos);
}

TEST_F(People, ADumbTerminalGetsPlainLines) {
  sweep();
  if (shell("command -v script > /dev/null") != 0) GTEST_SKIP() << "script is not there";
  for (const char* how :
       {"TERM=dumb firesweep run s.json -y", "env -u TERM firesweep run s.json -y",
        "TERM=xterm firesweep run s.json -y --plain"}) {
    shell("script -qefc '" + std::string(how) + "' shown > /dev/null < /dev/null");
    EXPECT_EQ(text_of("shown").find('\x1b'), std::string::npos) << how;
  }
}

TEST_F(People, WhatAKilledRunLeftInTheTemporaryFolderIsCleared) {
  const fs::path temporary = folder_ / "tmp";
  const fs::path left = temporary / "firesweep-AbCdEf";
  fs::create_directories(left);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  (left / "run").string().copy(name.sun_path, sizeof name.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  ::close(fd);  // bound, and nobody listens
  fs::create_directory(temporary / "firesweep-others");
  sweep();
  EXPECT_EQ(shell("TMPDIR='" + temporary.string() + "' firesweep run s.json -q > /dev/null"), 0);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(temporary / "firesweep-others")) << "not ours by name";
  EXPECT_EQ(shell("TMPDIR=/no/such/folder firesweep run s.json -q 2> said"), 2);
  EXPECT_NE(text_of("said").find("TMPDIR /no/such/folder"), std::string::npos) << text_of("said");
}

TEST_F(People, ATildeThatTheShellLeftIsNamed) {
  EXPECT_EQ(shell("FIRESWEEP_DATA='~/data' firesweep-worker dataset fetch cifar100 2> said"), 2);
  EXPECT_NE(text_of("said").find("write \"$HOME/data\""), std::string::npos) << text_of("said");
  EXPECT_FALSE(fs::exists(folder_ / "~"));
  sweep();
  for (const char* line : {"FIRESWEEP_DATA='~/data' firesweep run s.json -q",
                           "firesweep run s.json -q --data-dir '~/data'"}) {
    EXPECT_EQ(shell(std::string(line) + " > shown 2> said"), 2) << line << text_of("said");
    EXPECT_NE(text_of("said").find("write \"$HOME/data\""), std::string::npos) << text_of("said");
    EXPECT_FALSE(fs::exists(database_)) << line;
  }
}

// 28: what draws lines and bars draws them in ASCII where the locale has no more.
TEST_F(People, APlainLocaleGetsTablesInAscii) {
  sweep();
  ASSERT_EQ(shell("LC_ALL=C firesweep run s.json -y --plain > shown"), 0);
  const auto is_ascii = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  EXPECT_TRUE(is_ascii(text_of("shown"))) << text_of("shown");
  for (const char* verb : {"leaderboard", "leaderboard --points", "pareto", "list", "list 1",
                           "curves 1", "status", "inspect v5"}) {
    for (const char* locale :
         {"LC_ALL=C", "LC_ALL=POSIX", "LC_ALL= LC_CTYPE= LANG=en_US.ISO-8859-1"}) {
      ASSERT_EQ(shell(std::string(locale) + " firesweep " + verb + " > shown"), 0) << verb;
      EXPECT_TRUE(is_ascii(text_of("shown"))) << locale << " " << verb << "\n" << text_of("shown");
    }
    ASSERT_EQ(shell(std::string("LC_ALL=C.UTF-8 firesweep ") + verb + " > shown"), 0) << verb;
    EXPECT_NE(text_of("shown").find("─"), std::string::npos) << verb;
  }
}

// rough-17: what a sweep has grown to is said before it goes on.
TEST_F(People, AnExtendedSweepIsCountedWithWhatWasAdded) {
  const std::string file = sweep(2);
  ASSERT_EQ(firesweep({"run", file, "-q"}).code, 0);
  const std::string more = write(folder_ / "more.json", simulated_sweep("s", 3, 1, 0));
  ASSERT_EQ(firesweep({"extend", "1", more}).code, 0);
  const Finished again = firesweep({"run", file, "-y"});
  EXPECT_EQ(again.out.substr(0, again.out.find(" on ")), "s: 3 trials") << again.out;
  EXPECT_NE(again.out.find("goes on as sweep 1: 2 of its trials are in this file, 1 were added by "
                           "`firesweep extend`; 2 of 3 complete"),
            std::string::npos)
      << again.out;
  const Finished other = firesweep({"preview", more});
  EXPECT_NE(other.out.find("goes on as sweep 1: 3 of 3 complete"), std::string::npos) << other.out;
}

// rough-18: a user who may only read.
TEST_F(People, AReadOnlyFolderIsCheckedToo) {
  if (::geteuid() != 0 || shell("command -v setpriv > /dev/null") != 0) {
    GTEST_SKIP() << "needs root and setpriv, to become another user";
  }
  ASSERT_EQ(firesweep({"run", sweep(), "-q"}).code, 0);
  fs::create_directory(folder_ / "ro");
  fs::copy_file(database_, folder_ / "ro/sweeps.db");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod((folder_ / "ro").c_str(), 0555), 0);
  const std::string as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups firesweep ";
  for (const char* verb : {"check ro/sweeps.db", "leaderboard --db ro/sweeps.db",
                           "curves 1 --db ro/sweeps.db", "status --db ro/sweeps.db"}) {
    EXPECT_EQ(shell(as_nobody + verb + " > shown 2> said"), 0) << verb << ": " << text_of("said");
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "ro"), fs::directory_iterator()), 1)
      << "nothing was left there";
}

TEST_F(People, AHangUpDrainsARun) {
  Process owner("firesweep", {"run", sweep(40, 2, 0.05), "-y"}, folder_.path());
  ASSERT_TRUE(
      eventually([&] { return ask(database_, "SELECT count(*) > 1 FROM results") == "1"; }));
  owner.signal(SIGHUP);
  EXPECT_EQ(owner.wait(), 130) << owner.err();
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM attempts WHERE ended IS NULL"), "0");
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM attempts WHERE charged = 1"), "0");
  EXPECT_EQ(shell("firesweep run s.json -q > /dev/null"), 0);
}

}  // namespace
}  // namespace firesweep::e2e
