#include "coordinator/server/store_database.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <stdexcept>

#include "coordinator/store/contradictions.h"

namespace firesweep {
namespace {

// Logs the failure and says it in words.
std::string told(const Store& store, const char* event, const std::exception& failure) {
  std::string why = store.trouble(failure);
  spdlog::error("event={} what=\"{}\" why=\"{}\"", event, failure.what(), why);
  return why;
}

}  // namespace

loop::CommitOutcome StoreDatabase::commit(std::span<const Record> records) {
  const auto start = std::chrono::steady_clock::now();
  try {
    store_.commit(records);
  } catch (const ConstraintViolation& violation) {
    spdlog::error("event=constraint_violation records={} what=\"{}\"", records.size(),
                  violation.what());
    return {loop::CommitOutcome::Kind::kRefused, violation.what(), kContradictionsHint};
  } catch (const std::runtime_error& failure) {
    return {loop::CommitOutcome::Kind::kUnknown, told(store_, "commit_failed", failure), {}};
  }
  commit_seconds_.add(std::chrono::steady_clock::now() - start);
  return {};
}

template <class Read>
auto StoreDatabase::reading(Read read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const DatabaseGone&) {
    throw;
  } catch (const std::runtime_error& failure) {
    return fail(ErrorCode::kIo, "database", told(store_, "read_failed", failure));
  }
}

Result<Snapshot> StoreDatabase::snapshot() {
  return reading([this] { return store_.snapshot(); });
}

Result<std::vector<KnownResult>> StoreDatabase::known_results() {
  return reading([this] { return store_.known_results(); });
}

Result<Snapshot> StoreDatabase::reopen() {
  try {
    store_.reopen();
  } catch (const DatabaseGone&) {
    throw;
  } catch (const std::runtime_error& failure) {
    return fail(ErrorCode::kIo, "database", told(store_, "reopen_failed", failure));
  }
  return snapshot();
}

}  // namespace firesweep
