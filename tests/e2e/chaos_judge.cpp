#include "tests/e2e/chaos_judge.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/e2e/process.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_with(const fs::path& path, const std::string& part) {
  std::vector<std::string> found;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find(part) != std::string::npos) found.push_back(line);
  }
  return found;
}

std::int64_t number(const Evidence& evidence, const std::string& sql) {
  const std::string text = ask(evidence.database, sql);
  return text.empty() ? -1 : std::stoll(text);
}

// Nobody may have ended otherwise than by our hand, and no event may have had to be dropped.
void judge_logs(const Evidence& evidence, ChaosReport& report) {
  report.failed_commits = failed_commits(evidence.coordinator_log);
  for (const std::string& line : lines_with(evidence.coordinator_log, "constraint_violation"))
    report.broken.push_back(line);
  for (const fs::path& log : evidence.worker_logs) {
    for (const char* bad :
         {"event=slot_broke", "event=slot_gave_up", "event=slot_silent", "event=drain_timed_out"}) {
      for (const std::string& line : lines_with(log, bad)) report.broken.push_back(line);
    }
    for (const std::string& line : lines_with(log, "event=slot_died")) {
      const bool meant = line.find("signal 9") != std::string::npos ||
                         line.find("draining=1") != std::string::npos;
      if (!meant) report.broken.push_back(line);
    }
  }
}

// The attempts, "1/5#2", that workers' logs name after `before`, and how often.
std::map<std::string, int> told(const Evidence& evidence, const std::string& before) {
  std::map<std::string, int> times;
  for (const fs::path& log : evidence.worker_logs) {
    for (const std::string& line : lines_with(log, before)) {
      const std::size_t key = line.find(before) + before.size();
      ++times[line.substr(key, line.find(' ', key) - key)];
    }
  }
  return times;
}

// The attempts of a table, as workers name them.
std::set<std::string> attempts_in(const Evidence& evidence, const std::string& table) {
  SQLite::Database database(evidence.database.string(), SQLite::OPEN_READONLY, 2000);
  SQLite::Statement rows(database,
                         "SELECT (trial_id >> 40) || '/' || (trial_id & ((1 << 40) - 1)) || '#' || "
                         "attempt_no FROM " +
                             table);
  std::set<std::string> keys;
  while (rows.executeStep()) keys.insert(rows.getColumn(0).getString());
  return keys;
}

// The second account, of the workers' logs, against the coordinator's rows: no attempt was begun
// twice or without a row, none has a result that nobody trained, and each that a worker forgets
// unasked, because its result was acknowledged, has one.
void judge_accounts(const Evidence& evidence, ChaosReport& report) {
  const auto begun = told(evidence, "effect=start_trainer trial=");
  const auto stopped = told(evidence, "effect=stop_trainer trial=");
  const auto forgotten = told(evidence, "effect=forget trial=");
  const auto rows = attempts_in(evidence, "attempts");
  const auto results = attempts_in(evidence, "results");
  const auto superseded = attempts_in(evidence, "superseded_results");
  for (const auto& [key, times] : begun) {
    if (times > 1) report.broken.push_back(key + " was begun " + std::to_string(times) + " times");
    if (!rows.contains(key)) report.broken.push_back(key + " was begun, but has no row");
    if (!forgotten.contains(key) || stopped.contains(key)) continue;
    ++report.acknowledged;
    if (!results.contains(key) && !superseded.contains(key))
      report.broken.push_back(key + " has no result, but its worker was told that it has");
  }
  for (const std::string& key : results) {
    if (!begun.contains(key)) report.broken.push_back(key + " has a result, but nobody trained it");
  }
}

// `firesweep check`, and the files of the checkpoints that have rows: neither more nor fewer.
void judge_files(const Evidence& evidence, ChaosReport& report) {
  Process check("firesweep", {"check", evidence.database.string()}, evidence.folder);
  if (const bool ended = eventually([&] { return !check.running(); }); !ended || check.wait() != 0)
    report.broken.push_back("firesweep check: " + check.out() + check.err());
  const fs::path folder = evidence.database.string() + ".checkpoints";
  std::int64_t files = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    files += entry.path().extension() == ".checkpoint" ? 1 : 0;
  const std::int64_t rows = number(evidence, "SELECT count(*) FROM checkpoints");
  if (files != rows) {
    report.broken.push_back("stored checkpoints: found " + std::to_string(files) +
                            " files, expected " + std::to_string(rows));
  }
}

}  // namespace

int idle_workers(const std::string& status_json) {
  const auto status = nlohmann::json::parse(status_json, nullptr, /*allow_exceptions=*/false);
  if (!status.is_object()) return -1;
  int idle = 0;
  for (const auto& worker : status["workers"]) {
    if (!worker["trial"].is_null()) return -1;
    idle += worker["state"] == "idle" ? 1 : 0;
  }
  return idle;
}

int failed_commits(const fs::path& coordinator_log) {
  return static_cast<int>(lines_with(coordinator_log, "event=commit_failed").size());
}

void judge(const Evidence& evidence, ChaosReport& report) {
  const std::string all = std::to_string(evidence.trials);
  const auto expect = [&](const std::string& what, const std::string& sql,
                          const std::string& expected) {
    const std::string found = ask(evidence.database, sql);
    if (found != expected)
      report.broken.push_back(what + ": found \"" + found + "\", expected " + expected);
  };
  expect("accepted results", "SELECT count(*) FROM results", all);
  expect("trials", "SELECT count(*) FROM trials", all);
  expect("complete trials", "SELECT count(*) FROM trials WHERE state = 'COMPLETE'", all);
  expect("trials on the leaderboard", "SELECT count(DISTINCT trial_id) FROM scored", all);
  expect("sweeps", "SELECT count(*) FROM sweeps", "1");
  expect("state of the sweep", "SELECT state FROM sweeps", "FINISHED");
  expect("live attempts", "SELECT count(*) FROM attempts WHERE ended IS NULL", "0");
  expect("results of another than the newest attempt",
         "SELECT count(*) FROM results JOIN trials USING (trial_id) WHERE attempt_no <> "
         "newest_attempt",
         "0");
  expect("results both accepted and superseded",
         "SELECT count(*) FROM results JOIN superseded_results USING (trial_id, attempt_no)", "0");
  expect("trials finished by two attempts",
         "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE ended = 'FINISHED' GROUP BY trial_id "
         "HAVING count(*) > 1)",
         "0");
  expect("integrity of the database", "PRAGMA integrity_check", "ok");
  expect("broken references", "SELECT count(*) FROM pragma_foreign_key_check", "0");
  judge_logs(evidence, report);
  judge_files(evidence, report);
  judge_accounts(evidence, report);
  report.attempts = number(evidence, "SELECT count(*) FROM attempts");
  report.lost = number(evidence, "SELECT count(*) FROM attempts WHERE ended = 'LOST'");
  report.superseded = number(evidence, "SELECT count(*) FROM superseded_results");
}

}  // namespace firesweep::e2e
