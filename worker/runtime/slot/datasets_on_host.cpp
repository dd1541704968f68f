#include "worker/runtime/slot/datasets_on_host.h"

#include <spdlog/spdlog.h>

#include "worker/datasets/decoded_file.h"
#include "worker/datasets/file.h"
#include "worker/datasets/source.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

bool lies_in(const DatasetSource& source, const fs::path& folder) {
  if (stamp_of(folder / decoded_file_name(source.info))) return true;
  const auto raw = has_raw_files(source, folder);
  if (!raw)
    spdlog::warn("event=dataset_unusable dataset={} why=\"{}\"", source.info.name,
                 to_string(raw.error()));
  return raw && *raw;
}

bool lies_somewhere(const DatasetSource& source, const Locations& locations) {
  for (const auto& place : {locations.data_dir, locations.environment_dir, locations.cache_dir,
                            std::optional<fs::path>(locations.system_dir)}) {
    if (place && (lies_in(source, *place) || lies_in(source, *place / source.folder))) return true;
  }
  return false;
}

}  // namespace

std::vector<DatasetOnHost> datasets_on_host(const Locations& locations) {
  std::vector<DatasetOnHost> found;
  for (const DatasetInfo& info : datasets()) {
    const auto source = find_source(info.name);
    if (source && lies_somewhere(**source, locations)) found.push_back({info.name, info.checksum});
  }
  return found;
}

}  // namespace firesweep
