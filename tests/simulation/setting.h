// What every part of a simulated world shares: time, chance, the log and the counts. And clocks,
// since no two machines agree on the time.
#pragma once

#include "shared/base/clock.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/event_log.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/random.h"

namespace firesweep::simulation {

// Plain data of one world; one thread.
struct Setting {
  const Plan& plan;
  Agenda& agenda;
  Random& random;
  EventLog& log;
  Coverage& coverage;
  bool calm = false;  // nothing goes wrong any more

  template <class... Parts>
  void say(std::string_view who, const Parts&... parts) const {
    log.line(agenda.now(), who, parts...);
  }
};

// A machine's clocks: both run by the same crystal, from different starts.
class NodeClock {
 public:
  NodeClock(Duration offset, double drift) : offset_(offset), rate_(1.0 + drift) {}

  Instant at(Duration world) const {
    const Duration steady = offset_ + scaled(world, rate_);
    return {steady, kEpoch + std::chrono::duration_cast<std::chrono::milliseconds>(steady)};
  }
  // The first moment of the world at which this clock shows `steady` or more.
  Duration world_time(Duration steady) const {
    return scaled(steady - offset_, 1.0 / rate_) + Duration(1);
  }

 private:
  static constexpr std::chrono::milliseconds kEpoch{1'700'000'000'000};
  static Duration scaled(Duration time, double by) {
    return Duration(static_cast<std::int64_t>(static_cast<double>(time.count()) * by));
  }
  Duration offset_;
  double rate_;
};

}  // namespace firesweep::simulation
