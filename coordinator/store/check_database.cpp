#include "coordinator/store/check_database.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <limits>
#include <string>

namespace firesweep {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr const char* kWhole = "ok";

}  // namespace

Result<Contradictions> check_database(const std::filesystem::path& path) {
  const auto opened = ReadDatabase::open(path);
  if (!opened) return tl::unexpected(opened.error());
  Contradictions found;
  std::string damage;
  try {
    opened->in_one_state([&] {
      SQLite::Database& database = opened->connection();
      SQLite::Statement whole(database, "PRAGMA integrity_check(1)");
      damage = whole.executeStep() ? whole.getColumn(0).getString() : kWhole;
      found = damage == kWhole ? find_contradictions(database, kMostLines) : Contradictions{};
    });
  } catch (const DatabaseDamaged& damaged) {
    return tl::unexpected(damaged.error());
  } catch (const SQLite::Exception& failure) {
    return fail(ErrorCode::kIo, path.string(), std::string("cannot be read: ") + failure.what());
  }
  if (damage == kWhole) return found;
  return tl::unexpected(damaged_error(path, damage));
}

Result<void> look_through(const ReadDatabase& database, std::optional<SweepId> sweep) {
  const TrialId first = sweep ? first_trial_of(*sweep) : TrialId{0};
  const TrialId last =
      sweep ? last_trial_of(*sweep) : TrialId{std::numeric_limits<std::int64_t>::max()};
  Contradictions found;
  database.in_one_state([&] {
    found = has_contradictions(database.connection(), first, last)
                ? find_contradictions(database.connection(), 1)
                : Contradictions{};
  });
  if (found.count == 0) return {};
  return tl::unexpected(refusal_of(found, database.path()));
}

}  // namespace firesweep
