#include "tests/simulation/answers.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/kinds.h"

namespace firesweep::simulation {

void Answers::asked(const PeerId& client, std::shared_ptr<const FrozenSweep> submitted) {
  ledger_.want_running(submitted->hash);
  submissions_[client] = std::move(submitted);
}

void Answers::asked(const PeerId& client, SweepId sweep,
                    std::shared_ptr<const FrozenSweep> extension) {
  ledger_.want_extended(sweep, extension);
  submissions_[client] = std::move(extension);
}

void Answers::asked(const PeerId& client, const request::Steer& steer) {
  ledger_.want(steer);
  steers_[client] = steer;
}

void Answers::given(const PeerId& client, const ClientReply& reply) {
  if (!reply.ok) return;
  if (const auto submission = submissions_.find(client); submission != submissions_.end()) {
    const auto& sweeps = ledger_.sweeps();
    const bool known = std::any_of(sweeps.begin(), sweeps.end(), [&](const auto& entry) {
      return entry.second.has_file(submission->second->hash);
    });
    if (!known) broken("a user is told of a sweep that is not on the disk");
  }
  if (const auto steer = steers_.find(client); steer != steers_.end() && !on_disk(steer->second)) {
    broken("a user is told \"" + describe(steer->second) + "\" is done, and the disk denies it");
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
