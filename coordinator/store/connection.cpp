#include "coordinator/store/connection.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "coordinator/store/binding.h"

namespace firesweep {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kFrameHeaderBytes =
    24;  // https://sqlite.org/fileformat2.html#the_write_ahead_log
// After a checkpoint the file is cut back to this instead of keeping its largest size for ever.
constexpr const char* kWalLimit = "PRAGMA journal_size_limit = 16777216";
constexpr milliseconds kLongestNap{20};
constexpr milliseconds kTellAfter{200};
constexpr milliseconds kTellEvery{1000};

}  // namespace

Connection::Connection(SQLite::Database database, const std::function<bool(milliseconds)>& waiting)
    : database_(std::move(database)), waiting_(waiting) {
  sqlite3_busy_handler(database_.getHandle(), &Connection::on_busy, this);
  database_.execAndGet("PRAGMA journal_mode = WAL");
  database_.exec("PRAGMA synchronous = FULL");
  database_.exec("PRAGMA foreign_keys = ON");
  database_.execAndGet(kWalLimit);
  frame_bytes_ = database_.execAndGet("PRAGMA page_size").getInt64() + kFrameHeaderBytes;
  // A hook of one's own takes the place of the automatic checkpoint.
  sqlite3_wal_hook(database_.getHandle(), &Connection::on_commit, this);
  checkpoint();
  writer_ = std::make_unique<RecordWriter>(database_);
  reader_ = std::make_unique<SnapshotReader>(database_);
  begin_ = std::make_unique<SQLite::Statement>(database_, "BEGIN IMMEDIATE");
  commit_ = std::make_unique<SQLite::Statement>(database_, "COMMIT");
  roll_back_ = std::make_unique<SQLite::Statement>(database_, "ROLLBACK");
}

void Connection::begin() { run(*begin_); }
void Connection::commit() { run(*commit_); }

void Connection::roll_back() noexcept {
  // SQLite has rolled back by itself after some failures; then there is nothing left to do.
  if (sqlite3_get_autocommit(database_.getHandle()) != 0) return;
  roll_back_->tryExecuteStep();
  roll_back_->tryReset();
}

void Connection::checkpoint() {
  int frames = 0;
  int moved = 0;
  const int outcome = sqlite3_wal_checkpoint_v2(database_.getHandle(), nullptr,
                                                SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
  if (outcome == SQLITE_BUSY || frames < 0) return;
  if (outcome != SQLITE_OK) throw SQLite::Exception(database_.getHandle(), outcome);
  wal_frames_ = frames - moved;
}

int Connection::on_commit(void* self, sqlite3*, const char*, int frames) {
  static_cast<Connection*>(self)->wal_frames_ = frames;
  return SQLITE_OK;
}

int Connection::on_busy(void* self, int count) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (count == 0) {
    connection.wait_began_ = now;
    connection.tell_at_ = now + kTellAfter;
  }
  if (now >= connection.tell_at_) {
    connection.tell_at_ = now + kTellEvery;
    const auto waited = std::chrono::floor<milliseconds>(now - connection.wait_began_);
    if (connection.waiting_ && !connection.waiting_(waited)) return 0;
  }
  std::this_thread::sleep_for(std::min(milliseconds(1 + count), kLongestNap));
  return 1;
}

}  // namespace firesweep
