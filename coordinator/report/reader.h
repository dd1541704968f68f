// Every report over one database file, read-only, also while a coordinator is writing it. Owns the
// connection; writes nothing, holds no transaction between calls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/report/pareto.h"
#include "coordinator/report/render/row_writer.h"
#include "coordinator/report/table.h"
#include "coordinator/store/read_database.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

// Single-threaded. Every report sees one state of the database; each is over one sweep or, where
// none is given, over all; kNotFound names an unknown sweep and those that exist. Where a report
// takes a `writer`, its rows go there as they are read, and the table has none. Throws
// SQLite::Exception where the disk fails.
class Reader {
 public:
  // As ReadDatabase::open.
  static Result<Reader> open(const std::filesystem::path& database);

  // As look_through of store/check_database.h.
  Result<void> look_through(std::optional<SweepId> sweep) const;

  // Sweeps, newest first, with their counts and best trial, and why one is broken where it is.
  Result<Table> list() const;

  // The trials of a sweep that have begun, by number: state, progress, result or failure.
  Result<Table> trials(SweepId sweep, std::optional<std::int64_t> limit = {},
                       RowWriter* writer = nullptr) const;

  // The epochs of a sweep's trials, by trial and epoch: the learning curve, loss, learning rate and
  // timing of each.
  Result<Table> curves(SweepId sweep, std::optional<std::int64_t> limit = {},
                       RowWriter* writer = nullptr) const;

  // A sweep's failed trials by reason, the most frequent first, with an example and its message.
  Result<Table> failures(SweepId sweep, std::optional<std::int64_t> limit = {}) const;

  // Finished trials by rank, at most `limit` of each board. Ranks count within what may be
  // compared, and within the sweep where one is given.
  Result<Table> leaderboard(std::optional<SweepId> sweep = {},
                            std::optional<std::int64_t> limit = {},
                            RowWriter* writer = nullptr) const;

  // The same over points: a config without its seed, with the mean and interval over its seeds.
  Result<Table> leaderboard_points(std::optional<SweepId> sweep = {},
                                   std::optional<std::int64_t> limit = {},
                                   RowWriter* writer = nullptr) const;

  // The parameters that the sweep (or any) varies, by name: people are always shown them.
  std::set<std::string> swept(std::optional<SweepId> sweep = {}) const;

  // Ranked points with the front marked, a panel a board.
  Result<std::vector<ParetoPanel>> pareto(std::optional<SweepId> sweep = {}) const;

 private:
  explicit Reader(ReadDatabase database) : database_(std::move(database)) {}
  Rows of_trials(const std::string& sql, SweepId sweep, std::optional<std::int64_t> limit) const;
  // Fills the table, or the writer, with rows of one sweep.
  void write_trials(Table& table, const std::string& sql, SweepId sweep,
                    std::optional<std::int64_t> limit, RowWriter* writer) const;
  void rank_trials(Table& table, std::optional<SweepId> sweep, std::optional<std::int64_t> limit,
                   RowWriter* writer) const;
  Result<void> known(std::optional<SweepId> sweep) const;
  std::vector<Column> showing_swept(std::vector<Column> columns,
                                    std::optional<SweepId> sweep) const;

  ReadDatabase database_;
};

}  // namespace firesweep
