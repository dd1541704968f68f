#include "coordinator/store/check_database.h"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include "coordinator/store/read_database.h"

namespace firesweep {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr int kWaitMs = 5000;

}  // namespace

Result<Contradictions> check_database(const std::filesystem::path& path) {
  if (auto opened = ReadDatabase::open(path); !opened) return tl::unexpected(opened.error());
  try {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kWaitMs);
    SQLite::Statement whole(database, "PRAGMA integrity_check(1)");
    if (whole.executeStep() && whole.getColumn(0).getString() != "ok") {
      return fail(ErrorCode::kBadInput, path.string(),
                  "is damaged: " + whole.getColumn(0).getString(),
                  "restore a whole backup (docs/schema.md, Restoring a backup)");
    }
    return find_contradictions(database, kMostLines);
  } catch (const SQLite::Exception& failure) {
    return fail(ErrorCode::kIo, path.string(), std::string("cannot be read: ") + failure.what());
  }
}

}  // namespace firesweep
