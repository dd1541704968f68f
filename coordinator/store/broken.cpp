#include "coordinator/store/broken.h"

#include <cstdint>
#include <utility>

#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

using Cell = std::optional<Value>;

std::int64_t whole(const Cell& cell) { return cell ? std::get<std::int64_t>(*cell) : 0; }
std::string text(const Cell& cell) { return cell ? std::get<std::string>(*cell) : ""; }

}  // namespace

std::string unreadable(const Error& error) {
  return "this build cannot read it: " + to_string(error);
}

std::map<SweepId, std::string> broken_sweeps(const ReadDatabase& database) {
  std::map<std::pair<std::int64_t, std::int64_t>, ArchitectureTexts> architectures;
  const Rows kept = database.query("SELECT sweep_id, segment, name, text FROM architectures");
  for (const auto& row : kept.rows) {
    architectures[{whole(row[0]), whole(row[1])}].emplace(text(row[2]), text(row[3]));
  }
  std::map<SweepId, std::string> broken;
  const Rows files = database.query(R"(
    SELECT sweep_id, 0, spec FROM sweeps
    UNION ALL
    SELECT sweep_id, segment, spec FROM extensions
    ORDER BY 1, 2)");
  for (const auto& row : files.rows) {
    const auto frozen = thaw(text(row[2]), architectures[{whole(row[0]), whole(row[1])}]);
    if (!frozen) broken.emplace(SweepId{whole(row[0])}, unreadable(frozen.error()));
  }
  return broken;
}

}  // namespace firesweep
