#include "coordinator/store/broken.h"

#include <cstdint>
#include <utility>

#include "shared/codec/sweep_codec.h"

namespace firesweep {

std::string unreadable(const Error& error) {
  return "this build cannot read it: " + to_string(error);
}

std::map<SweepId, std::string> broken_sweeps(const ReadDatabase& database) {
  std::map<std::pair<std::int64_t, std::int64_t>, ArchitectureTexts> architectures;
  const Rows kept = database.query("SELECT sweep_id, segment, name, text FROM architectures");
  for (const auto& row : kept.rows) {
    architectures[{whole_of(row[0]), whole_of(row[1])}].emplace(text_of(row[2]), text_of(row[3]));
  }
  std::map<SweepId, std::string> broken;
  const Rows files = database.query(R"(
    SELECT sweep_id, 0, spec FROM sweeps
    UNION ALL
    SELECT sweep_id, segment, spec FROM extensions
    ORDER BY 1, 2)");
  for (const auto& row : files.rows) {
    const auto frozen = thaw(text_of(row[2]), architectures[{whole_of(row[0]), whole_of(row[1])}]);
    if (!frozen) broken.emplace(SweepId{whole_of(row[0])}, unreadable(frozen.error()));
  }
  return broken;
}

}  // namespace firesweep
