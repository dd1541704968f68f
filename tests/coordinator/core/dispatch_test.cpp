// Scheduler: who is given which trials, and how many ahead.
#include <algorithm>
#include <map>
#include <string>

#include "shared/domain/fields.h"
#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

TEST_F(OneWorker, RealTrainingHoldsOneTrial) {
  begin(make_sweep(10));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(a.held.size(), 1u);
    key = a.held.begin()->first;
    a.started(key);
    ++a.progress;
    h.pass(seconds(10), {&a});
    a.finished(key);
  }
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, NullTrialsStream) {
  begin(make_sweep(2000));
  for (int i = 0; i < 200; ++i) {
    ASSERT_FALSE(a.held.empty());
    h.now.steady += milliseconds(1);
    a.finished(a.held.begin()->first);
  }
  EXPECT_GT(a.held.size(), 50u);
  EXPECT_LE(a.held.size(), 256u);
}

TEST_F(OneWorker, ATrialResumedAtItsEndEarnsNoPrefetch) {
  begin(make_sweep(100));
  a.started(key, 1);
  h.now.steady += milliseconds(3);
  a.finished(key);
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, ATrialAdoptedJustBeforeItsEndEarnsNoPrefetch) {
  begin(make_sweep(100));
  a.started(key);
  h.pass(seconds(10), {&a});
  h.restart();
  a.reconnect();
  h.now.steady += milliseconds(3);
  a.finished(key);
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, MaxConcurrentTrialsIsKept) {
  auto sweep = make_sweep(10);
  sweep->spec.max_concurrent_trials = 1;
  begin(sweep);
  b.hello();
  EXPECT_TRUE(b.got<Assign>().empty());
  a.started(key);
  a.finished(key);
  EXPECT_EQ(a.held.size() + b.held.size(), 1u);
}

TEST_F(OneWorker, SweepsAreServedInTheOrderOfTheirIds) {
  h.submit(make_sweep(1, "first"));
  h.submit(make_sweep(1, "second"));
  a.hello();
  const TrialKey first = a.assigned();
  EXPECT_EQ(sweep_of(first.trial), SweepId{1});
  a.finished(first);
  EXPECT_EQ(sweep_of(a.assigned().trial), SweepId{2});
}

TEST_F(OneWorker, AHigherPriorityIsServedFirst) {
  h.submit(make_sweep(2, "first"));
  auto urgent = make_sweep(1, "urgent");
  urgent->spec.priority = 1;
  h.submit(urgent);
  a.hello();
  const TrialKey first = a.assigned();
  EXPECT_EQ(sweep_of(first.trial), SweepId{2});
  a.finished(first);
  EXPECT_EQ(sweep_of(a.assigned().trial), SweepId{1});
}

TEST_F(OneWorker, APrefetchedSweepDoesNotKeepAHigherPriorityWaiting) {
  begin(make_sweep(2000));
  for (int i = 0; i < 100; ++i) {
    h.now.steady += milliseconds(1);
    a.finished(a.held.begin()->first);
  }
  ASSERT_GT(a.held.size(), 10u);
  auto urgent = make_sweep(1, "urgent");
  urgent->spec.priority = 1;
  h.submit(urgent);
  const std::size_t held = a.held.size();
  std::size_t ended = 0;
  const auto has_urgent = [&] {
    return std::any_of(a.held.begin(), a.held.end(),
                       [](const auto& one) { return sweep_of(one.first.trial) == SweepId{2}; });
  };
  for (; !has_urgent() && ended < 1000; ++ended) {
    h.now.steady += milliseconds(1);
    a.finished(a.held.begin()->first);
  }
  EXPECT_LE(ended, held) << "what it held already, and nothing more";
}

TEST_F(OneWorker, SweepsOfEqualPriorityShareTheWorkersAndEachWorkerStays) {
  h.submit(make_sweep(20, "first"));
  h.submit(make_sweep(20, "second"));
  FakeWorker c(h, 3, "host/2"), d(h, 4, "host/3");
  std::map<std::string, SweepId> serves;
  for (FakeWorker* worker : {&a, &b, &c, &d}) {
    worker->hello();
    serves[worker->greeting.name] = sweep_of(worker->assigned().trial);
  }
  EXPECT_EQ(std::count_if(serves.begin(), serves.end(),
                          [](const auto& one) { return one.second == SweepId{1}; }),
            2);
  for (int round = 0; round < 3; ++round) {
    for (FakeWorker* worker : {&a, &b, &c, &d}) {
      worker->finished(worker->held.begin()->first);
      EXPECT_EQ(sweep_of(worker->held.begin()->first.trial), serves.at(worker->greeting.name));
    }
  }
}

TEST_F(OneWorker, IdleTimeAtTheEndIsThatOfWorkersThatHaveNothingLeft) {
  h.submit(make_sweep(3));
  a.hello();
  b.hello();
  EXPECT_EQ(h.picture().idle_seconds, 0);
  a.finished(a.held.begin()->first);
  h.pass(seconds(2), {&a, &b});
  EXPECT_EQ(h.picture().idle_seconds, 0) << "both are at work";
  b.finished(b.held.begin()->first);
  h.pass(seconds(4), {&a, &b});
  EXPECT_NEAR(h.picture().idle_seconds, 4, 1e-6);
  a.finished(a.held.begin()->first);
  h.pass(seconds(4), {&a, &b});
  EXPECT_NEAR(h.picture().idle_seconds, 4, 1e-6) << "the sweep has ended";
}

// ---- matching
// ----------------------------------------------------------------------------------------------------

std::shared_ptr<FrozenSweep> torch_sweep(std::string amp) {
  auto sweep = make_sweep(1, "torch " + amp);
  sweep->spec.trainer = Trainer::kTorch;
  sweep->spec.base.amp = std::move(amp);
  sweep->dataset_checksum = "f31298fc616915fa";
  return sweep;
}

TEST_F(OneWorker, AWorkerWithoutTheDatasetIsGivenNothingAndTheReasonIsShown) {
  h.submit(torch_sweep("auto"));
  EXPECT_EQ(h.picture().blocked, "no capable worker: none is connected");
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has dataset cifar100 (sha256 f312…)");
  b.greeting.capabilities.datasets = {{"cifar100", "f31298fc616915fa"}};
  b.hello();
  EXPECT_EQ(b.got<Assign>().size(), 1u);
  EXPECT_EQ(h.picture().blocked, "");
}

TEST_F(OneWorker, AnAmpKindAskedForMustBeThere) {
  h.submit(torch_sweep("bf16"));
  a.greeting.capabilities.datasets = {{"cifar100", "f31298fc616915fa"}};
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has amp bf16");
  a.greeting.capabilities.amp_kinds = {"off", "bf16"};
  a.reconnect();
  EXPECT_EQ(a.got<Assign>().size(), 1u);
}

TEST_F(OneWorker, TrialsThatFitAreFoundBehindThoseThatDoNot) {
  auto sweep = make_sweep(2);
  sweep->spec.parameters.push_back(
      {"amp", ValueList{{Value(std::string("bf16")), Value(std::string("off"))}, {}}});
  h.submit(sweep);
  a.hello();
  const auto assigns = a.got<Assign>();
  ASSERT_EQ(assigns.size(), 1u);
  EXPECT_EQ(assigns[0].config.amp, "off");
  a.finished(assigns[0].key);
  ASSERT_EQ(a.got<Assign>().size(), 1u);
  EXPECT_EQ(a.got<Assign>()[0].config.amp, "off");
  a.finished(a.assigned());
  EXPECT_TRUE(a.held.empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has amp bf16");
  b.greeting.capabilities.amp_kinds = {"off", "bf16"};
  b.hello();
  EXPECT_EQ(b.got<Assign>().size(), 1u);
}

TEST_F(OneWorker, AWorkerWithoutTheTrainerIsGivenNothing) {
  h.submit(make_sweep(1));
  a.greeting.capabilities.trainers = {"torch"};
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has trainer simulated");
}

TEST_F(OneWorker, AWorkerOfAnOlderBuildGetsNothingThatItDoesNotKnow) {
  std::vector<Field> table(fields().begin(), fields().end());
  std::vector<std::string_view> first;
  for (Field& field : table) {
    if (field.name == "grad_clip") {
      field.since = 2;
    } else if (field.since == 1) {
      first.push_back(field.name);
    }
  }
  const OtherFields newer(std::move(table), first);
  auto clipped = make_sweep(1, "clipped");
  clipped->spec.base.grad_clip = 1;
  h.submit(clipped);
  a.greeting.capabilities.fields.clear();
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture(1).blocked, "no capable worker: none knows the hyperparameter grad_clip");
  h.submit(make_sweep(1, "plain"));
  EXPECT_EQ(sweep_of(a.assigned().trial), SweepId{2})
      << "what asks for nothing new is its to train";
  b.greeting.capabilities.fields = {"grad_clip"};
  b.hello();
  EXPECT_EQ(sweep_of(b.assigned().trial), SweepId{1});
}

}  // namespace
}  // namespace firesweep::testing
