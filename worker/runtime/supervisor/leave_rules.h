// Decides when a host's slots leave of their own accord. Knows what the slots have told; owns no
// process and reads no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "worker/runtime/options/leave_when.h"

namespace firesweep {

// What a slot tells its supervisor.
struct SlotNews {
  std::uint64_t trials_ended = 0;  // in this process; not those it hands back because it leaves
  bool training = false;
  friend bool operator==(const SlotNews&, const SlotNews&) = default;
};

// So long before --until the slots are asked to leave: a batch's end and ten seconds (PROMISES §4).
inline constexpr std::chrono::seconds kUntilLead{60};

// Single-threaded; deterministic.
class LeaveRules {
 public:
  // All `slots` are idle since `now`.
  LeaveRules(LeaveWhen when, std::size_t slots, Instant now);

  // A slot's process has begun: its count begins with 0 again, and it is idle.
  void started(std::size_t slot, Instant now);
  void heard(std::size_t slot, SlotNews news, Instant now);
  // Its process has ended, and with it what it trained.
  void ended(std::size_t slot, Instant now);

  // Why all slots are to hand back what they have and leave; none where nothing says so.
  std::optional<std::string> leave_now(Instant now) const;
  // Whether this slot is to leave while others end their trials (--max-trials): as many as wanted
  // have ended or are being trained, and its own has ended; one that it has begun since goes back.
  // Once true, it stays true.
  bool is_done(std::size_t slot) const { return slots_[slot].done; }
  // Steady time of the next judgement that only time changes; none where no rule waits.
  std::optional<Duration> wake_at(Instant now) const;

  std::uint64_t trials_ended() const { return trials_ended_; }

 private:
  struct Slot {
    SlotNews news;
    bool last = false;  // what it trains is its last trial
    bool done = false;
  };
  bool has_ended_enough() const;
  void judge_count();
  void note_idleness(Instant now);

  const LeaveWhen when_;
  std::vector<Slot> slots_;
  std::uint64_t trials_ended_ = 0;
  std::optional<Duration> idle_since_;  // none while a slot trains
};

}  // namespace firesweep
