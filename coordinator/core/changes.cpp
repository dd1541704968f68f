#include "coordinator/core/changes.h"

#include <iterator>
#include <utility>

#include "coordinator/core/roster.h"
#include "coordinator/core/sweeps.h"

namespace firesweep {

void Changes::trial(TrialId trial, std::string message) {
  std::string& kept = trials_[trial];
  if (!message.empty()) kept = std::move(message);
  sweep(sweep_of(trial));
}

void Changes::tell(const Worker& worker, CoordinatorMessage message) {
  if (worker.connected) messages_[worker.session].push_back(std::move(message));
}

void Changes::tell_stranger(const PeerId& peer, SessionId session, CoordinatorMessage message) {
  send(effect::SendToWorker{peer, CoordinatorFrame{session, 0, {std::move(message)}, generation_}});
}

std::vector<Effect> Changes::flush(Sweeps& sweeps, Roster& roster, Instant now) {
  std::vector<Effect> effects;
  effects.reserve(records_.size() + trials_.size() + messages_.size() + others_.size());
  for (Record& record : records_) effects.push_back(effect::Persist{std::move(record)});
  for (auto& [id, message] : trials_) {
    const Trial& trial = *sweeps.find(id).trial;
    const bool failed = std::holds_alternative<Failed>(trial.state);
    effects.push_back(effect::Persist{
        record::TrialChanged{id, trial.state, trial.restarts, trial.checkpoint_epoch,
                             failed ? std::move(message) : std::string(), now.utc}});
  }
  for (auto& [session, messages] : messages_) {
    Worker* worker = roster.find(session);
    if (worker == nullptr || !worker->connected) continue;
    worker->sent_at = now.steady;
    effects.push_back(effect::SendToWorker{
        worker->peer,
        CoordinatorFrame{session, ++worker->sequence, std::move(messages), generation_}});
  }
  std::move(others_.begin(), others_.end(), std::back_inserter(effects));
  for (const SessionId session : departed_) roster.remove(session);
  departed_.clear();
  records_.clear();
  trials_.clear();
  messages_.clear();
  others_.clear();
  return effects;
}

}  // namespace firesweep
