#include "coordinator/report/stored_sweeps.h"

#include <vector>

#include "coordinator/store/read_database.h"

namespace firesweep {
namespace {

constexpr const char* kOfContent =
    R"(SELECT sweep_id, total_trials,
         (SELECT count(*) FROM trials AS t WHERE t.sweep_id = s.sweep_id AND state = 'COMPLETE')
       FROM sweeps AS s
       WHERE hash = ?1
         OR ?1 IN (SELECT hash FROM extensions AS e WHERE e.sweep_id = s.sweep_id)
       ORDER BY sweep_id DESC
       LIMIT 1)";

constexpr const char* kOfName =
    R"(SELECT sweep_id, spec
       FROM sweeps
       WHERE name = ?1 AND sweep_id <> ?2
       ORDER BY sweep_id DESC
       LIMIT 1)";

}  // namespace

std::optional<StoredSweep> find_stored(const std::filesystem::path& database,
                                       const FrozenSweep& frozen) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return std::nullopt;
  std::vector<std::string> hashes{frozen.hash};
  for (const auto& older : frozen.by_older_rules) hashes.push_back(older->hash);
  for (const std::string& hash : hashes) {
    const Rows found = opened->query(kOfContent, {hash});
    if (found.rows.empty()) continue;
    const Row& row = found.rows.front();
    return StoredSweep{SweepId{whole_of(row[0])}, whole_of(row[1]), whole_of(row[2])};
  }
  return std::nullopt;
}

std::optional<Namesake> find_namesake(const std::filesystem::path& database, SweepId sweep,
                                      const std::string& name) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return std::nullopt;
  const Rows found = opened->query(kOfName, {name, sweep.value});
  if (found.rows.empty()) return std::nullopt;
  const Row& row = found.rows.front();
  return Namesake{SweepId{whole_of(row[0])}, text_of(row[1])};
}

}  // namespace firesweep
