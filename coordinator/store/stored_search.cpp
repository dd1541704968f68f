#include "coordinator/store/stored_search.h"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "coordinator/store/read_database.h"
#include "coordinator/store/snapshot_reader.h"

namespace firesweep {
namespace {

constexpr const char* kDecisions = R"(
  WITH decided AS (
    SELECT trial_id, attempt_no, epoch, score, threshold, rank, seen, bracket, 0 AS promoted,
      decided_ms
    FROM terminations
    UNION ALL
    SELECT trial_id, attempt_no, epoch, score, threshold, rank, seen, 0, 1, decided_ms
    FROM promotions)
  SELECT d.trial_id, d.epoch, d.score, d.threshold, d.rank, d.seen, d.bracket, d.promoted,
    coalesce(e.attempt_no > d.attempt_no, 0)
  FROM decided AS d LEFT JOIN epochs AS e USING (trial_id, epoch)
  WHERE d.trial_id BETWEEN ?1 AND ?2
  ORDER BY d.decided_ms, d.trial_id, d.epoch)";

std::vector<TrialDecision> read_decisions(SQLite::Database& database, SweepId sweep) {
  std::vector<TrialDecision> decisions;
  SQLite::Statement rows(database, kDecisions);
  rows.bind(1, first_trial_of(sweep).value);
  rows.bind(2, last_trial_of(sweep).value);
  while (rows.executeStep()) {
    TrialDecision one;
    one.number = number_of(TrialId{rows.getColumn(0).getInt64()});
    one.evidence = {.epoch = rows.getColumn(1).getInt64(),
                    .score = rows.getColumn(2).getDouble(),
                    .threshold = rows.getColumn(3).getDouble(),
                    .rank = rows.getColumn(4).getInt64(),
                    .seen = rows.getColumn(5).getInt64(),
                    .bracket = rows.getColumn(6).getInt64()};
    one.promoted = rows.getColumn(7).getInt() != 0;
    one.recorded_again = rows.getColumn(8).getInt() != 0;
    decisions.push_back(one);
  }
  return decisions;
}

}  // namespace

Result<StoredSearch> read_search(const std::filesystem::path& database, SweepId sweep) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return tl::unexpected(opened.error());
  Snapshot snapshot;
  std::vector<TrialDecision> decisions;
  try {
    opened->in_one_state([&] {
      snapshot = SnapshotReader(opened->connection()).read_rows();
      decisions = read_decisions(opened->connection(), sweep);
    });
  } catch (const DatabaseDamaged& damaged) {
    return tl::unexpected(damaged.error());
  } catch (const SQLite::Exception& failure) {
    return fail(ErrorCode::kIo, database.string(),
                std::string("cannot be read: ") + failure.what());
  } catch (const std::exception& failure) {
    return fail(ErrorCode::kBadInput, database.string(), failure.what());
  }
  const auto found = std::ranges::find(snapshot.sweeps, sweep, &SweepSnapshot::sweep);
  if (found == snapshot.sweeps.end()) {
    std::string known = snapshot.sweeps.empty() ? "there is none" : "known sweeps:";
    for (const SweepSnapshot& one : snapshot.sweeps) known += " " + std::to_string(one.sweep.value);
    return fail(ErrorCode::kNotFound, "sweep " + std::to_string(sweep.value), "no such sweep",
                std::move(known));
  }
  if (!found->broken.empty()) {
    return fail(ErrorCode::kBadInput, "sweep " + std::to_string(sweep.value),
                "it is broken: " + found->broken, "use the version of firesweep that began it");
  }
  return StoredSearch{std::move(*found), std::move(decisions)};
}

}  // namespace firesweep
