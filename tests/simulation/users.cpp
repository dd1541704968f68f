#include "tests/simulation/users.h"

#include <iterator>
#include <variant>
#include <vector>

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Until a user whom nobody answers asks again.
constexpr Duration kAskAgain = seconds(5);
constexpr Duration kAskAgainInCalm = milliseconds(500);
constexpr std::int64_t kAddedSeed = 11;  // and those after it; no planned file has them

}  // namespace

void Users::ask_for(const std::shared_ptr<const FrozenSweep>& frozen) {
  const PeerId user = client();
  context_.answers.asked(user, frozen);
  context_.coordinator().ask(event::SubmitRequested{user, frozen});
}

void Users::submit(const std::shared_ptr<const FrozenSweep>& frozen) {
  for (const auto& [id, sweep] : context_.ledger.sweeps()) {
    if (sweep.has_file(frozen->hash)) return;
  }
  ask_for(frozen);
  context_.setting.agenda.after(context_.setting.calm ? kAskAgainInCalm : kAskAgain,
                                [this, frozen] { submit(frozen); });
}

void Users::submit_again(std::int64_t which) {
  const auto& sweeps = context_.setting.plan.sweeps;
  ask_for(sweeps[static_cast<std::size_t>(which) % sweeps.size()].frozen);
}

const Users::KnownSweep* Users::one_of_the_sweeps(std::int64_t which) const {
  const auto& sweeps = context_.ledger.sweeps();
  if (sweeps.empty()) return nullptr;
  return &*std::next(sweeps.begin(), which % static_cast<std::int64_t>(sweeps.size()));
}

bool Users::steer(const request::Steer& request) {
  if (!context_.coordinator().up()) return false;
  const PeerId user = client();
  context_.answers.asked(user, request);
  context_.coordinator().ask(event::SteerRequested{user, request});
  return true;
}

bool Users::steer_a_sweep(request::Verb verb, std::int64_t which) {
  const KnownSweep* sweep = one_of_the_sweeps(which);
  return sweep != nullptr && steer({verb, sweep->first, {}});
}

bool Users::extend_a_sweep(std::int64_t which) {
  const KnownSweep* sweep = one_of_the_sweeps(which);
  if (sweep == nullptr || !context_.coordinator().up()) return false;
  if (sweep->second.space->learns()) return raise_the_cap(*sweep, 1 + which % 3);
  if (which % 2 == 1) add_a_seed(*sweep, kAddedSeed + which % 3);
  for (const PlannedSweep& planned : context_.setting.plan.sweeps) {
    if (!sweep->second.has_file(planned.frozen->hash)) continue;
    extend_by(sweep->first, planned.extended);
    if (planned.lengthened) extend_by(sweep->first, planned.lengthened);
  }
  return true;
}

void Users::extend_by(SweepId sweep, const std::shared_ptr<const FrozenSweep>& file) {
  const PeerId user = client();
  context_.answers.asked(user, sweep, file);
  context_.coordinator().ask(event::ExtendRequested{user, sweep, file});
}

void Users::add_a_seed(const KnownSweep& sweep, std::int64_t seed) {
  const PeerId user = client();
  context_.answers.asked(user, sweep.first, seed);
  context_.coordinator().ask(event::WidenRequested{user, sweep.first, {{seed}, {}}});
}

bool Users::raise_the_cap(const KnownSweep& sweep, std::int64_t by) {
  const std::int64_t cap = sweep.second.space->trials() + by;
  context_.ledger.want_cap(sweep.first, cap);
  context_.coordinator().ask(event::WidenRequested{client(), sweep.first, {{}, cap}});
  return true;
}

bool Users::hold_up(request::Verb verb, const Planned& planned) {
  if (!steer_a_sweep(verb, planned.variant)) return false;
  context_.setting.agenda.after(planned.lasts, [this, which = planned.variant] {
    steer_a_sweep(request::Verb::kResume, which);
  });
  return true;
}

bool Users::cancel_a_trial(std::int64_t which) {
  const KnownSweep* sweep = one_of_the_sweeps(which);
  if (sweep == nullptr) return false;
  const auto order = sweep->second.space->dispatch_order();
  const auto number = order[static_cast<std::size_t>(which) % order.size()];
  return steer({request::Verb::kCancel, sweep->first, make_trial_id(sweep->first, number)});
}

bool Users::retry_a_trial(std::int64_t which) {
  std::vector<TrialId> ended;
  for (const auto& [id, sweep] : context_.ledger.sweeps()) {
    for (const auto& [number, trial] : sweep.trials) {
      if (std::holds_alternative<Failed>(trial.state) ||
          std::holds_alternative<Cancelled>(trial.state)) {
        ended.push_back(make_trial_id(id, number));
      }
    }
  }
  if (ended.empty()) return false;
  const TrialId trial = ended[static_cast<std::size_t>(which) % ended.size()];
  return steer({request::Verb::kRetry, sweep_of(trial), trial});
}

bool Users::release_a_worker(std::int64_t which) {
  const auto& workers = context_.ledger.workers();
  if (workers.empty() || !context_.coordinator().up()) return false;
  const auto worker = std::next(workers.begin(), which % static_cast<std::int64_t>(workers.size()));
  context_.coordinator().ask(event::ReleaseRequested{client(), {worker->second}});
  return true;
}

}  // namespace firesweep::simulation
