// Random workers, lost and repeated frames, dying workers and coordinators: whatever happens, each
// trial comes to exactly one outcome. A failing seed is printed and replays alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

constexpr int kSeeds = 200;
constexpr int kTrials = 12;
constexpr int kEpochs = 4;
constexpr int kWorkers = 3;
constexpr int kFaultySteps = 400;
constexpr int kMostSteps = 6000;

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    auto sweep = make_sweep(kTrials);
    sweep->spec.max_restarts = 1000;
    scheduler_ = std::make_unique<Scheduler>(Snapshot{}, test_options(), now_);
    give(event::SubmitRequested{"client", sweep});
    for (int slot = 0; slot < kWorkers; ++slot) {
      slots_.emplace_back();
      begin_process(slots_.back());
    }
  }

  // Runs with faults for a while, then without until every trial has ended. False where it never
  // comes to rest.
  bool run() {
    for (int step = 0; step < kMostSteps; ++step) {
      faults_ = step < kFaultySteps;
      now_.steady += milliseconds(500);
      if (faults_ && chance(0.01)) restart_coordinator();
      give(event::Tick{});
      for (Slot& slot : slots_) {
        if (faults_ && chance(0.01)) begin_process(slot);
        work(slot);
      }
      if (!faults_ && scheduler_->all_finished()) return true;
    }
    return false;
  }

  const MemoryStore& store() const { return store_; }

 private:
  struct Held {
    bool started = false;
    bool ended = false;
    std::int64_t epoch = 0;
  };
  // One place for worker processes, which come and go.
  struct Slot {
    int index = 0;
    SessionId session;
    PeerId peer;
    bool hello_due = true;
    Duration cut_off_until{0};
    std::uint64_t last_sequence = 0;
    std::uint64_t progress = 0;
    std::uint64_t reports = 0;
    std::uint64_t frames = 0;  // sent
    std::map<TrialKey, Held> held;
    std::deque<Report> outbox;
  };

  bool chance(double p) { return std::uniform_real_distribution<double>(0, 1)(random_) < p; }

  void begin_process(Slot& slot) {
    const auto index = static_cast<int>(&slot - slots_.data());
    slot = Slot{};
    slot.index = index;
    slot.session = {1, ++sessions_};
    slot.peer = "p" + std::to_string(sessions_);
  }

  // Between any two effects of the last event, the last not stored or not sent.
  void restart_coordinator() {
    scheduler_ = std::make_unique<Scheduler>(store_.snapshot(), test_options(), now_);
    for (Slot& slot : slots_) {
      if (chance(0.5)) reconnect(slot);
    }
  }

  void reconnect(Slot& slot) {
    slot.peer += "'";
    slot.hello_due = true;
  }

  void give(const Event& event) {
    const std::vector<Effect> effects = scheduler_->on(event, now_);
    if (faults_ && chance(0.005)) {  // the commit failed: nothing is stored, nothing sent
      restart_coordinator();
      return;
    }
    for (const Effect& effect : effects) {
      if (const auto* persist = std::get_if<effect::Persist>(&effect))
        store_.commit(persist->record);
    }
    for (const Effect& effect : effects) {
      const auto* send = std::get_if<effect::SendToWorker>(&effect);
      if (send == nullptr || (faults_ && chance(0.05))) continue;
      for (Slot& slot : slots_) {
        if (slot.peer != send->peer || slot.session != send->frame.session) continue;
        if (now_.steady >= slot.cut_off_until) obey(slot, send->frame);
      }
    }
  }

  void obey(Slot& slot, const CoordinatorFrame& frame) {
    if (frame.sequence != 0) {
      if (frame.sequence <= slot.last_sequence) return;
      slot.last_sequence = frame.sequence;
    }
    for (const CoordinatorMessage& message : frame.messages) {
      if (const auto* assign = std::get_if<Assign>(&message)) {
        slot.held.emplace(assign->key, Held{});
      } else if (const auto* stop = std::get_if<Stop>(&message)) {
        end(slot, stop->key, report::HandedBack{});
      } else if (const auto* abandon = std::get_if<Abandon>(&message)) {
        const auto held = slot.held.find(abandon->key);
        if (held != slot.held.end() && !held->second.ended) slot.held.erase(held);
      } else if (std::holds_alternative<WhoAreYou>(message)) {
        slot.hello_due = true;
      } else if (const auto* ack = std::get_if<Ack>(&message)) {
        settle(slot, ack->report);
      }
    }
  }

  void settle(Slot& slot, std::uint64_t number) {
    const auto found = std::find_if(slot.outbox.begin(), slot.outbox.end(),
                                    [&](const Report& report) { return report.number == number; });
    if (found == slot.outbox.end()) return;
    const bool last = !std::holds_alternative<report::Started>(found->body) &&
                      !std::holds_alternative<report::Progressed>(found->body);
    if (last) slot.held.erase(found->key);
    slot.outbox.erase(found);
  }

  void say(Slot& slot, TrialKey key, const ReportBody& body) {
    slot.outbox.push_back({++slot.reports, key, body});
  }

  void end(Slot& slot, TrialKey key, const ReportBody& body) {
    const auto held = slot.held.find(key);
    if (held == slot.held.end() || held->second.ended) return;
    held->second.ended = true;
    say(slot, key, body);
  }

  // One step of training, then one frame.
  void work(Slot& slot) {
    for (auto& [key, held] : slot.held) {
      if (held.ended) continue;
      ++slot.progress;
      if (!held.started) {
        held.started = true;
        say(slot, key, report::Started{});
      } else if (faults_ && chance(0.02)) {
        end(slot, key, report::Errored{Reason::kError, "broken", 0});
      } else if (faults_ && chance(0.02)) {
        end(slot, key, report::HandedBack{held.epoch});
      } else if (held.epoch < kEpochs) {
        EpochMetrics metrics;
        metrics.epoch = ++held.epoch;
        metrics.seconds = 0.5;
        say(slot, key, report::Progressed{metrics});
      } else {
        end(slot, key, report::Finished{result_of(0.5)});
      }
      break;
    }
    if (faults_ && chance(0.02)) reconnect(slot);
    if (faults_ && chance(0.01)) slot.cut_off_until = now_.steady + seconds(30);
    if (now_.steady < slot.cut_off_until) return;
    std::vector<WorkerMessage> messages;
    std::vector<HeldTrial> held;
    for (const auto& [key, one] : slot.held) held.push_back({key, one.started});
    if (slot.hello_due) {
      Hello hello;
      hello.name = "host/" + std::to_string(slot.index);
      hello.capabilities = able();
      hello.last_sequence = slot.last_sequence;
      hello.held = held;
      messages.emplace_back(std::move(hello));
      slot.hello_due = false;
    }
    for (const Report& report : slot.outbox) messages.emplace_back(report);
    messages.emplace_back(Heartbeat{slot.last_sequence, held, slot.progress, {}});
    if (faults_ && chance(0.05)) return;  // lost on its way
    const event::WorkerFrameArrived arrived{slot.peer, {slot.session, ++slot.frames, messages}};
    give(arrived);
    if (faults_ && chance(0.05)) give(arrived);  // or twice
  }

  std::mt19937 random_;
  Instant now_{seconds(1000), milliseconds(0)};
  bool faults_ = true;
  std::uint64_t sessions_ = 0;
  MemoryStore store_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Slot> slots_;
};

TEST(RandomFaults, EachTrialComesToExactlyOneOutcome) {
  int repeated = 0;
  int superseded = 0;
  for (unsigned seed = 1; seed <= kSeeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    ASSERT_TRUE(world.run()) << "never came to rest";
    const StoredSweep& sweep = world.store().sweeps.at({1});
    EXPECT_EQ(sweep.state, SweepState::kFinished);
    ASSERT_EQ(sweep.trials.size(), static_cast<std::size_t>(kTrials));
    for (const auto& [number, trial] : sweep.trials) {
      SCOPED_TRACE("trial " + std::to_string(number));
      const auto* complete = std::get_if<Complete>(&trial.state);
      ASSERT_NE(complete, nullptr) << name_of(trial.state);
      EXPECT_EQ(trial.accepted, complete->attempt);
      EXPECT_FALSE(trial.superseded.contains(complete->attempt));
      for (const auto& [attempt, row] : trial.attempts) EXPECT_TRUE(row.ended.has_value());
      repeated += trial.attempts.size() > 1 ? 1 : 0;
      superseded += static_cast<int>(trial.superseded.size());
    }
  }
  EXPECT_GT(repeated, kSeeds) << "the faults must bite";
  EXPECT_GT(superseded, 0) << "some results must come too late";
}

}  // namespace
}  // namespace firesweep::testing
