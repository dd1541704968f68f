#include "coordinator/report/speed.h"

#include "coordinator/store/read_database.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

constexpr const char* kSpeed = R"(
  SELECT avg(?1 * macs * images_per_s)
  FROM (
    SELECT c.macs AS macs, r.images_per_s
    FROM results AS r
    JOIN trial_configs AS c USING (trial_id)
    JOIN trials AS t USING (trial_id)
    JOIN sweeps AS s USING (sweep_id)
    WHERE s.trainer = 'torch' AND r.images_per_s > 0
    ORDER BY r.recorded_ms DESC
    LIMIT 100))";

}  // namespace

std::optional<double> measured_macs_per_s(const std::filesystem::path& database) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return std::nullopt;
  const Rows rows = opened->query(kSpeed, {static_cast<double>(kPassesPerImage)});
  if (rows.rows.empty()) return std::nullopt;
  const auto& speed = rows.rows[0][0];
  return speed ? std::optional(content_of<double>(*speed)) : std::nullopt;
}

}  // namespace firesweep
