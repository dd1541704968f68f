#include "tests/coordinator/core/harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "shared/domain/fields.h"

namespace firesweep::testing {
namespace {

constexpr milliseconds kTick{500};
const PeerId kClient = "client";

}  // namespace

std::shared_ptr<FrozenSweep> make_sweep(int trials, std::string name) {
  auto frozen = std::make_shared<FrozenSweep>();
  SweepSpec& spec = frozen->spec;
  spec.name = name;
  spec.trainer = Trainer::kSimulated;
  spec.dataset = DatasetName::kCifar100;
  spec.base.epochs = 4;
  ValueList lrs;
  for (int i = 0; i < trials; ++i) lrs.values.emplace_back(0.001 * (i + 1));
  spec.parameters = {{"lr", lrs}};
  frozen->canonical = "{}";
  frozen->hash = "hash of " + name;
  Architecture v3;
  v3.name = "v3";
  v3.hash = "hash of v3";
  v3.input = {3, 32, 32};
  v3.canonical = "{}";
  v3.blocks.resize(2);
  v3.blocks[0].kind = "global_avg_pool";
  v3.blocks[0].where = "/blocks/0";
  v3.blocks[1].kind = "linear";
  v3.blocks[1].where = "/blocks/1";
  v3.blocks[1].numbers = {{"value", "classes"}};
  frozen->architectures.emplace("v3", v3);
  return frozen;
}

Capabilities able() {
  Capabilities able;
  able.device = "cpu";
  able.trainers = {"torch", "simulated"};
  able.datasets = {{"cifar100", "f31298fc"}};
  able.amp_kinds = {"off"};
  able.fields = newer_fields();
  return able;
}

SchedulerOptions test_options() {
  SchedulerOptions options;
  options.config_hash = [](const TrialConfig& config, const std::string& architecture,
                           const std::string& dataset, Trainer trainer) {
    return architecture + dataset + std::string(to_string(trainer)) + std::to_string(config.lr);
  };
  // What differs in seeds and run_cap alone has another hash.
  options.freeze = [](SweepSpec spec, const std::map<std::string, Architecture>& architectures) {
    FrozenSweep frozen;
    frozen.canonical = "{}";
    frozen.hash = "hash of " + spec.name + " with seeds";
    for (const std::int64_t seed : spec.seeds) frozen.hash += " " + std::to_string(seed);
    frozen.hash += " of " + std::to_string(spec.parameters.size());
    if (spec.run_cap) frozen.hash += " up to " + std::to_string(*spec.run_cap);
    frozen.spec = std::move(spec);
    frozen.architectures = architectures;
    return Result<FrozenSweep>(std::move(frozen));
  };
  return options;
}

TrialResult result_of(double val_accuracy) {
  TrialResult result;
  result.val_accuracy = val_accuracy;
  result.epochs = 4;
  return result;
}

// ---- FakeWorker
// --------------------------------------------------------------------------------------------------

FakeWorker::FakeWorker(Harness& harness, std::uint64_t number, std::string name)
    : session{7, number}, peer("peer-" + std::to_string(number)), harness_(harness) {
  greeting.name = std::move(name);
  greeting.capabilities = able();
  harness.attach(this);
}

void FakeWorker::send(std::vector<WorkerMessage> messages) {
  harness_.on(
      event::WorkerFrameArrived{peer, {session, ++frames, std::move(messages), generation}});
}

void FakeWorker::send_late(std::uint64_t frame, const PeerId& by,
                           std::vector<WorkerMessage> messages) {
  harness_.on(event::WorkerFrameArrived{by, {session, frame, std::move(messages), generation}});
}

void FakeWorker::hello() {
  greeting.last_sequence = last_sequence;
  greeting.held = holding();
  send({greeting});
}

void FakeWorker::reconnect() {
  peer += "'";
  hello();
}

void FakeWorker::heartbeat() { send({Heartbeat{last_sequence, holding(), progress, {}}}); }
void FakeWorker::goodbye() { send({Goodbye{}}); }

void FakeWorker::report(TrialKey key, ReportBody body) {
  const bool begins = std::holds_alternative<report::Started>(body);
  const bool goes_on = std::holds_alternative<report::Progressed>(body);
  if (begins && held.contains(key)) held[key] = true;
  last_report_ = Report{++reports, key, std::move(body)};
  if (!begins && !goes_on) ending_[reports] = key;
  send({*last_report_});
}

void FakeWorker::repeat_last_report() { send({*last_report_}); }

void FakeWorker::started(TrialKey key, std::int64_t from_epoch) {
  report(key, report::Started{from_epoch});
}

void FakeWorker::progressed(TrialKey key, std::int64_t epoch, double took_s) {
  EpochMetrics metrics;
  metrics.epoch = epoch;
  metrics.seconds = took_s;
  report(key, report::Progressed{metrics});
}

void FakeWorker::finished(TrialKey key, double val_accuracy) {
  report(key, report::Finished{result_of(val_accuracy)});
}

void FakeWorker::errored(TrialKey key, Reason reason, std::int64_t checkpoint_epoch) {
  report(key, report::Errored{reason, "it broke", checkpoint_epoch});
}

void FakeWorker::handed_back(TrialKey key, std::int64_t checkpoint_epoch) {
  report(key, report::HandedBack{checkpoint_epoch});
}

void FakeWorker::returned(TrialKey key) { report(key, report::Returned{}); }

TrialKey FakeWorker::assigned() const {
  const auto assigns = got<Assign>();
  EXPECT_EQ(assigns.size(), 1u) << greeting.name;
  return assigns.empty() ? TrialKey{} : assigns.front().key;
}

std::optional<Verdict> FakeWorker::verdict() const {
  const auto acks = got<Ack>();
  if (acks.empty()) return std::nullopt;
  return acks.back().verdict;
}

void FakeWorker::receive(const CoordinatorFrame& frame) {
  told_generation = frame.generation;
  if (deaf) return;
  EXPECT_EQ(frame.session, session);
  if (frame.sequence != 0) {
    EXPECT_GT(frame.sequence, last_sequence);
    last_sequence = frame.sequence;
  }
  for (const CoordinatorMessage& message : frame.messages) {
    if (const auto* assign = std::get_if<Assign>(&message)) held.emplace(assign->key, false);
    if (const auto* abandon = std::get_if<Abandon>(&message)) held.erase(abandon->key);
    if (const auto* ack = std::get_if<Ack>(&message); ack && ending_.contains(ack->report)) {
      held.erase(ending_.at(ack->report));
    }
    inbox.push_back(message);
  }
}

std::vector<HeldTrial> FakeWorker::holding() const {
  std::vector<HeldTrial> list;
  for (const auto& [key, started] : held) list.push_back({key, started});
  return list;
}

// ---- Harness
// -----------------------------------------------------------------------------------------------------

Harness::Harness() : Harness(test_options()) {}

Harness::Harness(SchedulerOptions with)
    : options(std::move(with)),
      now{seconds(1000), milliseconds(1'700'000'000'000)},
      scheduler(Snapshot{}, options, now) {}

std::vector<Effect> Harness::on(const Event& event) {
  std::vector<Effect> effects = scheduler.on(event, now);
  records.clear();
  for (FakeWorker* worker : workers_) worker->inbox.clear();
  bool sending = false;
  std::map<PeerId, int> frames;
  for (const Effect& effect : effects) {
    if (const auto* persist = std::get_if<effect::Persist>(&effect)) {
      EXPECT_FALSE(sending) << "persist, then send";
      store.commit(persist->record);
      records.push_back(persist->record);
    } else if (const auto* send = std::get_if<effect::SendToWorker>(&effect)) {
      sending = true;
      if (send->frame.sequence != 0) {
        EXPECT_EQ(++frames[send->peer], 1) << "one frame a worker and event";
      }
      for (FakeWorker* worker : workers_) {
        if (worker->peer == send->peer) worker->receive(send->frame);
      }
    } else if (const auto* reply = std::get_if<effect::ReplyToClient>(&effect)) {
      sending = true;
      reply_ = reply->reply;
    }
  }
  return effects;
}

void Harness::pass(Duration time, std::vector<FakeWorker*> beating) {
  for (Duration left = time; left > Duration(0); left -= kTick) {
    now.steady += kTick;
    now.utc += kTick;
    for (FakeWorker* worker : beating) worker->heartbeat();
    on(event::Tick{});
  }
}

void Harness::suspend(Duration time) {
  now.steady += time;
  on(event::Tick{});
}

void Harness::restart() { scheduler = Scheduler(store.snapshot(), options, now); }
void Harness::read_again() {
  scheduler = Scheduler(store.snapshot(), options, now, scheduler.heard());
}

ClientReply Harness::answer() {
  auto reply = std::exchange(reply_, std::nullopt);
  if (reply) return std::move(*reply);
  ADD_FAILURE() << "the request was not answered";
  return fail(ErrorCode::kUnavailable, "scheduler", "no answer");
}

ClientReply Harness::submit(std::shared_ptr<const FrozenSweep> frozen) {
  on(event::SubmitRequested{kClient, std::move(frozen)});
  return answer();
}

ClientReply Harness::cancel(SweepId sweep, std::optional<TrialId> trial) {
  return steer(request::Verb::kCancel, trial, sweep);
}

ClientReply Harness::steer(request::Verb verb, std::optional<TrialId> trial, SweepId sweep) {
  on(event::SteerRequested{kClient, {verb, sweep, trial}});
  return answer();
}

ClientReply Harness::extend(std::shared_ptr<const FrozenSweep> frozen, SweepId sweep) {
  on(event::ExtendRequested{kClient, sweep, std::move(frozen)});
  return answer();
}

ClientReply Harness::widen(Widening by, SweepId sweep) {
  on(event::WidenRequested{kClient, sweep, std::move(by)});
  return answer();
}

ClientReply Harness::release(const std::string& worker) {
  on(event::ReleaseRequested{kClient, {worker}});
  return answer();
}

const StoredTrial& Harness::stored(std::int64_t number, std::int64_t sweep) const {
  return store.sweeps.at({sweep}).trials.at(number);
}

TrialState Harness::state(std::int64_t number, std::int64_t sweep) const {
  const auto& trials = store.sweeps.at({sweep}).trials;
  const auto found = trials.find(number);
  return found == trials.end() ? TrialState(Waiting{}) : found->second.state;
}

SweepState Harness::sweep_state(std::int64_t sweep) const { return store.sweeps.at({sweep}).state; }

SweepOverview Harness::picture(std::int64_t sweep) const {
  for (const SweepOverview& one : scheduler.overview(now).sweeps) {
    if (one.sweep.value == sweep) return one;
  }
  ADD_FAILURE() << "no sweep " << sweep;
  return {};
}

WorkerOverview Harness::picture(const std::string& worker) const {
  for (const WorkerOverview& one : scheduler.overview(now).workers) {
    if (one.name == worker) return one;
  }
  ADD_FAILURE() << "no worker " << worker;
  return {};
}

}  // namespace firesweep::testing
