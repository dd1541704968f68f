#include "tests/fuzz/targets.h"

#include <array>
#include <cstdlib>
#include <iostream>

namespace firesweep::fuzz {

std::span<const Target> targets() {
  static constexpr std::array<Target, 8> kTargets{{{"wire", try_wire_frame},
                                                   {"sweep_json", try_sweep_json},
                                                   {"sweep_yaml", try_sweep_yaml},
                                                   {"wandb", try_wandb},
                                                   {"architecture", try_architecture},
                                                   {"checkpoint", try_checkpoint},
                                                   {"dataset", try_dataset},
                                                   {"database", try_database}}};
  return kTargets;
}

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << std::endl;
  std::abort();
}

}  // namespace firesweep::fuzz
