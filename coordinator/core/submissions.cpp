#include "coordinator/core/submissions.h"

#include <cassert>
#include <ranges>
#include <string>
#include <utility>

#include "coordinator/core/terminations.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

reply::Submitted submitted(const Sweep& sweep, bool resumed) {
  return {sweep.id, sweep.spec().name, sweep.trials.total(),
          resumed,  sweep.state,       sweep.spec().warnings};
}

// What a search has learnt holds for its own parameters and seeds.
Error only_more_trials(const Sweep& sweep) {
  return {ErrorCode::kBadInput, sweep_name(sweep.id),
          "method " + std::string(to_string(sweep.spec().method)) +
              " goes on with what it has learnt: only its run_cap can grow",
          "`firesweep extend " + std::to_string(sweep.id.value) +
              " --run-cap N`, or submit the file as a sweep of its own"};
}

// What decides on the trials of all of a sweep's files together.
Result<void> has_the_same_rules(const Sweep& sweep, const SweepSpec& file) {
  const SweepSpec& own = sweep.spec();
  const auto differs = [&](const std::string& member, const std::string& why) {
    return fail(ErrorCode::kBadInput, file.name + ": " + member,
                "differs from that of " + sweep_name(sweep.id) + why,
                "write the same, or submit the file as a sweep of its own");
  };
  if (file.early_terminate != own.early_terminate) {
    return differs("early_terminate", ", whose trials are stopped by one rule");
  }
  if (file.reuse != own.reuse) return differs("reuse", "");
  if (file.racing != own.racing) return differs("racing", ", whose points are in one race");
  return {};
}

}  // namespace

ClientReply Submissions::submit(const std::shared_ptr<const FrozenSweep>& frozen) {
  if (state_.draining) {
    return fail(ErrorCode::kUnavailable, frozen->spec.name, "the coordinator is shutting down",
                "submit it again later");
  }
  if (const auto equal = state_.sweeps.find_equal(*frozen)) return resume(state_.sweeps.at(*equal));
  const auto namesake = find_namesake(frozen->spec.name);
  auto space = SweepSpace::make(frozen);
  if (!space) return tl::unexpected(space.error());
  Sweep& sweep = state_.sweeps.add();
  sweep.frozen = frozen;
  sweep.trials = Trials(space->trials());
  sweep.space.emplace(std::move(*space));
  sweep.lay_out();
  sweep.prepare();
  Terminations::begin(sweep);
  state_.sweeps.note_file(frozen->hash, sweep.id);
  state_.sweeps.note_state(sweep);
  state_.changes.persist(
      record::SweepAdded{sweep.id, frozen, sweep.trials.total(), state_.now.utc});
  reply::Submitted reply = submitted(sweep, false);
  reply.namesake = namesake;
  return reply;
}

std::optional<SweepId> Submissions::find_namesake(const std::string& name) const {
  for (const auto& [id, sweep] : state_.sweeps.all() | std::views::reverse) {
    const bool grows = sweep.space && !learns(sweep.spec().method) &&
                       (is_under_way(sweep.state) || transition(sweep.state, SweepEvent::kExtend));
    if (grows && sweep.spec().name == name) return id;
  }
  return {};
}

// The same content again goes on where it was; a finished sweep has nothing to go on with.
ClientReply Submissions::resume(Sweep& sweep) {
  if (!sweep.space) return tl::unexpected(broken_error(sweep));
  std::optional<SweepState> woken_from;
  switch (sweep.state) {
    case SweepState::kRunning:
    case SweepState::kFinished:
      break;
    case SweepState::kPaused:
    case SweepState::kStopped:
    case SweepState::kFailed:
      woken_from = sweep.state;
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
  reply::Submitted reply = submitted(sweep, true);
  reply.woken_from = woken_from;
  return reply;
}

Result<Submissions::Extendable> Submissions::extendable(SweepId id) {
  const auto known = state_.sweeps.known(id);
  if (!known) return tl::unexpected(known.error());
  Sweep& sweep = **known;
  if (!is_under_way(sweep.state) && !transition(sweep.state, SweepEvent::kExtend)) {
    return tl::unexpected(state_refuses(sweep, SweepEvent::kExtend));
  }
  if (!sweep.space) return tl::unexpected(broken_error(sweep));
  return Extendable{sweep, *sweep.space};
}

ClientReply Submissions::extend(SweepId id, const std::shared_ptr<const FrozenSweep>& file) {
  const auto extended = extendable(id);
  if (!extended) return tl::unexpected(extended.error());
  if (const auto equal = state_.sweeps.find_equal(*file)) {
    return fail(ErrorCode::kConflict, file->spec.name,
                "the file is part of " + sweep_name(*equal) + " already",
                "change it to add trials");
  }
  if (learns(extended->sweep.spec().method)) {
    return tl::unexpected(only_more_trials(extended->sweep));
  }
  // A sweep grows by the rules it was submitted with: its trials are recognised among the file's.
  const int rules = extended->sweep.frozen->spec.rules;
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
  const Method before = extended->sweep.spec().method;
  ClientReply reply = grow(*extended, {frozen});
  if (const Method now = frozen->spec.method; reply && now != before) {
    std::get<reply::Extended>(*reply).warnings.push_back(
        "the method changes from " + std::string(to_string(before)) + " to " +
        std::string(to_string(now)) + ", for the added trials alone");
  }
  return reply;
}

ClientReply Submissions::widen(SweepId id, const Widening& by) {
  const auto extended = extendable(id);
  if (!extended) return tl::unexpected(extended.error());
  if (learns(extended->sweep.spec().method) && !by.run_cap) {
    return tl::unexpected(only_more_trials(extended->sweep));
  }
  const auto files = frozen_files(*extended, by);
  if (!files) return tl::unexpected(files.error());
  return grow(*extended, *files);
}

// Leaves out what is part of the sweep already. The same file in another sweep is a conflict: it
// could not be told which of the two is meant when it is submitted again.
Result<Submissions::Files> Submissions::frozen_files(const Extendable& extended,
                                                     const Widening& by) const {
  const auto specs = files_that_widen(extended.space, by);
  if (!specs) return tl::unexpected(specs.error());
  Files files;
  for (const WidenedFile& one : *specs) {
    auto frozen = state_.options.freeze(one.spec, *one.architectures);
    if (!frozen) return tl::unexpected(frozen.error());
    const auto equal = state_.sweeps.find_equal(*frozen);
    if (equal && *equal != extended.sweep.id) {
      return fail(ErrorCode::kConflict, sweep_name(extended.sweep.id),
                  "what would be added is " + sweep_name(*equal) + " already",
                  "its results are there; add other seeds");
    }
    if (!equal) files.push_back(std::make_shared<const FrozenSweep>(std::move(*frozen)));
  }
  return files;
}

ClientReply Submissions::grow(const Extendable& extended, const Files& files) {
  Sweep& sweep = extended.sweep;
  for (const auto& file : files) {
    if (auto same = has_the_same_rules(sweep, file->spec); !same) {
      return tl::unexpected(same.error());
    }
  }
  const bool as_it_is = is_under_way(sweep.state);
  const std::int64_t before = extended.space.trials();
  SweepSpace grown = extended.space;  // an error leaves the sweep as it was
  std::vector<record::SweepExtended> records;
  for (const auto& file : files) {
    const auto added = grown.append(file);
    if (!added) return tl::unexpected(added.error());
    if (*added == 0) continue;
    records.push_back({sweep.id, grown.segments() - 1, grown.newest_base(), file, grown.trials(),
                       state_.now.utc});
  }
  if (records.empty()) return tl::unexpected(SweepSpace::adds_nothing(sweep.spec().name));
  const std::int64_t trials = grown.trials();
  sweep.grow(std::move(grown));
  state_.changes.sweep(sweep.id);
  for (record::SweepExtended& record : records) {
    state_.sweeps.note_file(record.frozen->hash, sweep.id);
    state_.changes.persist(record);
  }
  if (!as_it_is) state_.sweeps.wake(sweep, SweepEvent::kExtend);
  assert(sweep.space && sweep.lineage);
  const Continued continued = continued_from(*sweep.space, *sweep.lineage, records.front().base);
  return reply::Extended{
      sweep.id,       sweep.state, trials - before, trials, records.front().base, continued.go_on,
      continued.anew, {}};
}

}  // namespace firesweep
