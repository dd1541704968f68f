// A slot's checkpoints: where they lie on its host, how they travel, and which of them a trial
// begins from.
#include <algorithm>
#include <utility>

#include "tests/simulation/bugs.h"
#include "tests/simulation/slot.h"

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kFinishLimit = seconds(30);  // for what was promised, after an orderly end

}  // namespace

Place Slot::place(const Assign& assign) const {
  return {planted(Bug::kCheckpointOfAnotherDataset) ? std::string() : assign.dataset,
          planted(Bug::kCheckpointOfAnotherConfig) ? std::string() : assign.config_hash,
          assign.config.seed};
}

// Puts what the trainer has reached on its way to the coordinator, where it arrives late, or never:
// also where the process ends first, unless it was promised (`last`) and is waited for. Returns its
// number; 0 where nothing travels.
std::int64_t Slot::upload(bool last) {
  const Plan& plan = context_.setting.plan;
  Random& random = context_.setting.random;
  if (courier_->address.empty() || run_->at.epoch == 0) return 0;
  const TrialKey key = run_->assign.key;
  const std::int64_t number = ++run_->uploads;
  if (!context_.setting.calm && random.chance(plan.upload_loss)) {
    context_.setting.say(name_, "sends checkpoint ", number, " of ", to_string(key), " in vain");
    return number;
  }
  StoredCheckpoint whole{key.attempt, number, run_->at.epoch, 100, {}, "simulated", {}};
  const Generation generation = courier_->generation;
  whole.file =
      to_string(key) + "." + std::to_string(number) + "@" + std::to_string(generation.value);
  const auto [dataset, hash, seed] = place(run_->assign);
  const Duration takes = random.between(milliseconds(5), plan.upload_takes);
  if (last) courier_->promised.insert(key);
  context_.setting.agenda.after(
      takes,
      [this, last, courier = courier_,
       arrived = event::CheckpointArrived{agent().session(), key, std::move(whole), generation},
       file = Depot::File{dataset, hash, seed, run_->at}] {
        if (last) courier->promised.erase(arrived.key);
        const Duration until = courier->until.value_or(Duration::max());
        if (context_.setting.agenda.now() < until && (last || !courier->until)) sent(arrived, file);
      });
  return number;
}

// Before training: what another host left, where it is further than what lies here.
void Slot::fetch() {
  const auto stored = fetched(run_->assign.key.trial, place(run_->assign));
  run_->missed = !stored;
  if (!stored || stored->epoch <= run_->at.epoch) return;
  run_->at = *stored;
  context_.host.checkpoints[place(run_->assign)] = run_->at;
}

// What the coordinator has of a trial of that place; nothing where it does not arrive, or was
// evicted meanwhile.
std::optional<Checkpoint> Slot::fetched(TrialId trial, const Place& of) const {
  const double loss = context_.setting.plan.fetch_loss;
  if (!context_.depot.serving || (!context_.setting.calm && context_.setting.random.chance(loss))) {
    return std::nullopt;
  }
  const auto row = context_.depot.rows.find(trial);
  if (row == context_.depot.rows.end()) return std::nullopt;
  const auto file = context_.depot.files.find(row->second.file);
  if (file == context_.depot.files.end()) {
    throw Violation("the row of trial " + to_string(trial) + " names a checkpoint that is gone");
  }
  if (of != Place(file->second.dataset, file->second.config_hash, file->second.seed)) {
    throw Violation("the row of trial " + to_string(trial) + " names a checkpoint of other work");
  }
  return file->second.content;
}

// A trial without a checkpoint of its own begins from the furthest of the shorter trainings' that
// lie here, else from what the coordinator has of the longest, else from nothing.
void Slot::begin_as_earlier() {
  const Assign& assign = run_->assign;
  const auto place_as = [&](const EarlierTraining& earlier) {
    return Place(assign.dataset, earlier.config_hash, assign.config.seed);
  };
  const auto take = [&](const EarlierTraining& earlier, const Checkpoint& from, Beginning how) {
    if (from.epoch <= run_->at.epoch || from.epoch > run_->epochs) return;
    run_->at = from;
    run_->as = earlier.key;
    context_.setting.coverage.count(how);
  };
  for (const EarlierTraining& one : assign.begun_as) {
    const auto kept = context_.host.checkpoints.find(place_as(one));
    if (kept != context_.host.checkpoints.end()) take(one, kept->second, Beginning::kHere);
  }
  const auto stored = std::ranges::find_if(
      assign.begun_as, [](const EarlierTraining& one) { return one.checkpoint_stored; });
  if (!run_->as && !assign.checkpoint_stored && stored != assign.begun_as.end()) {
    const auto from = fetched(stored->key.trial, place_as(*stored));
    if (from) take(*stored, *from, Beginning::kFetched);
  }
  const bool might = !assign.begun_as.empty();
  if (might && !run_->as) context_.setting.coverage.count(Beginning::kFromNothing);
}

// What was on its way for the generation before may still arrive.
void Slot::learn(const Welcome& welcome, Generation generation) {
  if (std::exchange(courier_->generation, generation) != generation) {
    courier_->promised.clear();
    finished_.clear();
  }
  courier_->address = welcome.checkpoints_at;
}

// What only served to resume a finished trial is removed; what a longer one may begin from stays,
// and nobody relies on it.
void Slot::forget(TrialKey key) {
  if (acts_no_more()) return;
  context_.promises.forgets(agent().session(), key);
  const auto found = finished_.find(key);
  if (found == finished_.end()) return;
  if (!found->second.may_be_continued) context_.host.checkpoints.erase(found->second.place);
  context_.host.told.erase(found->second.place);
  finished_.erase(found);
}

void Slot::finish() {
  if (acts_no_more()) return;
  courier_->until = context_.setting.agenda.now() + kFinishLimit;
}

}  // namespace firesweep::simulation
