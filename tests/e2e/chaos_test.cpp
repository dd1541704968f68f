// A sweep under a seeded script of faults ends with one accepted result for each trial.
#include "tests/e2e/chaos.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/process.h"

namespace firesweep::e2e {
namespace {

ChaosOptions small() {
  ChaosOptions options;
  options.trials = 200;
  options.workers = 4;
  options.seconds = 16;
  options.kills = 30;
  options.lease = std::chrono::milliseconds(1000);
  return options;
}

int count(const std::vector<FaultAt>& script, Fault fault) {
  return static_cast<int>(std::count_if(script.begin(), script.end(),
                                        [&](const FaultAt& one) { return one.fault == fault; }));
}

TEST(ChaosScript, IsDecidedByItsSeedAndHoldsEveryFault) {
  ChaosOptions options;
  const auto script = chaos_script(options), again = chaos_script(options);
  ASSERT_EQ(script.size(), again.size());
  for (std::size_t i = 0; i < script.size(); ++i) {
    EXPECT_EQ(script[i].at, again[i].at);
    EXPECT_EQ(script[i].fault, again[i].fault);
    EXPECT_EQ(script[i].choice, again[i].choice);
    EXPECT_EQ(script[i].lasts, again[i].lasts);
    EXPECT_LE(script[i].at, std::chrono::seconds(90));
  }
  EXPECT_GE(count(script, Fault::kKillCoordinator), 30);
  EXPECT_GE(count(script, Fault::kKillSlot) + count(script, Fault::kKillSupervisor) +
                count(script, Fault::kKillCoordinator),
            200);
  for (const Fault fault : {Fault::kKillSupervisor, Fault::kStopSlot, Fault::kStopSupervisor,
                            Fault::kStopCoordinator, Fault::kFillDisk}) {
    EXPECT_GE(count(script, fault), 1);
  }
  ++options.seed;
  const auto other = chaos_script(options);
  EXPECT_FALSE(std::equal(
      script.begin(), script.end(), other.begin(), other.end(),
      [](const FaultAt& a, const FaultAt& b) { return a.fault == b.fault && a.at == b.at; }));
}

TEST(Chaos, EveryTrialEndsWithOneAcceptedResult) {
  const ChaosOptions options = small();
  ChaosReport report = run_chaos(options);
  std::cout << report.summary(options) << "\n";
  if (!report.skipped.empty()) std::cout << "skipped: " << report.skipped << "\n";
  for (const std::string& promise : report.broken)
    ADD_FAILURE() << promise << "\nsee " << report.kept;
  EXPECT_GE(report.kills(), 20);
  EXPECT_GE(report.injected[Fault::kKillCoordinator], 5);
  EXPECT_GE(report.acknowledged, options.trials / 2) << "the workers' logs tell too little";
  EXPECT_GE(report.lost, 1) << "nobody lost anything: were the right processes killed?";
}

TEST(Chaos, EveryTrialEndsWithOneAcceptedResultAcrossABadNetwork) {
  ChaosOptions options = small();
  options.hosts = true;
  options.trials = 120;
  options.seconds = 10;
  options.kills = 12;
  ChaosReport report = run_chaos(options);
  if (!report.impossible.empty()) GTEST_SKIP() << report.impossible;
  std::cout << report.summary(options) << "\n";
  for (const std::string& promise : report.broken)
    ADD_FAILURE() << promise << "\nsee " << report.kept;
  EXPECT_GE(report.kills(), 10);
  EXPECT_GE(report.acknowledged, options.trials / 2) << "the workers' logs tell too little";
  EXPECT_GE(report.lost, 1) << "nobody lost anything: was the network bad?";
}

TEST(ServeLease, ShorterThanThreeBeatsIsRefused) {
  const TempFolder folder;
  const Finished refused =
      run("firesweep", {"serve", "--lease", "1", "--heartbeat", "0.5"}, folder.path());
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--lease"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("three heartbeats"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace firesweep::e2e
