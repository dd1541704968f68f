#include "coordinator/store/stored_search.h"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "coordinator/store/read_database.h"
#include "coordinator/store/snapshot_reader.h"

namespace firesweep {

Result<SweepSnapshot> read_sweep(const std::filesystem::path& database, SweepId sweep) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return tl::unexpected(opened.error());
  Snapshot snapshot;
  try {
    opened->in_one_state([&] { snapshot = SnapshotReader(opened->connection()).read_rows(); });
  } catch (const DatabaseDamaged& damaged) {
    return tl::unexpected(damaged.error());
  } catch (const SQLite::Exception& failure) {
    return fail(ErrorCode::kIo, database.string(),
                std::string("cannot be read: ") + failure.what());
  } catch (const std::exception& failure) {
    return fail(ErrorCode::kBadInput, database.string(), failure.what());
  }
  const auto found = std::ranges::find(snapshot.sweeps, sweep, &SweepSnapshot::sweep);
  if (found == snapshot.sweeps.end()) {
    std::string known = snapshot.sweeps.empty() ? "there is none" : "known sweeps:";
    for (const SweepSnapshot& one : snapshot.sweeps) known += " " + std::to_string(one.sweep.value);
    return fail(ErrorCode::kNotFound, "sweep " + std::to_string(sweep.value), "no such sweep",
                std::move(known));
  }
  if (!found->broken.empty()) {
    return fail(ErrorCode::kBadInput, "sweep " + std::to_string(sweep.value),
                "it is broken: " + found->broken, "use the version of firesweep that began it");
  }
  return std::move(*found);
}

}  // namespace firesweep
