#include "coordinator/report/pruned.h"

#include <cstdint>

#include "coordinator/report/render/human.h"

namespace firesweep {
namespace {

// By what; null where the sweep's file does not say.
constexpr const char* kPruned = R"(
  SELECT json_extract(s.spec, '$.early_terminate.type') AS type, count(*)
  FROM trials AS t JOIN sweeps AS s USING (sweep_id)
  WHERE t.state = 'PRUNED' AND (?1 = 0 OR t.sweep_id = ?1)
  GROUP BY type
  ORDER BY type)";

}  // namespace

std::string pruned_note(const ReadDatabase& database, std::optional<SweepId> sweep) {
  std::string note;
  for (const Row& row : database.query(kPruned, {sweep ? sweep->value : std::int64_t{0}}).rows) {
    const std::int64_t count = whole_of(row[1]);
    const std::string of_what = count == 1 ? " trial pruned" : " trials pruned";
    note += note.empty() ? human_whole(count) + of_what : ", " + human_whole(count);
    if (row[0]) note += " by " + text_of(row[0]);
  }
  if (note.empty()) return {};
  return note + ", not ranked. `firesweep list " +
         (sweep ? std::to_string(sweep->value) : "SWEEP") + "` tells why.";
}

}  // namespace firesweep
