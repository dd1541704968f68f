#include "tests/simulation/answers.h"

#include <optional>
#include <utility>
#include <variant>

#include "tests/simulation/kinds.h"
#include "tests/simulation/ledger_rules.h"

namespace firesweep::simulation {
namespace {

// The sweep that a user is told holds the file; none where the answer is of another kind.
std::optional<SweepId> told_sweep(const ClientAnswer& answer) {
  if (const auto* submitted = std::get_if<reply::Submitted>(&answer)) return submitted->sweep;
  if (const auto* extended = std::get_if<reply::Extended>(&answer)) return extended->sweep;
  return {};
}

bool answers(const request::Steer& steer, const ClientAnswer& answer) {
  if (steer.trial) {
    const auto* steered = std::get_if<reply::TrialSteered>(&answer);
    return steered != nullptr && steered->trial == *steer.trial;
  }
  const auto* steered = std::get_if<reply::SweepSteered>(&answer);
  return steered != nullptr && steered->sweep == steer.sweep;
}

}  // namespace

void Answers::asked(const PeerId& client, std::shared_ptr<const FrozenSweep> submitted) {
  ledger_.want_running(submitted->hash);
  submissions_[client] = std::move(submitted);
}

void Answers::asked(const PeerId& client, SweepId sweep,
                    std::shared_ptr<const FrozenSweep> extension) {
  ledger_.want_extended(sweep, extension);
  submissions_[client] = std::move(extension);
}

void Answers::asked(const PeerId& client, SweepId sweep, std::int64_t seed) {
  ledger_.want_seed(sweep, seed);
  const auto known = ledger_.sweeps().find(sweep);
  seeds_[client] = {sweep, seed, known == ledger_.sweeps().end() ? 0 : known->second.space->raw()};
}

void Answers::asked(const PeerId& client, const request::Steer& steer) {
  ledger_.want(steer);
  steers_[client] = steer;
}

void Answers::given(const PeerId& client, const ClientReply& reply) {
  if (!reply) return;
  if (const auto submission = submissions_.find(client); submission != submissions_.end()) {
    const std::optional<SweepId> told = told_sweep(*reply);
    const auto& sweeps = ledger_.sweeps();
    const auto held = told ? sweeps.find(*told) : sweeps.end();
    if (held == sweeps.end() || !held->second.has_file(submission->second->hash)) {
      broken("a user is told of a sweep that is not on the disk");
    }
  }
  if (const auto added = seeds_.find(client); added != seeds_.end()) {
    const auto& [sweep, seed, numbers] = added->second;
    const auto held = ledger_.sweeps().find(sweep);
    if (held == ledger_.sweeps().end() || !every_point_has(*held->second.space, numbers, seed)) {
      broken("a user is told that a seed was added, and points on the disk are without it");
    }
  }
  if (const auto steer = steers_.find(client); steer != steers_.end()) {
    const std::string asked = "\"" + describe(steer->second) + "\"";
    if (!answers(steer->second, *reply)) broken("a user asks " + asked + ", and is told another");
    if (!on_disk(steer->second)) {
      broken("a user is told " + asked + " is done, and the disk denies it");
    }
  }
}

// What users were told is done has been done, and as often.
bool Answers::on_disk(const request::Steer& steer) {
  using request::Verb;
  const std::int64_t times = ++told_[describe(steer)];
  const LedgerSweep& sweep = ledger_.sweeps().at(steer.sweep);
  const auto moves_to = [&](SweepState state) {
    const auto found = sweep.moves.find(state);
    return found == sweep.moves.end() ? 0 : found->second;
  };
  if (steer.trial) {
    const LedgerTrial* trial = ledger_.find(*steer.trial);
    if (trial == nullptr) return false;
    if (steer.verb == Verb::kRetry) return trial->retries >= times;
    return trial->retries > 0 || std::holds_alternative<Cancelled>(trial->state) ||
           std::holds_alternative<Stopping>(trial->state);
  }
  switch (steer.verb) {
    case Verb::kPause:
      return moves_to(SweepState::kPaused) >= times;
    case Verb::kResume:
      return moves_to(SweepState::kRunning) >= times;
    case Verb::kStop:
      return moves_to(SweepState::kStopping) >= times;
    case Verb::kCancel:
      return moves_to(SweepState::kCancelled) >= times;
    case Verb::kRetry:
      return sweep.retries >= times;
  }
  return false;
}

}  // namespace firesweep::simulation
