#include "coordinator/core/sweeps.h"

#include <cassert>
#include <limits>
#include <utility>

namespace firesweep {

std::int64_t TrialRef::epochs() const {
  constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();
  if (!sweep->space) return kUnlimited;
  const auto config = sweep->space->config(number);
  return config ? config->epochs : kUnlimited;
}

std::string sweep_name(SweepId sweep) { return "sweep " + std::to_string(sweep.value); }

Error state_refuses(const Sweep& sweep, SweepEvent event) {
  std::string hint;
  if (sweep.state == SweepState::kStopping) {
    hint = "ask again once it has stopped";
  } else if (sweep.state == SweepState::kCancelled && event != SweepEvent::kCancel) {
    hint = "a cancelled sweep stays so; give its file another name to run it as a new one";
  }
  return {ErrorCode::kConflict, sweep_name(sweep.id),
          "it is " + std::string(to_string(sweep.state)) + ", and cannot take \"" +
              std::string(to_string(event)) + "\"",
          std::move(hint)};
}

Error broken_error(const Sweep& sweep) {
  return {ErrorCode::kConflict, sweep_name(sweep.id), "it is broken: " + sweep.broken,
          "continue it with the version of firesweep that began it; it may be stopped or cancelled "
          "here"};
}

TrialRef Sweeps::find(TrialId id) {
  const auto sweep = sweeps_.find(sweep_of(id));
  if (sweep == sweeps_.end()) return {};
  const std::int64_t number = number_of(id);
  return {&sweep->second, number, sweep->second.trials.find(number)};
}

Result<Sweep*> Sweeps::known(SweepId id) {
  const auto found = sweeps_.find(id);
  if (found != sweeps_.end()) return &found->second;
  std::string known = sweeps_.empty() ? "there is none yet" : "known sweeps:";
  for (const auto& [other, sweep] : sweeps_) {
    known += (other == sweeps_.begin()->first ? " " : ", ") + std::to_string(other.value);
  }
  return fail(ErrorCode::kNotFound, sweep_name(id), "no such sweep", std::move(known));
}

Sweep& Sweeps::add(std::optional<SweepId> id) {
  if (!id) id = SweepId{sweeps_.empty() ? 1 : sweeps_.rbegin()->first.value + 1};
  Sweep& sweep = sweeps_[*id];
  sweep.id = *id;
  return sweep;
}

std::optional<SweepId> Sweeps::find_equal(const FrozenSweep& frozen) const {
  if (const auto equal = by_hash_.find(frozen.hash); equal != by_hash_.end()) return equal->second;
  for (const auto& older : frozen.by_older_rules) {
    const auto equal = by_hash_.find(older->hash);
    if (equal != by_hash_.end()) return equal->second;
  }
  return std::nullopt;
}

void Sweeps::move(Sweep& sweep, SweepEvent event) {
  const auto next = transition(sweep.state, event);
  assert(next.has_value());
  sweep.state = *next;
  sweep.failing = event == SweepEvent::kTooManyFailures;
  note_state(sweep);
  changes_.persist(record::SweepChanged{sweep.id, sweep.state, sweep.failing, now_.utc});
}

void Sweeps::note_state(const Sweep& sweep) {
  if (sweep.state == SweepState::kRunning && sweep.space) {
    running_.insert(sweep.id);
  } else {
    running_.erase(sweep.id);
  }
  changes_.sweep(sweep.id);
}

void Sweeps::wake(Sweep& sweep, SweepEvent event) {
  move(sweep, event);
  sweep.prepare();
  sweep.asleep = false;
}

void Sweeps::settle(Sweep& sweep) {
  if (sweep.broken.empty() && sweep.state == SweepState::kRunning && sweep.trials.waiting() == 0 &&
      sweep.trials.live().empty()) {
    move(sweep, SweepEvent::kNoTrialLeft);
  } else if (sweep.state == SweepState::kStopping && sweep.trials.live().empty()) {
    move(sweep, sweep.failing ? SweepEvent::kDrainedAfterFailure : SweepEvent::kDrained);
  }
}

}  // namespace firesweep
