#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <string>
#include <vector>

#include "coordinator/report/reader.h"
#include "coordinator/store/check_database.h"
#include "coordinator/store/read_database.h"
#include "coordinator/store/store.h"
#include "tests/fuzz/scratch.h"

namespace firesweep::fuzz {
namespace {

constexpr std::string_view kMagic = "SQLite format 3";
constexpr const char* kName = "sweeps.db";

int deny_files(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK;
}

int stop(void*) { return 1; }

// One of ours without rows, as bytes.
std::vector<std::uint8_t> empty_database() {
  const auto path = scratch_folder() / "empty.db";
  {
    auto store = Store::open(path);
    require(store.has_value(), store ? "" : to_string(store.error()));
    store->publish_address("ipc:///x");
  }
  std::vector<std::uint8_t> bytes;
  sqlite3* handle = nullptr;
  require(sqlite3_open(path.c_str(), &handle) == SQLITE_OK, "it opens");
  sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  sqlite3_int64 size = 0;
  unsigned char* copy = sqlite3_serialize(handle, "main", &size, 0);
  bytes.assign(copy, copy + size);
  sqlite3_free(copy);
  sqlite3_close(handle);
  return bytes;
}

// What a database's owner can do to it with the sqlite3 shell, but reach no other file.
void run_sql(const std::filesystem::path& path, const std::string& sql) {
  constexpr int kMostSteps = 200'000;
  sqlite3* handle = nullptr;
  require(sqlite3_open(path.c_str(), &handle) == SQLITE_OK, "the database opens");
  sqlite3_set_authorizer(handle, deny_files, nullptr);
  sqlite3_progress_handler(handle, kMostSteps, stop, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 1 << 20);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  sqlite3_exec(handle, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(handle);
}

// Every report that the command line and the web page show.
void look(const std::filesystem::path& path) {
  const auto checked = check_database(path);
  if (!checked) require(!checked.error().what.empty(), "a refusal says what is wrong");
  const auto reader = Reader::open(path);
  if (!reader) return require(!reader.error().what.empty(), "a refusal says what is wrong");
  try {
    if (!reader->look_through(std::nullopt)) return;
    (void)reader->list();
    (void)reader->trials(SweepId{1}, 100);
    (void)reader->curves(SweepId{1}, 100);
  } catch (const DatabaseDamaged& damaged) {
    require(!damaged.error().what.empty(), "a refusal says what is wrong");
  } catch (const SQLite::Exception&) {
    // A query that this database's own text cannot serve, such as a spec that is no JSON.
  }
}

void own(const std::filesystem::path& path) {
  auto store = Store::open(path);
  if (!store) return require(!store.error().what.empty(), "a refusal says what is wrong");
  try {
    const Snapshot snapshot = store->snapshot();
  } catch (const std::runtime_error& refused) {
    require(std::string_view(refused.what()) != "", "a refusal says what is wrong");
  }
}

void remove_companions(const std::filesystem::path& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal", ".lock"}) {
    std::filesystem::remove(path.string() + suffix);
  }
}

}  // namespace

void try_database(Bytes bytes) {
  static const std::vector<std::uint8_t> kEmpty = empty_database();
  remove_companions(scratch_folder() / kName);
  const bool whole = text_of(bytes).starts_with(kMagic);
  const auto path = put_file(kName, whole ? bytes : Bytes(kEmpty));
  if (!whole) run_sql(path, std::string(text_of(bytes)));
  look(path);
  own(path);
}

}  // namespace firesweep::fuzz
