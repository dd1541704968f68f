// What a worker's frame means: who speaks and from where, what it holds, what it reports, that it
// leaves.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "coordinator/core/reports.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// Not thread-safe.
class Sessions {
 public:
  struct State {
    const SchedulerOptions& options;
    const DatabaseLife& life;
    Roster& roster;
    Stops& stops;
    Attempts& attempts;
    Reports& reports;
    Changes& changes;
    const Instant& now;
  };
  explicit Sessions(State state) : state_(state) {}

  // What was held back on an older socket, or came twice, is overtaken: it neither shows that the
  // worker lives nor says where and with what. The reports in it are judged, since each has its own
  // number.
  void hear(const event::WorkerFrameArrived& event);

 private:
  // What a worker says it holds, judged once its whole frame has been applied.
  struct Claim {
    std::uint64_t last_sequence = 0;
    std::vector<HeldTrial> held;
    bool greeted = false;       // a Hello: commands may have been missed
    bool fresh_socket = false;  // what was sent to the old one is lost
  };

  // Whether the frame's keys are attempts of this generation. Else its worker is told, and nothing
  // of the frame counts.
  bool judge_generation(const event::WorkerFrameArrived& event);
  // False where the worker is refused: nothing else of its frame counts.
  bool greet(const PeerId& peer, SessionId session, const Hello& hello,
             std::optional<Claim>& claim);
  void beat(Worker& worker, const Heartbeat& beat, std::optional<Claim>& claim);
  // PROMISES §4: leased and held → adopted; leased and not held → lost, or never received; held
  // and not leased → abandon.
  void compare(Worker& worker, const Claim& claim);
  // A session's last word, also where this coordinator has just started and knows nothing of it.
  void leave(SessionId session);
  Duration now() const { return state_.now.steady; }

  State state_;
};

}  // namespace firesweep
