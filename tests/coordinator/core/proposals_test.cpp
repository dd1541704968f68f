// Scheduler: sweeps whose method learns.
#include "coordinator/core/proposals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "coordinator/search/replay.h"
#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

std::shared_ptr<FrozenSweep> search(Method method = Method::kTpe, std::int64_t trials = 30) {
  auto frozen = make_sweep(1);
  frozen->spec.method = method;
  frozen->spec.run_cap = trials;
  frozen->spec.parameters = {{"lr", LogUniformValues{0.001, 0.1}},
                             {"label_smoothing", Uniform{0, 0.3}}};
  return frozen;
}

class Searching : public ::testing::Test {
 protected:
  // The better the smaller the learning rate.
  static double score_of(const TrialConfig& config) { return 0.9 - config.lr; }
  void finish(FakeWorker& worker) {
    const TrialKey key = worker.held.begin()->first;
    h.now.steady += milliseconds(1);
    worker.finished(key, score_of(configs.at(key.trial)));
    note(worker);
  }
  void greet(FakeWorker& worker) {
    worker.hello();
    note(worker);
  }
  void note(const FakeWorker& worker) {
    for (const Assign& one : worker.got<Assign>()) configs[one.key.trial] = one.config;
  }
  void finish_all() {
    while (!a.held.empty() || !b.held.empty()) finish(a.held.empty() ? b : a);
  }
  const StoredSweep& stored() const { return h.store.sweeps.at({1}); }
  Replayed replayed() const {
    auto space = SweepSpace::make(stored().frozen).value();
    for (const auto& extension : stored().extensions) {
      EXPECT_TRUE(space.extend(extension));
    }
    return replay(std::move(space), stored().proposals, stored().results);
  }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
  std::map<TrialId, TrialConfig> configs;
};

TEST_F(Searching, ATrialIsProposedWhenAWorkerAsksForItAndBeforeItsLease) {
  h.submit(search());
  EXPECT_TRUE(stored().proposals.empty());
  greet(a);
  ASSERT_EQ(stored().proposals.size(), 1u);
  ASSERT_GE(h.records.size(), 2u);
  const auto place = [&](auto is) { return std::ranges::find_if(h.records, is); };
  const auto proposed =
      place([](const Record& one) { return std::holds_alternative<record::PointProposed>(one); });
  const auto opened =
      place([](const Record& one) { return std::holds_alternative<record::AttemptOpened>(one); });
  ASSERT_NE(proposed, h.records.end());
  ASSERT_NE(opened, h.records.end());
  EXPECT_LT(proposed, opened);
  EXPECT_EQ(std::get<record::AttemptOpened>(*opened).description.config.lr,
            std::get<double>(stored().proposals.front().values.at("lr")));
}

TEST_F(Searching, EachProposalIsStoredWithTheResultsAndRunningPointsThatItKnew) {
  h.submit(search());
  greet(a);
  greet(b);
  finish(a);
  ASSERT_EQ(stored().proposals.size(), 4u) << "one to begin with, and one in advance";
  EXPECT_EQ(stored().proposals.back().running, (std::vector<std::int64_t>{1, 2}));
  const Proposal& third = stored().proposals[2];
  EXPECT_EQ(third.results, 1);
  EXPECT_EQ(third.running, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(stored().results, (std::vector<SearchResult>{{0, 0.9 - configs.begin()->second.lr}}));
}

class EveryMethod : public Searching, public ::testing::WithParamInterface<Method> {};

TEST_P(EveryMethod, RunsToItsEndAndEveryDecisionIsFoundAgain) {
  h.submit(search(GetParam(), 40));
  greet(a);
  greet(b);
  finish_all();
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  EXPECT_EQ(h.picture().trials.complete, 40);
  EXPECT_EQ(stored().proposals.size(), 40u);
  std::set<std::vector<double>> different;
  for (const Proposal& one : stored().proposals) different.insert(one.at);
  EXPECT_EQ(different.size(), 40u);
  const Replayed done = replayed();
  EXPECT_EQ(done.proposals, 40);
  EXPECT_EQ(done.differences, std::vector<std::string>{});
}

// What is known at a restart is what was known before: the same trials come of it.
TEST_P(EveryMethod, ARestartChangesNothing) {
  const auto configs_with = [](bool restarts) {
    auto frozen = search(GetParam(), 34);
    frozen->spec.max_concurrent_trials = 1;
    Harness other;
    FakeWorker one(other, 1, "host/0");
    other.submit(frozen);
    std::vector<double> rates;
    one.hello();
    while (!one.held.empty()) {
      const TrialKey key = one.assigned();
      rates.push_back(one.got<Assign>().front().config.lr);
      if (restarts && number_of(key.trial) % 5 == 3) {
        other.restart();
        one.reconnect();
      }
      other.now.steady += milliseconds(1);
      one.finished(key, 0.9 - rates.back());
    }
    EXPECT_EQ(other.picture().trials.complete, 34);
    return rates;
  };
  EXPECT_EQ(configs_with(true), configs_with(false));
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryMethod,
                         ::testing::Values(Method::kTpe, Method::kEvolution, Method::kNsga2,
                                           Method::kGp),
                         [](const auto& one) { return std::string(to_string(one.param)); });

TEST_F(Searching, AFailedTrialIsKnownToHaveFailed) {
  auto frozen = search();
  frozen->spec.max_restarts = 0;
  h.submit(frozen);
  greet(a);
  a.errored(a.held.begin()->first, Reason::kNan);
  note(a);
  ASSERT_EQ(stored().proposals.size(), 2u);
  EXPECT_EQ(stored().proposals.back().running, std::vector<std::int64_t>{});
  EXPECT_EQ(stored().proposals.back().results, 0);
  finish_all();
  EXPECT_TRUE(replayed().differences.empty());
}

TEST_F(Searching, APointHasItsTrialsOfEverySeed) {
  auto frozen = search(Method::kTpe, 5);
  frozen->spec.seeds = {1, 2};
  h.submit(frozen);
  greet(a);
  finish_all();
  EXPECT_EQ(h.picture().trials.complete, 5);
  EXPECT_EQ(stored().proposals.size(), 3u);
  EXPECT_EQ(configs.at(make_trial_id({1}, 0)).lr, configs.at(make_trial_id({1}, 1)).lr);
  EXPECT_EQ(configs.at(make_trial_id({1}, 1)).seed, 2);
  EXPECT_TRUE(replayed().differences.empty());
}

TEST_F(Searching, OneMomentMakesAFewProposalsAndTheNextMore) {
  h.submit(search());
  std::vector<std::unique_ptr<FakeWorker>> workers;
  for (int i = 0; i < 7; ++i) {
    workers.push_back(std::make_unique<FakeWorker>(h, 10 + i, "many/" + std::to_string(i)));
    workers.back()->hello();
  }
  EXPECT_EQ(stored().proposals.size(), static_cast<std::size_t>(Proposals::kAtOnce));
  EXPECT_TRUE(h.scheduler.holds_work_back()) << "three wait";
  h.pass(seconds(1));
  EXPECT_EQ(stored().proposals.size(), 7u);
  EXPECT_FALSE(h.scheduler.holds_work_back());
}

TEST_F(Searching, ATrialThatIsNotProposedYetCannotBeCancelled) {
  h.submit(search());
  const ClientReply reply = h.cancel({1}, make_trial_id({1}, 7));
  ASSERT_EQ(refused(reply), ErrorCode::kConflict);
  EXPECT_EQ(to_string(reply.error()),
            "trial 1/7: it is not proposed yet (method tpe proposes a trial when a worker asks for "
            "one; `cancel` takes the whole sweep)");
  EXPECT_EQ(refused(h.cancel({1}, make_trial_id({1}, 30))), ErrorCode::kNotFound);
}

TEST_F(Searching, AHigherRunCapGoesOnWithTheSameSearch) {
  h.submit(search(Method::kTpe, 12));
  greet(a);
  finish_all();
  ASSERT_EQ(h.sweep_state(), SweepState::kFinished);
  ASSERT_TRUE(h.widen({{}, 15}));
  note(a);
  h.restart();
  greet(a);
  finish_all();
  EXPECT_EQ(h.picture().trials.complete, 15);
  EXPECT_EQ(stored().proposals.size(), 15u);
  EXPECT_GE(stored().proposals.back().results, 13) << "with those of before";
  EXPECT_TRUE(replayed().differences.empty());
}

TEST_F(Searching, OtherFilesAndSeedsAreRefused) {
  h.submit(search());
  auto other = search();
  other->hash = "another";
  EXPECT_EQ(refused(h.extend(other)), ErrorCode::kBadInput);
  EXPECT_EQ(refused(h.widen({{5}, {}})), ErrorCode::kBadInput);
  EXPECT_EQ(h.picture().trials.total, 30);
}

TEST_F(Searching, PointsThatDoNotReadBackBreakTheSweepAlone) {
  h.submit(search());
  greet(a);
  h.store.sweeps.at({1}).proposals.front().values.at("lr") = Value(-1.0);
  h.restart();
  EXPECT_NE(h.picture().broken.find("what it has learnt does not read back"), std::string::npos)
      << h.picture().broken;
}

}  // namespace
}  // namespace firesweep::testing
