// Scheduler: extend.
#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

class Extending : public ::testing::Test {
 protected:
  // The sweep of make_sweep with so many values of lr; another file, so another hash.
  static std::shared_ptr<FrozenSweep> file(int trials) {
    auto frozen = make_sweep(trials);
    frozen->hash += " with " + std::to_string(trials);
    return frozen;
  }
  void finish_all() {
    while (!a.held.empty()) a.finished(a.held.begin()->first);
  }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
};

TEST_F(Extending, AFinishedSweepRunsTheNewTrialsAndOnlyThem) {
  h.submit(make_sweep(2));
  a.hello();
  finish_all();
  ASSERT_EQ(h.sweep_state(), SweepState::kFinished);
  const ClientReply reply = h.extend(file(4));
  EXPECT_EQ(answer_in<reply::Extended>(reply),
            (reply::Extended{{1}, SweepState::kRunning, 2, 4, 2, 0, 0}));
  EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
  finish_all();
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  EXPECT_EQ(h.picture().trials.complete, 4);
  EXPECT_EQ(h.store.sweeps.at({1}).total, 4);
  for (const auto& [number, trial] : h.store.sweeps.at({1}).trials) {
    EXPECT_EQ(trial.attempts.size(), 1u) << number;
    EXPECT_TRUE(number < 2 || number >= 4) << "numbers 2 and 3 would repeat 0 and 1";
  }
}

TEST_F(Extending, ARunningSweepGoesOnAndItsNewTrialsComeLast) {
  h.submit(make_sweep(2));
  a.hello();
  EXPECT_TRUE(h.extend(file(3)));
  EXPECT_TRUE(h.persisted<record::SweepChanged>().empty());
  std::vector<std::int64_t> order;
  while (!a.held.empty()) {
    order.push_back(number_of(a.held.begin()->first.trial));
    a.finished(a.held.begin()->first);
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{0, 1, 4}));
}

TEST_F(Extending, AnExtensionOutlivesTheCoordinator) {
  h.submit(make_sweep(2));
  h.extend(file(3));
  h.restart();
  EXPECT_EQ(h.picture().trials.total, 3);
  a.hello();
  finish_all();
  EXPECT_EQ(h.picture().trials.complete, 3);
  EXPECT_EQ(refused(h.extend(file(3))), ErrorCode::kConflict) << "the file is part of it already";
  const ClientReply again = h.submit(file(3));
  EXPECT_EQ(answer_in<reply::Submitted>(again).sweep, SweepId{1}) << "either file names the sweep";
}

TEST_F(Extending, APausedSweepStaysPaused) {
  h.submit(make_sweep(2));
  h.steer(request::Verb::kPause);
  EXPECT_TRUE(h.extend(file(3)));
  EXPECT_EQ(h.sweep_state(), SweepState::kPaused);
  a.hello();
  EXPECT_TRUE(a.held.empty());
}

TEST_F(Extending, TheNewFilesLimitsHold) {
  h.submit(make_sweep(3));
  auto next = file(5);
  next->spec.max_concurrent_trials = 1;
  h.extend(next);
  FakeWorker b(h, 2, "host/1");
  a.hello();
  b.hello();
  EXPECT_EQ(a.held.size() + b.held.size(), 1u);
}

TEST_F(Extending, WhatCannotBeExtendedIsLeftAsItWas) {
  EXPECT_EQ(refused(h.extend(file(3))), ErrorCode::kNotFound);
  h.submit(make_sweep(2));
  auto other = file(3);
  other->spec.name = "other";
  const ClientReply renamed = h.extend(other);
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().where, "/name");
  EXPECT_TRUE(h.records.empty());
  h.cancel({1});
  EXPECT_EQ(refused(h.extend(file(3))), ErrorCode::kConflict);
  EXPECT_EQ(h.picture().trials.total, 2);
}

TEST_F(Extending, MoreSeedsRunForThePointsOfEveryFileAndNothingRunsAgain) {
  h.submit(make_sweep(2));
  a.hello();
  finish_all();
  h.extend(file(3));
  finish_all();
  const ClientReply reply = h.widen({{2, 3}, {}});
  ASSERT_TRUE(answer_in<reply::Extended>(reply).added == 6) << "3 points with 2 seeds";
  finish_all();
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  EXPECT_EQ(h.picture().trials.complete, 9);
  for (const auto& [number, trial] : h.store.sweeps.at({1}).trials) {
    EXPECT_EQ(trial.attempts.size(), 1u) << number;
  }
  EXPECT_EQ(refused(h.widen({{2, 3}, {}})), ErrorCode::kBadInput) << "they are there";
  EXPECT_EQ(refused(h.widen({{4, 4}, {}})), ErrorCode::kBadInput);
  EXPECT_TRUE(h.records.empty());
}

TEST_F(Extending, MoreSeedsOutliveTheCoordinator) {
  h.submit(make_sweep(2));
  ASSERT_TRUE(h.widen({{7}, {}}));
  h.restart();
  EXPECT_EQ(h.picture().trials.total, 4);
  a.hello();
  finish_all();
  EXPECT_EQ(h.picture().trials.complete, 4);
}

TEST_F(Extending, AHigherRunCapRunsMoreOfTheGrid) {
  auto capped = make_sweep(4);
  capped->spec.run_cap = 2;
  h.submit(capped);
  a.hello();
  finish_all();
  ASSERT_EQ(h.sweep_state(), SweepState::kFinished);
  EXPECT_EQ(refused(h.widen({{}, 2})), ErrorCode::kBadInput) << "the sweep has them";
  const ClientReply reply = h.widen({{}, 3});
  EXPECT_EQ(answer_in<reply::Extended>(reply).added, 1);
  finish_all();
  EXPECT_EQ(h.picture().trials.complete, 3);
}

TEST_F(Extending, SeedsThatAreAnotherSweepAreAConflict) {
  h.submit(make_sweep(2));
  auto other = make_sweep(2);
  other->spec.seeds = {5};
  other->hash = test_options().freeze(other->spec, other->architectures)->hash;
  h.submit(other);
  EXPECT_EQ(refused(h.widen({{5}, {}})), ErrorCode::kConflict);
  EXPECT_EQ(h.picture().trials.total, 2);
}

TEST_F(Extending, LongerTrialsAreToldWhatTheyBeganAsAndTheReplyCountsThem) {
  const auto constant = [](int trials, std::int64_t epochs) {
    auto frozen = file(trials);
    frozen->hash += std::to_string(epochs);
    frozen->spec.base.schedule = "constant";
    frozen->spec.base.epochs = epochs;
    return frozen;
  };
  h.submit(constant(2, 4));
  a.hello();
  a.errored(a.held.begin()->first, Reason::kNan);
  finish_all();
  const auto reply = answer_in<reply::Extended>(h.extend(constant(3, 6)));
  EXPECT_EQ(reply.added, 3);
  EXPECT_EQ(reply.go_on, 2);
  EXPECT_EQ(reply.anew, 0);
  std::map<std::int64_t, std::vector<EarlierTraining>> begun_as;
  for (const Assign& one : a.got<Assign>()) begun_as[number_of(one.key.trial)] = one.begun_as;
  while (!a.held.empty()) {
    a.finished(a.held.begin()->first);
    for (const Assign& one : a.got<Assign>()) begun_as[number_of(one.key.trial)] = one.begun_as;
  }
  ASSERT_EQ(begun_as.size(), 3u);
  EXPECT_TRUE(begun_as[2].empty()) << "the shorter one has failed";
  ASSERT_EQ(begun_as[3].size(), 1u);
  EXPECT_EQ(begun_as[3][0].key, (TrialKey{make_trial_id({1}, 1), {1}}));
  EXPECT_TRUE(begun_as[4].empty()) << "nothing is shorter";
}

TEST_F(Extending, TrialsThatCoolDownGoOnFromConstantOnesThatEndBefore) {
  const auto constant = [](std::int64_t epochs, std::int64_t cooldown) {
    auto frozen = file(1);
    frozen->hash += std::to_string(epochs) + "." + std::to_string(cooldown);
    frozen->spec.base.schedule = "constant";
    frozen->spec.base.epochs = epochs;
    frozen->spec.base.cooldown_epochs = cooldown;
    return frozen;
  };
  h.submit(constant(4, 0));
  a.hello();
  finish_all();
  const auto extend = [&](std::int64_t epochs, std::int64_t cooldown) {
    const auto reply = answer_in<reply::Extended>(h.extend(constant(epochs, cooldown)));
    EXPECT_EQ(reply.go_on + reply.anew, 1) << "it is a longer training, and that is said";
    const std::vector<Assign> assigned = a.got<Assign>();
    EXPECT_EQ(assigned.size(), 1u);
    finish_all();
    EXPECT_EQ(assigned.back().begun_as.size(), static_cast<std::size_t>(reply.go_on));
    if (reply.go_on == 1) {
      EXPECT_EQ(number_of(assigned.back().begun_as[0].key.trial), 0);
    }
    return reply.go_on == 1;
  };
  EXPECT_TRUE(extend(6, 2));
  EXPECT_FALSE(extend(7, 4)) << "it cools down in the fourth epoch";
  EXPECT_TRUE(extend(9, 3)) << "from the constant one, not from those that have cooled down";
}

}  // namespace
}  // namespace firesweep::testing
