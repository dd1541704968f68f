#include "coordinator/store/store.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <cassert>
#include <optional>
#include <system_error>
#include <utility>

#include "coordinator/store/connection.h"
#include "coordinator/store/contradictions.h"
#include "coordinator/store/database_files.h"
#include "coordinator/store/defences.h"
#include "coordinator/store/generations.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/migration.h"
#include "coordinator/store/read_database.h"

namespace firesweep {
namespace {

constexpr std::int64_t kWalBytesBeforeCheckpoint = 8 << 20;
constexpr const char* kInMemory = ":memory:";
// For a reader that recovers the write-ahead log, or another program in the midst of a write.
constexpr int kOpenWaitMs = 5000;

SQLite::Database open_file(const std::filesystem::path& path, int create = SQLite::OPEN_CREATE) {
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | create | SQLite::OPEN_NOMUTEX,
                            kOpenWaitMs);
  defend(database);
  return database;
}

tl::unexpected<Error> cannot_open(const std::filesystem::path& path, const std::string& why) {
  return fail(ErrorCode::kIo, path.string(), "cannot be opened for writing: " + why,
              names_remote_disk(why)
                  ? "keep the database on a local disk: --db FILE names another place"
                  : "the file and its folder must be writable");
}

Result<void> check_rows(SQLite::Database& database, const std::filesystem::path& path) {
  const Contradictions found = find_contradictions(database, 1);
  if (found.count == 0) return {};
  return tl::unexpected(refusal_of(found, path));
}

}  // namespace

ConstraintViolation::ConstraintViolation(std::size_t record, const std::string& what)
    : std::runtime_error(what), record_(record) {}

struct Store::Impl {
  std::optional<DatabaseLock> lock;  // given up after the connection is closed
  std::filesystem::path path;        // empty: in memory
  Waiting waiting;
  std::unique_ptr<Connection> connection;
  std::optional<FileIdentity> identity;  // none where the file lies in no file system (tests)
  bool unused = false;                   // made by this process, and nothing kept in it so far

  ~Impl() {
    connection.reset();
    if (unused && lock && !path.empty()) remove_database(path);
  }

  Connection& open_connection() const {
    assert(connection != nullptr);
    return *connection;
  }
};

Result<Store> Store::open(const std::filesystem::path& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) return cannot_open(path, "it is a folder");
  auto lock = DatabaseLock::take(path);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  impl->lock.emplace(std::move(*lock));
  impl->unused = !std::filesystem::exists(path, status);
  if (const auto companions = check_companions(path); !companions) {
    return tl::unexpected(companions.error());
  }
  try {
    SQLite::Database database = open_file(path);
    if (sqlite3_db_readonly(database.getHandle(), "main") != 0) {
      return cannot_open(path, "it may only be read");
    }
    StepBudget budget(database);
    const auto version = version_of(database, path, newest_version());
    if (!version) return tl::unexpected(version.error());
    budget.renew();
    if (*version > 0) {
      const auto schema = check_schema(database, path, *version);
      if (!schema) return tl::unexpected(schema.error());
    }
    bring_up_to_date(database, path);
    if (auto rows = check_rows(database, path); !rows) return tl::unexpected(rows.error());
    begin_generation_of_backup(database);
    impl->connection = std::make_unique<Connection>(std::move(database), impl->waiting);
    const std::string mode =
        impl->connection->database().execAndGet("PRAGMA journal_mode").getString();
    if (mode != "wal") {
      return fail(
          ErrorCode::kIo, path.string(),
          "cannot use a write-ahead log here (journal mode is " + mode + ")",
          "network and read-only file systems cannot hold the database; choose a local folder");
    }
    // The first read maps the log's index: only now is it known that this disk has shared memory.
    impl->connection->database().execAndGet("SELECT count(*) FROM sqlite_schema");
  } catch (const SQLite::Exception& failure) {
    if (failure.getErrorCode() == SQLITE_CORRUPT)
      return tl::unexpected(damaged_error(path, failure.what()));
    if (failure.getErrorCode() == SQLITE_INTERRUPT)
      return tl::unexpected(damaged_error(path, kEndlessQuery));
    return cannot_open(path, trouble_text(path, failure.getExtendedErrorCode(), failure.what()));
  } catch (const std::filesystem::filesystem_error& failure) {
    return cannot_open(path, failure.what());
  }
  impl->identity = identity_of(path);
  return Store(std::move(impl));
}

Store Store::in_memory() {
  auto impl = std::make_unique<Impl>();
  SQLite::Database database = open_file(kInMemory);
  bring_up_to_date(database, {});
  impl->connection = std::make_unique<Connection>(std::move(database), impl->waiting);
  return Store(std::move(impl));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

void Store::publish_address(const std::string& address) {
  impl_->unused = false;
  if (auto& lock = impl_->lock) lock->publish_address(address);
}

void Store::on_waiting(Waiting waiting) { impl_->waiting = std::move(waiting); }

void Store::commit(std::span<const Record> records) {
  if (records.empty()) return;
  Connection& connection = impl_->open_connection();
  connection.begin();
  std::size_t index = 0;
  try {
    for (; index < records.size(); ++index) connection.writer().write(records[index]);
    connection.commit();
    impl_->unused = false;
  } catch (const MissingRow& missing) {
    connection.roll_back();
    throw ConstraintViolation(index, missing.what());
  } catch (const SQLite::Exception& failure) {
    connection.roll_back();
    if (failure.getErrorCode() == SQLITE_CONSTRAINT)
      throw ConstraintViolation(index, failure.what());
    throw;
  } catch (...) {
    connection.roll_back();
    throw;
  }
}

template <class Read>
auto Store::reading(Read read) const {
  Connection& connection = impl_->open_connection();
  StepBudget budget(connection.database());
  budget.renew();
  try {
    return read(connection.reader());
  } catch (const SQLite::Exception& failure) {
    if (failure.getErrorCode() != SQLITE_INTERRUPT) throw;
    throw DatabaseDamaged(impl_->path, kEndlessQuery);
  }
}

Snapshot Store::snapshot() const {
  return reading([](SnapshotReader& reader) { return reader.read(); });
}

std::vector<KnownResult> Store::known_results() const {
  return reading([](SnapshotReader& reader) { return reader.known_results(); });
}

void Store::checkpoint(bool idle) {
  Connection& connection = impl_->open_connection();
  const std::int64_t waiting = connection.wal_bytes();
  if (waiting > kWalBytesBeforeCheckpoint || (idle && waiting > 0)) connection.checkpoint();
}

std::int64_t Store::wal_bytes() const { return impl_->open_connection().wal_bytes(); }

void Store::reopen() {
  if (impl_->path.empty()) {
    impl_->open_connection().roll_back();
    return;
  }
  check_identity();
  impl_->connection.reset();
  impl_->connection = std::make_unique<Connection>(open_file(impl_->path, 0), impl_->waiting);
}

void Store::check_identity() {
  if (!impl_->identity) return;
  const auto now = identity_of(impl_->path);
  if (now == impl_->identity) return;
  const std::string file = impl_->path.string();
  try {
    if (impl_->connection) impl_->connection->checkpoint();  // what was moved shall be whole
  } catch (const SQLite::Exception&) {
    // Then it is as whole as it was.
  }
  throw DatabaseGone(now ? file + " is another file now: it was replaced while it was in use"
                         : file + " is gone: it was moved or removed while it was in use");
}

std::string Store::trouble(const std::exception& failure) const {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&failure);
  if (sqlite == nullptr) return failure.what();
  return trouble_text(impl_->path, sqlite->getExtendedErrorCode(), sqlite->what());
}

}  // namespace firesweep
