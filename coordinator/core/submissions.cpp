#include "coordinator/core/submissions.h"

#include <utility>

namespace firesweep {
namespace {

reply::Submitted submitted(const Sweep& sweep, bool resumed) {
  return {sweep.id, sweep.spec().name, sweep.trials.total(),
          resumed,  sweep.state,       sweep.spec().warnings};
}

}  // namespace

ClientReply Submissions::submit(const std::shared_ptr<const FrozenSweep>& frozen) {
  if (state_.draining) {
    return fail(ErrorCode::kUnavailable, frozen->spec.name, "the coordinator is shutting down",
                "submit it again later");
  }
  if (const auto equal = state_.sweeps.find_equal(*frozen)) return resume(state_.sweeps.at(*equal));
  auto space = SweepSpace::make(frozen);
  if (!space) return tl::unexpected(space.error());
  Sweep& sweep = state_.sweeps.add();
  sweep.frozen = frozen;
  sweep.trials = Trials(space->trials());
  sweep.space.emplace(std::move(*space));
  sweep.prepare();
  state_.sweeps.note_file(frozen->hash, sweep.id);
  state_.sweeps.note_state(sweep);
  state_.changes.persist(
      record::SweepAdded{sweep.id, frozen, sweep.trials.total(), state_.now.utc});
  return submitted(sweep, false);
}

// The same content again goes on where it was; a finished sweep has nothing to go on with.
ClientReply Submissions::resume(Sweep& sweep) {
  if (!sweep.space) return tl::unexpected(broken_error(sweep));
  switch (sweep.state) {
    case SweepState::kRunning:
    case SweepState::kFinished:
      break;
    case SweepState::kPaused:
    case SweepState::kStopped:
    case SweepState::kFailed:
      state_.sweeps.wake(sweep, SweepEvent::kResume);
      break;
    case SweepState::kStopping:
      return fail(ErrorCode::kConflict, sweep.spec().name,
                  sweep_name(sweep.id) + " has the same content and is stopping",
                  "submit it again once it has stopped");
    case SweepState::kCancelled:
      return fail(ErrorCode::kConflict, sweep.spec().name,
                  sweep_name(sweep.id) + " has the same content and was cancelled",
                  "give it another name to run it as a new sweep");
  }
  sweep.asleep = false;
  return submitted(sweep, true);
}

ClientReply Submissions::extend(SweepId id, const std::shared_ptr<const FrozenSweep>& file) {
  const auto known = state_.sweeps.known(id);
  if (!known) return tl::unexpected(known.error());
  Sweep& sweep = **known;
  const bool as_it_is = is_under_way(sweep.state);
  if (!as_it_is && !transition(sweep.state, SweepEvent::kExtend)) {
    return tl::unexpected(state_refuses(sweep, SweepEvent::kExtend));
  }
  if (!sweep.space) return tl::unexpected(broken_error(sweep));
  if (const auto equal = state_.sweeps.find_equal(*file)) {
    return fail(ErrorCode::kConflict, file->spec.name,
                "the file is part of " + sweep_name(*equal) + " already",
                "change it to add trials");
  }
  // A sweep grows by the rules it was submitted with: its trials are recognised among the file's.
  const int rules = sweep.frozen->spec.rules;
  std::shared_ptr<const FrozenSweep> frozen = file;
  for (const auto& older : file->by_older_rules) {
    if (older->spec.rules == rules) frozen = older;
  }
  if (frozen->spec.rules != rules) {
    return fail(ErrorCode::kBadInput, file->spec.name,
                "cannot be read by version " + std::to_string(rules) + " of the rules, which " +
                    sweep_name(id) + " was submitted with",
                "submit the file as a sweep of its own");
  }
  const std::int64_t before = sweep.space->trials();
  if (const auto extended = sweep.space->extend(frozen); !extended) {
    return tl::unexpected(extended.error());
  }
  sweep.grow();
  state_.sweeps.note_file(frozen->hash, id);
  state_.changes.persist(record::SweepExtended{id, sweep.space->segments() - 1,
                                               sweep.space->newest_base(), frozen,
                                               sweep.space->trials(), state_.now.utc});
  if (!as_it_is) state_.sweeps.wake(sweep, SweepEvent::kExtend);
  return reply::Extended{id, sweep.state, sweep.space->trials() - before, sweep.space->trials(),
                         sweep.space->newest_base()};
}

}  // namespace firesweep
