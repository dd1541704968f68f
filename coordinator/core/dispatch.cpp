#include "coordinator/core/dispatch.h"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "coordinator/core/matching.h"
#include "coordinator/core/promotions.h"
#include "coordinator/core/proposals.h"

namespace firesweep {
namespace {

// The trial's `amp`, which its worker must support; empty if this build cannot generate the trial.
// A method that learns proposes no amp: it is known of trials that are not proposed yet.
std::string amp_of(const Sweep& sweep, std::int64_t number) {
  assert(sweep.space);  // a broken sweep dispatches nothing
  if (sweep.space->learns()) return sweep.spec().base.amp;
  const auto config = sweep.space->config(number);
  return config ? config->amp : std::string();
}

}  // namespace

bool Dispatch::open_for_work(const Worker& worker) const {
  return worker.connected && !worker.leaving && !worker.preempted &&
         !worker.silent(now_, options_.heartbeat_every);
}

Placement Dispatch::next(const Worker& worker) const {
  Placement placement;
  if (!has_room(worker)) return placement;
  for (const SweepId id : sweeps_for(worker)) {
    DispatchQueue::Found found = search(worker, sweeps_.at(id));
    if (!within_credit(worker, id)) {
      if (found.number) break;  // it is this sweep's turn once the worker has less in hand
      continue;
    }
    placement.searches.emplace_back(id, std::move(found));
    if (placement.found()) break;
  }
  return placement;
}

bool Dispatch::within_credit(const Worker& worker, SweepId sweep) const {
  const auto& space = sweeps_.at(sweep).space;
  const bool learns = space && space->learns();
  const std::int64_t credit = worker.credit(sweep, now_);
  return worker.load() < (learns ? std::min(credit, Proposals::kMostCredit) : credit);
}

bool Dispatch::has_room(const Worker& worker) const {
  return std::any_of(sweeps_.running().begin(), sweeps_.running().end(), [&](SweepId id) {
    return sweeps_.at(id).wants_worker() && within_credit(worker, id);
  });
}

DispatchQueue::Found Dispatch::search(const Worker& worker, const Sweep& sweep) const {
  return sweep.queue.search(
      {.returned = [&](std::int64_t n) { return may_have_again(worker, sweep, n); },
       .untouched = [&](std::int64_t n) { return sweep.trials.find(n) == nullptr; },
       .kind = [&](std::int64_t n) { return amp_of(sweep, n); },
       .fits = [&](const std::string& amp) { return fits_amp(worker.capabilities, amp); },
       .open = [&](std::int64_t n) { return !sweep.race || sweep.race->open(n); },
       .promoted = [&] { return promoted(worker, sweep); }});
}

std::optional<std::int64_t> Dispatch::promoted(const Worker& worker, const Sweep& sweep) const {
  const auto next = next_promotion(sweep, [&](std::int64_t number) {
    return std::holds_alternative<Waiting>(sweep.trials.find(number)->state) &&
           may_have_again(worker, sweep, number);
  });
  if (!next) return std::nullopt;
  return next->trial;
}

std::vector<SweepId> Dispatch::sweeps_for(const Worker& worker) const {
  struct Rank {
    std::int64_t priority;
    std::int64_t others;
    SweepId id;
  };
  std::vector<Rank> ranks;
  for (const SweepId id : sweeps_.running()) {
    const Sweep& sweep = sweeps_.at(id);
    if (may_serve(worker, sweep)) ranks.push_back({sweep.spec().priority, 0, id});
  }
  if (ranks.size() > 1) {
    for (Rank& rank : ranks) rank.others = others_on(worker, rank.id);
    std::sort(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) {
      if (a.priority != b.priority) return a.priority > b.priority;
      return std::tie(a.others, a.id) < std::tie(b.others, b.id);
    });
  }
  std::vector<SweepId> ids;
  for (const Rank& rank : ranks) ids.push_back(rank.id);
  return ids;
}

std::int64_t Dispatch::others_on(const Worker& worker, SweepId sweep) const {
  const TrialKey first{make_trial_id(sweep, 0), {}};
  return std::count_if(roster_.workers().begin(), roster_.workers().end(), [&](const auto& entry) {
    const Worker& other = entry.second;
    if (other.session == worker.session) return false;
    const auto lease = other.leases.lower_bound(first);
    return lease != other.leases.end() && sweep_of(lease->first.trial) == sweep;
  });
}

bool Dispatch::may_serve(const Worker& worker, const Sweep& sweep) const {
  return sweep.wants_worker() && can_run(worker.capabilities, *sweep.frozen) &&
         !kept_away(worker, sweep);
}

// A quarantine holds only while trusted workers can do the work: where all have failed, the fault
// is the trials', and waiting would help nobody.
bool Dispatch::kept_away(const Worker& worker, const Sweep& sweep) const {
  if (!quarantine_.holds(worker.name, now_)) return false;
  const std::vector<std::string> amps = sweep.amps();
  return std::all_of(amps.begin(), amps.end(), [&](const std::string& amp) {
    return !fits_amp(worker.capabilities, amp) || another_can(worker, sweep, amp);
  });
}

// A trial that came back: not while its checkpoint is on its way, and rather to another worker than
// to the one that lost it.
bool Dispatch::may_have_again(const Worker& worker, const Sweep& sweep, std::int64_t number) const {
  if (checkpoints_.awaits(make_trial_id(sweep.id, number), now_)) return false;
  if (sweep.race && !sweep.race->open(number)) return false;
  const std::string amp = amp_of(sweep, number);
  if (amp.empty() || !fits_amp(worker.capabilities, amp)) return false;
  const Trial* trial = sweep.trials.find(number);
  return !trial->avoid_worker || trial->worker != worker.name || !another_can(worker, sweep, amp);
}

bool Dispatch::another_can(const Worker& worker, const Sweep& sweep, const std::string& amp) const {
  return std::any_of(roster_.workers().begin(), roster_.workers().end(), [&](const auto& entry) {
    const Worker& other = entry.second;
    return other.name != worker.name && open_for_work(other) &&
           !quarantine_.holds(other.name, now_) && can_run(other.capabilities, *sweep.frozen) &&
           fits_amp(other.capabilities, amp);
  });
}

}  // namespace firesweep
