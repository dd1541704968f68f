// Scheduler: results of equal work that are in the database already.
#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

// So many values of lr, of which a smaller sweep has the first.
std::shared_ptr<FrozenSweep> torch_sweep(int trials, std::string name = "s") {
  auto frozen = make_sweep(trials, std::move(name));
  frozen->spec.trainer = Trainer::kTorch;
  frozen->dataset_checksum = "f31298fc";
  return frozen;
}

std::shared_ptr<FrozenSweep> reusing(int trials, std::string name = "again") {
  auto frozen = torch_sweep(trials, std::move(name));
  frozen->spec.reuse = true;
  return frozen;
}

TrialResult made_by(const FakeWorker& worker, double val_accuracy) {
  TrialResult result = result_of(val_accuracy);
  const Capabilities& its = worker.greeting.capabilities;
  result.build_commit = its.build_commit;
  result.torch_version = its.torch_version;
  result.device = its.device;
  return result;
}

// A sweep of two trials has been trained.
struct World {
  World() {
    a.greeting.capabilities.build_commit = "abc";
    a.greeting.capabilities.torch_version = "2.13.0";
    a.greeting.capabilities.device = "cuda:0";
    h.submit(torch_sweep(2));
    a.hello();
    for (const double accuracy : {0.5, 0.6}) {
      const TrialKey key = a.held.begin()->first;
      a.report(key, report::Finished{made_by(a, accuracy)});
      a.held.erase(key);
    }
  }
  // As the loop does it.
  void submit(std::shared_ptr<const FrozenSweep> frozen) {
    h.on(event::SubmitRequested{"client", std::move(frozen), h.store.known_results()});
  }
  std::optional<TrialId> from(std::int64_t number) const { return h.stored(number, 2).reused_from; }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
};

class ReuseTest : public ::testing::Test, protected World {};

TEST_F(ReuseTest, ATrialWhoseResultIsThereIsNotTrained) {
  submit(reusing(3));
  const auto reused = h.persisted<record::ResultReused>();
  ASSERT_EQ(reused.size(), 2u);
  EXPECT_EQ(reused[0].trial, make_trial_id({2}, 0));
  EXPECT_EQ(reused[0].from, make_trial_id({1}, 0));
  EXPECT_TRUE(h.state(0, 2) == TrialState(Complete{{1}}));
  EXPECT_TRUE(h.state(1, 2) == TrialState(Complete{{1}}));
  EXPECT_EQ(number_of(a.assigned().trial), 2) << "the third is trained";
  EXPECT_EQ(h.picture(2).trials.complete, 2);
  EXPECT_EQ(h.picture(2).trials.reused, 2);
  EXPECT_EQ(h.picture(2).best_accuracy, 0.6);
}

TEST_F(ReuseTest, ASweepOfKnownWorkIsFinishedAtOnce) {
  submit(reusing(2));
  EXPECT_EQ(h.sweep_state(2), SweepState::kFinished);
  EXPECT_FALSE(a.got<Assign>().size());
}

TEST_F(ReuseTest, WithoutTheKeyAllIsTrained) {
  submit(torch_sweep(2, "again"));
  EXPECT_TRUE(h.persisted<record::ResultReused>().empty());
  EXPECT_EQ(number_of(a.assigned().trial), 0);
}

TEST_F(ReuseTest, AnotherBuildTrainsItsOwn) {
  for (const auto& change : std::vector<std::function<void(Capabilities&)>>{
           [](Capabilities& its) { its.build_commit = "def"; },
           [](Capabilities& its) { its.torch_version = "2.14.0"; },
           [](Capabilities& its) { its.device = "cpu"; }}) {
    World world;
    FakeWorker other{world.h, 7, "other/0"};
    other.greeting.capabilities = world.a.greeting.capabilities;
    change(other.greeting.capabilities);
    world.a.goodbye();
    world.submit(reusing(2));
    other.hello();
    EXPECT_TRUE(world.h.persisted<record::ResultReused>().empty());
    EXPECT_EQ(number_of(other.assigned().trial), 0);
  }
}

TEST_F(ReuseTest, AnotherDeviceOfTheKindIsTheSame) {
  FakeWorker other{h, 2, "other/0"};
  other.greeting.capabilities = a.greeting.capabilities;
  other.greeting.capabilities.device = "cuda:3";
  a.goodbye();
  submit(reusing(2));
  other.hello();
  EXPECT_EQ(h.persisted<record::ResultReused>().size(), 2u);
}

TEST_F(ReuseTest, OfSimulatedCurvesTheCommitAloneCounts) {
  const auto simulated = [](std::string name, bool reuse) {
    auto frozen = make_sweep(1, std::move(name));
    frozen->spec.reuse = reuse;
    return frozen;
  };
  h.submit(simulated("first", false));
  TrialResult result = result_of(0.5);
  result.build_commit = "abc";
  result.device = "simulated";
  a.report(a.assigned(), report::Finished{result});
  h.on(event::SubmitRequested{"client", simulated("second", true), h.store.known_results()});
  EXPECT_EQ(h.persisted<record::ResultReused>().size(), 1u);
}

TEST_F(ReuseTest, OfSimulatedCurvesThoseOfAnotherDatasetAreOtherWork) {
  const auto simulated = [](std::string name, DatasetName dataset) {
    auto frozen = make_sweep(1, std::move(name));
    frozen->spec.dataset = dataset;
    frozen->spec.reuse = true;
    return frozen;
  };
  const auto train = [&](DatasetName dataset, std::string name, double accuracy) {
    submit(simulated(std::move(name), dataset));
    const TrialKey key = a.assigned();
    TrialResult result = result_of(accuracy);
    result.build_commit = "abc";
    result.device = "simulated";
    a.report(key, report::Finished{result});
    return sweep_of(key.trial);
  };
  const SweepId cifar = train(DatasetName::kCifar100, "first", 0.5);
  EXPECT_EQ(cifar, SweepId{2});
  EXPECT_EQ(train(DatasetName::kFashionMnist, "other", 0.7), SweepId{3})
      << "known by what a sweep was told";
  EXPECT_TRUE(h.persisted<record::ResultReused>().empty());
  h.restart();
  FakeWorker b{h, 2, "host/0"};
  b.greeting.capabilities = a.greeting.capabilities;
  b.hello();
  submit(simulated("again", DatasetName::kFashionMnist));
  submit(simulated("and again", DatasetName::kCifar100));
  submit(simulated("third", DatasetName::kCifar10));
  EXPECT_EQ(h.stored(0, 4).reused_from, make_trial_id({3}, 0));
  EXPECT_EQ(h.stored(0, 5).reused_from, make_trial_id({2}, 0));
  EXPECT_EQ(sweep_of(b.assigned().trial), SweepId{6}) << "none is known of its dataset";
}

TEST_F(ReuseTest, AfterARestartWhatIsThereIsReusedAndWhatWasReusedStays) {
  a.goodbye();
  submit(reusing(3));
  h.restart();
  FakeWorker b{h, 2, "host/0"};
  b.greeting.capabilities = a.greeting.capabilities;
  b.hello();
  EXPECT_EQ(h.persisted<record::ResultReused>().size(), 2u);
  h.restart();
  EXPECT_TRUE(h.state(0, 2) == TrialState(Complete{{1}}));
  EXPECT_EQ(from(0), make_trial_id({1}, 0));
}

TEST_F(ReuseTest, ThePictureOfARunningSweepTellsWhatWasReusedAndIsTheSameAfterARestart) {
  submit(reusing(5));
  EXPECT_NEAR(h.picture(2).done_share, 2.0 / 5, 1e-9) << "what was reused is done";
  a.report(a.assigned(), report::Finished{made_by(a, 0.7)});
  const auto expect_told = [&] {
    const SweepOverview picture = h.picture(2);
    EXPECT_EQ(picture.trials.complete, 3);
    EXPECT_EQ(picture.trials.reused, 2) << "the third was trained";
    EXPECT_NEAR(picture.done_share, 3.0 / 5, 1e-9);
    EXPECT_EQ(h.picture(1).trials.reused, 0);
  };
  expect_told();
  h.restart();
  expect_told();
}

TEST_F(ReuseTest, AResultThatComesWhileTheSweepRunsIsReusedToo) {
  submit(reusing(3));
  const TrialKey key = a.assigned();
  ASSERT_EQ(number_of(key.trial), 2);
  a.report(key, report::Finished{made_by(a, 0.7)});
  auto third = reusing(3, "third");
  submit(third);
  EXPECT_EQ(h.stored(2, 3).reused_from, make_trial_id({2}, 2));
}

TEST_F(ReuseTest, WhatWasReusedIsNotReusedAgainButItsSourceIs) {
  submit(reusing(2));
  auto third = reusing(2, "third");
  submit(third);
  EXPECT_EQ(h.stored(0, 3).reused_from, make_trial_id({1}, 0));
}

}  // namespace
}  // namespace firesweep::testing
