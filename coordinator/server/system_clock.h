// The machine's clocks, for the coordinator's loop.
#pragma once

#include "coordinator/loop/ports.h"

namespace firesweep {

class SystemClock final : public loop::Clock {
 public:
  Instant now() override { return system_now(); }
};

}  // namespace firesweep
