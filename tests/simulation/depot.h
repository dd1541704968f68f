// The coordinator's folder of checkpoints: files that outlive its process, and what its server
// knows of them while it runs. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/domain/records.h"

namespace firesweep::simulation {

// What training has reached: enough to go on from there, bit for bit.
struct Checkpoint {
  std::int64_t epoch = 0;
  std::uint64_t weights = 0;
};

struct Depot {
  struct File {
    std::string dataset;
    std::string config_hash;
    std::int64_t seed = 0;
    Checkpoint content;
  };
  std::map<std::string, File> files;
  bool serving = false;
  std::map<TrialId, StoredCheckpoint> rows;  // as committed, told to the server
};

}  // namespace firesweep::simulation
