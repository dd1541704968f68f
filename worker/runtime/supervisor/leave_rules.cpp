#include "worker/runtime/supervisor/leave_rules.h"

#include <algorithm>
#include <utility>

namespace firesweep {

LeaveRules::LeaveRules(LeaveWhen when, std::size_t slots, Instant now)
    : when_(std::move(when)), slots_(slots), idle_since_(now.steady) {}

void LeaveRules::started(std::size_t slot, Instant now) {
  slots_[slot].news = {};
  note_idleness(now);
}

void LeaveRules::heard(std::size_t slot, SlotNews news, Instant now) {
  Slot& its = slots_[slot];
  const std::uint64_t ended =
      news.trials_ended - std::min(news.trials_ended, its.news.trials_ended);
  trials_ended_ += ended;
  its.news = news;
  if (ended > 0) idle_since_ = now.steady;  // a trial may be over between two pieces of news
  note_idleness(now);
  if (ended > 0 && (its.last || has_ended_enough())) its.done = true;
  judge_count();
}

void LeaveRules::ended(std::size_t slot, Instant now) {
  slots_[slot].news.training = false;
  note_idleness(now);
  judge_count();
}

bool LeaveRules::has_ended_enough() const {
  return when_.max_trials && trials_ended_ >= static_cast<std::uint64_t>(*when_.max_trials);
}

void LeaveRules::judge_count() {
  if (!when_.max_trials) return;
  const auto training = std::count_if(slots_.begin(), slots_.end(),
                                      [](const Slot& slot) { return slot.news.training; });
  const std::uint64_t begun = trials_ended_ + static_cast<std::uint64_t>(training);
  const bool enough = begun >= static_cast<std::uint64_t>(*when_.max_trials);
  for (Slot& slot : slots_) {
    slot.last = enough;
    if (enough && !slot.news.training) slot.done = true;
  }
}

void LeaveRules::note_idleness(Instant now) {
  const bool training = std::any_of(slots_.begin(), slots_.end(),
                                    [](const Slot& slot) { return slot.news.training; });
  if (training) {
    idle_since_.reset();
  } else if (!idle_since_) {
    idle_since_ = now.steady;
  }
}

std::optional<std::string> LeaveRules::leave_now(Instant now) const {
  if (when_.until && now.utc >= *when_.until - kUntilLead) return "the time of --until is near";
  if (when_.idle_exit && idle_since_ && now.steady - *idle_since_ >= *when_.idle_exit)
    return "no slot had a trial for the time of --idle-exit";
  return std::nullopt;
}

std::optional<Duration> LeaveRules::wake_at(Instant now) const {
  std::optional<Duration> next;
  const auto sooner = [&next](Duration time) { next = next ? std::min(*next, time) : time; };
  if (when_.idle_exit && idle_since_) sooner(*idle_since_ + *when_.idle_exit);
  if (when_.until)
    sooner(now.steady + std::max<Duration>(*when_.until - kUntilLead - now.utc, Duration(0)));
  return next;
}

}  // namespace firesweep
