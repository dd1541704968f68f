// One seed from beginning to end: hosts, a coordinator, users, and what befalls them; then calm,
// in which everything must come to its end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/simulation/coverage.h"
#include "tests/simulation/disk.h"

namespace firesweep::simulation {

struct Outcome {
  std::uint64_t seed = 0;
  std::string violation;  // empty: every promise was kept
  std::string log;        // where it was asked for
  Duration simulated{0};
  bool failed() const { return !violation.empty(); }
};

// One thread's simulator, with the disks that are used again from seed to seed.
class Simulator {
 public:
  Simulator();
  ~Simulator();

  // Runs a seed. Never throws for what the simulated programs do: a broken promise and any
  // exception of theirs are the outcome. Equal seeds give equal outcomes, whatever was run before.
  // `coverage` is added to.
  Outcome run(std::uint64_t seed, Coverage& coverage, bool keep_log);

 private:
  std::unique_ptr<Disk> memory_;
  std::unique_ptr<Disk> torn_;
};

// "build/release/bin/firesweep-simulate --seeds 7..7 --log".
std::string replay_command(std::uint64_t seed);

}  // namespace firesweep::simulation
