#include "coordinator/store/stored_search.h"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <exception>
#include <functional>
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

constexpr const char* kPromoting = R"(
  SELECT 1
  FROM sweeps
  WHERE json_extract(spec, '$.early_terminate.promotion')
    AND state NOT IN ('FINISHED', 'CANCELLED')
  LIMIT 1)";

// Runs `read` on the connection to a database; what it throws is an error.
Result<void> read_from(const std::filesystem::path& database,
                       const std::function<void(SQLite::Database&)>& read) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return tl::unexpected(opened.error());
  try {
    opened->in_one_state([&] { read(opened->connection()); });
    return {};
  } catch (const DatabaseDamaged& damaged) {
    return tl::unexpected(damaged.error());
  } catch (const SQLite::Exception& failure) {
    return fail(ErrorCode::kIo, database.string(),
                std::string("cannot be read: ") + failure.what());
  } catch (const std::exception& failure) {
    return fail(ErrorCode::kBadInput, database.string(), failure.what());
  }
}

bool promotes(const SweepSnapshot& sweep) {
  if (!sweep.broken.empty() || sweep.state == SweepState::kFinished ||
      sweep.state == SweepState::kCancelled) {
    return false;
  }
  const auto& rules = sweep.frozen->spec.early_terminate;
  return rules && rules->promotion;
}

}  // namespace

Result<StoredSearch> read_search(const std::filesystem::path& database, SweepId sweep) {
  Snapshot snapshot;
  std::vector<TrialDecision> decisions;
  const auto done = read_from(database, [&](SQLite::Database& connection) {
    snapshot = SnapshotReader(connection).read_rows();
    decisions = read_decisions(connection, sweep);
  });
  if (!done) return tl::unexpected(done.error());
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

Result<std::vector<SweepSnapshot>> read_promoting(const std::filesystem::path& database) {
  std::vector<SweepSnapshot> sweeps;
  const auto done = read_from(database, [&](SQLite::Database& connection) {
    sweeps.clear();
    SQLite::Statement any(connection, kPromoting);
    if (!any.executeStep()) return;
    sweeps = SnapshotReader(connection).read_rows().sweeps;
  });
  if (!done) return tl::unexpected(done.error());
  std::erase_if(sweeps, [](const SweepSnapshot& sweep) { return !promotes(sweep); });
  return sweeps;
}

}  // namespace firesweep
