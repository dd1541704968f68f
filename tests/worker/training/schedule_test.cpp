#include "worker/training/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "shared/domain/presets.h"
#include "tests/worker/training/closed_form.h"

namespace firesweep {
namespace {

Schedule one_cycle(std::int64_t epochs, std::int64_t steps_per_epoch, double warmup,
                   const char* name = "one_cycle") {
  TrialConfig config;
  config.schedule = name;
  config.lr = 0.01;
  config.epochs = epochs;
  config.warmup_fraction = warmup;
  return make_schedule(config, steps_per_epoch).value();
}

void expect_rates(const Schedule& schedule, const nlohmann::json& expected) {
  ASSERT_EQ(static_cast<std::size_t>(schedule.total_steps), expected.size());
  for (std::int64_t step = 0; step < schedule.total_steps; ++step) {
    const Rates rates = rates_at(schedule, step);
    const auto& row = expected.at(static_cast<std::size_t>(step));
    EXPECT_NEAR(rates.lr, row.at(0).get<double>(), 1e-10) << "step " << step;
    EXPECT_NEAR(rates.momentum, row.at(1).get<double>(), 1e-8) << "step " << step;
  }
}

TEST(OneCycle, IsPyTorchsOneCycleLR) {
  expect_rates(one_cycle(4, 10, 0.25), reference().at("one_cycle").at("40"));
  expect_rates(one_cycle(1, 7, 0.3), reference().at("one_cycle").at("7"));
}

TEST(OneCycle, PerEpochBeginsTheWholeRunsCycleAnewEveryEpoch) {
  const Schedule schedule = one_cycle(3, 4, 0.3, "one_cycle_per_epoch");
  for (std::int64_t step = 0; step < 12; ++step) {
    const auto& row =
        reference().at("one_cycle").at("study").at(static_cast<std::size_t>(step % 4));
    EXPECT_NEAR(rates_at(schedule, step).lr, row.at(0).get<double>(), 1e-10);
    EXPECT_NEAR(rates_at(schedule, step).momentum, row.at(1).get<double>(), 1e-8);
  }
}

// Of the study's notebook: OneCycleLR(max_lr=0.1, epochs=50, steps_per_epoch=1563, pct_start=0.3)
// made anew every epoch. The rates at its first, middle and last step are PyTorch's.
TEST(OneCycle, OfTheStudyBarelyLeavesItsStart) {
  TrialConfig config = *find_preset("study");
  for (const std::int64_t epochs : {1, 12}) {
    config.epochs = epochs;
    const Schedule schedule = make_schedule(config, 1563).value();
    const std::int64_t begin = 1563 * (epochs - 1);
    EXPECT_EQ(schedule.total_steps, begin + 1563);
    EXPECT_NEAR(rates_at(schedule, begin).lr, 0.004, 1e-12);
    EXPECT_NEAR(rates_at(schedule, begin).momentum, 0.95, 1e-12);
    EXPECT_NEAR(rates_at(schedule, begin + 781).lr, 0.004262635353376246, 1e-9);
    EXPECT_NEAR(rates_at(schedule, begin + 1562).lr, 0.005047667358136512, 1e-9);
    EXPECT_NEAR(rates_at(schedule, begin + 1562).momentum, 0.9489086798352744, 1e-9);
  }
}

TEST(Schedule, LongerThanTheRunIsCutOffAndShorterStaysAtItsEnd) {
  for (const char* const name : {"one_cycle", "cosine"}) {
    TrialConfig config;
    config.schedule = name;
    config.epochs = 4;
    const Schedule whole = make_schedule(config, 5).value();
    config.schedule_epochs = 4;
    config.epochs = 2;
    const Schedule cut = make_schedule(config, 5).value();
    ASSERT_EQ(cut.total_steps, 10);
    config.epochs = 6;
    const Schedule longer = make_schedule(config, 5).value();
    ASSERT_EQ(longer.total_steps, 30);
    for (std::int64_t step = 0; step < 30; ++step) {
      const double lr = rates_at(whole, std::min<std::int64_t>(step, 19)).lr;
      if (step < 10) {
        EXPECT_EQ(rates_at(cut, step).lr, lr) << name << " " << step;
      }
      EXPECT_EQ(rates_at(longer, step).lr, lr) << name << " " << step;
    }
  }
}

TEST(OneCycle, IsFiniteForEveryLengthAndWarmUp) {
  for (std::int64_t total = 1; total < 12; ++total) {
    for (const double warmup : {0.0, 0.1, 0.25, 0.5, 0.99}) {
      const Schedule schedule = one_cycle(1, total, warmup);
      for (std::int64_t step = 0; step < total; ++step) {
        const Rates rates = rates_at(schedule, step);
        EXPECT_GT(rates.lr, 0) << total << " " << warmup << " " << step;
        EXPECT_LE(rates.lr, 0.01) << total << " " << warmup << " " << step;
        EXPECT_GE(rates.momentum, 0.85);
        EXPECT_LE(rates.momentum, 0.95);
      }
    }
  }
}

TEST(Cosine, FallsFromThePeakToNearZeroThroughHalf) {
  TrialConfig config;
  config.schedule = "cosine";
  config.lr = 0.2;
  config.epochs = 10;
  config.beta1 = 0.8;
  const Schedule schedule = make_schedule(config, 10).value();
  EXPECT_DOUBLE_EQ(rates_at(schedule, 0).lr, 0.2);
  EXPECT_NEAR(rates_at(schedule, 50).lr, 0.1, 1e-12);
  EXPECT_NEAR(rates_at(schedule, 99).lr, 0.2 * 2.467e-4, 1e-7);
  EXPECT_DOUBLE_EQ(rates_at(schedule, 99).momentum, 0.8);
}

TEST(Constant, KeepsLrAndTheOptimizersOwnMomentum) {
  TrialConfig config;
  config.schedule = "constant";
  config.optimizer = "sgd";
  config.momentum = 0.7;
  const Schedule schedule = make_schedule(config, 3).value();
  EXPECT_EQ(rates_at(schedule, 0).lr, config.lr);
  EXPECT_EQ(rates_at(schedule, schedule.total_steps - 1).lr, config.lr);
  EXPECT_EQ(rates_at(schedule, 1).momentum, 0.7);
}

TEST(Constant, CoolsDownInAStraightLineOverItsLastEpochs) {
  TrialConfig config;
  config.schedule = "constant";
  config.lr = 0.4;
  config.epochs = 5;
  config.schedule_epochs = 2;  // has no effect
  const Schedule flat = make_schedule(config, 2).value();
  config.cooldown_epochs = 2;
  const Schedule schedule = make_schedule(config, 2).value();
  ASSERT_EQ(schedule.total_steps, 10);
  for (std::int64_t step = 0; step < 6; ++step) {
    EXPECT_EQ(rates_at(schedule, step).lr, rates_at(flat, step).lr) << step;
  }
  EXPECT_EQ(rates_at(schedule, 6).lr, 0.4) << "the straight line begins at the constant rate";
  EXPECT_DOUBLE_EQ(rates_at(schedule, 7).lr, 0.3);
  EXPECT_DOUBLE_EQ(rates_at(schedule, 8).lr, 0.2);
  EXPECT_DOUBLE_EQ(rates_at(schedule, 9).lr, 0.1) << "no step is wasted on a rate of 0";
  EXPECT_EQ(rates_at(schedule, 9).momentum, rates_at(flat, 9).momentum);
}

TEST(Constant, CoolsDownAllAlongWhereTheCooldownIsLonger) {
  TrialConfig config;
  config.schedule = "constant";
  config.lr = 0.4;
  config.epochs = 2;
  config.cooldown_epochs = 30;
  const Schedule schedule = make_schedule(config, 2).value();
  EXPECT_EQ(rates_at(schedule, 0).lr, 0.4);
  EXPECT_DOUBLE_EQ(rates_at(schedule, 3).lr, 0.1);
}

TEST(Schedule, OthersKnowNoCooldown) {
  for (const char* const name : {"cosine", "one_cycle", "one_cycle_per_epoch"}) {
    TrialConfig config;
    config.schedule = name;
    config.epochs = 3;
    const Schedule before = make_schedule(config, 4).value();
    config.cooldown_epochs = 2;
    const Schedule after = make_schedule(config, 4).value();
    for (std::int64_t step = 0; step < 12; ++step) {
      EXPECT_EQ(rates_at(after, step).lr, rates_at(before, step).lr) << name << step;
    }
  }
}

TEST(OneCycle, LeavesMuonsMomentumAlone) {
  TrialConfig config;
  config.optimizer = "muon";
  config.momentum = 0.8;
  const Schedule muon = make_schedule(config, 10).value();
  config.optimizer = "sgd";
  const Schedule sgd = make_schedule(config, 10).value();
  for (std::int64_t step = 0; step < muon.total_steps; ++step) {
    EXPECT_EQ(rates_at(muon, step).lr, rates_at(sgd, step).lr);
    EXPECT_EQ(rates_at(muon, step).momentum, 0.8);
  }
}

TEST(Schedule, UnknownNameIsRefusedWithANearMiss) {
  TrialConfig config;
  config.schedule = "one_cycl";
  const auto made = make_schedule(config, 3);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().where, "schedule");
  EXPECT_NE(made.error().hint.find("one_cycle"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
