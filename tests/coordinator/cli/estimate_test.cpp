#include "coordinator/cli/estimate.h"

#include <gtest/gtest.h>

#include "coordinator/cli/known_host.h"

namespace firesweep {
namespace {

Block block(std::string kind, std::map<std::string, Quantity> numbers = {}) {
  Block made;
  made.kind = std::move(kind);
  made.where = "/blocks/" + made.kind;
  made.numbers = std::move(numbers);
  return made;
}

Architecture network(const std::string& name, double width) {
  return {name,
          {3, 32, 32},
          {},
          {block("conv", {{"value", width}}), block("global_avg_pool"),
           block("linear", {{"value", "classes"}})},
          "",
          "hash of " + name};
}

// Two epochs over 40,960 images, 5,000 held out, 1,000 tested, of each of the given variants.
TrialSpace trials_of(std::vector<std::string> variants, Trainer trainer = Trainer::kTorch) {
  auto frozen = std::make_shared<FrozenSweep>();
  frozen->spec.name = "test";
  frozen->spec.dataset = DatasetName::kCifar100;
  frozen->spec.trainer = trainer;
  frozen->spec.base.variant = variants[0];
  frozen->spec.base.epochs = 2;
  frozen->spec.base.train_size = 40'960;
  frozen->spec.base.test_size = 1'000;
  double width = 8;
  ValueList list;
  for (const std::string& name : variants) {
    frozen->architectures.emplace(name, network(name, width));
    list.values.emplace_back(name);
    width *= 4;
  }
  if (variants.size() > 1) frozen->spec.parameters.push_back({"variant", list});
  return *TrialSpace::make(frozen);
}
// What a trial of them is worth, in images trained.
constexpr double kWorth = 2 * 40'960 + (2 * 5'000 + 1'000) / 3.0;

KnownHost host_of(std::int64_t slots) {
  KnownHost host;
  host.device = {"CPU", 2};
  host.slots = slots;
  host.share = {slots, 2 / slots};
  return host;
}

void know(KnownHost& host, const TrialSpace& space, const std::string& name, double images_per_s,
          SpeedSource source = SpeedSource::kTrained, std::int64_t epochs = 0) {
  LearntSpeed speed;
  TrialConfig config = *space.config(0);
  config.variant = name;
  speed.kind = training_kind(config, "hash of " + name, space.cost(config).macs);
  speed.share = host.share;
  speed.source = source;
  speed.images = images_per_s;
  speed.seconds = 1;
  speed.epochs = epochs;
  learn(host.speeds, host.device, speed);
}

TEST(Estimate, WhatTheHostTrainedGivesTheSeconds) {
  const TrialSpace space = trials_of({"narrow"});
  KnownHost host = host_of(1);
  know(host, space, "narrow", 450, SpeedSource::kTrained, 1'412);
  const Estimate known = estimate(space, host);
  EXPECT_DOUBLE_EQ(known.seconds, kWorth / 450);
  EXPECT_EQ(known.basis, "from 1,412 epochs trained on this host");
}

TEST(Estimate, EachArchitectureHasItsOwnSpeed) {
  const TrialSpace space = trials_of({"narrow", "wide"});
  KnownHost host = host_of(1);
  know(host, space, "narrow", 900);
  know(host, space, "wide", 100);
  EXPECT_DOUBLE_EQ(estimate(space, host).seconds, kWorth / 900 + kWorth / 100);
}

TEST(Estimate, SlotsTakeTrialsLongestFirst) {
  const TrialSpace space = trials_of({"a", "b", "c"});
  KnownHost host = host_of(2);
  know(host, space, "a", 500);
  know(host, space, "b", 400);
  know(host, space, "c", 100);
  EXPECT_DOUBLE_EQ(estimate(space, host).seconds, kWorth / 100) << "the others beside it";
}

TEST(Estimate, OneTrialDoesNotGoFasterOnTwoSlots) {
  const TrialSpace space = trials_of({"narrow"});
  KnownHost host = host_of(2);
  know(host, space, "narrow", 450);
  EXPECT_DOUBLE_EQ(estimate(space, host).seconds, kWorth / 450);
}

TEST(Estimate, SaysWhetherAProbeWasMadeNowOrEarlier) {
  const TrialSpace space = trials_of({"narrow", "wide"});
  KnownHost host = host_of(2);
  know(host, space, "narrow", 450, SpeedSource::kProbe);
  know(host, space, "wide", 100, SpeedSource::kProbe);
  EXPECT_EQ(estimate(space, host).basis, "from an earlier probe of this host");
  host.probed_seconds = 1.84;
  EXPECT_EQ(estimate(space, host).basis, "from a probe of 1.8 s");
  know(host, space, "narrow", 450, SpeedSource::kTrained, 3);
  EXPECT_EQ(estimate(space, host).basis, "from 3 epochs trained on this host and a probe of 1.8 s");
}

TEST(Estimate, WhatIsNotMeasuredIsJudgedByItsMacs) {
  const TrialSpace space = trials_of({"narrow", "wide"});
  KnownHost host = host_of(1);
  know(host, space, "narrow", 400, SpeedSource::kBench);
  const Estimate half = estimate(space, host);
  EXPECT_EQ(half.basis,
            "from `firesweep-worker bench` on this host; 1 network estimated from MACs");
  TrialConfig wide = *space.config(1), narrow = *space.config(0);
  const double ratio =
      static_cast<double>(space.cost(wide).macs) / static_cast<double>(space.cost(narrow).macs);
  EXPECT_NEAR(half.seconds, kWorth / 400 * (1 + ratio), 1e-6 * half.seconds);
}

TEST(Estimate, TheDatabaseIsAskedWhereTheHostKnowsNothing) {
  const TrialSpace space = trials_of({"narrow"});
  KnownHost host = host_of(2);
  host.database_macs_per_s = 1e9;
  const Estimate known = estimate(space, host);
  const auto macs = static_cast<double>(space.cost(*space.config(0)).macs);
  EXPECT_NEAR(known.seconds, kWorth * 3 * macs / 1e9, 1e-6 * known.seconds);
  EXPECT_EQ(known.basis, "from the speed measured in this database");
  know(host, space, "narrow", 450);
  EXPECT_DOUBLE_EQ(estimate(space, host).seconds, kWorth / 450);
}

TEST(Estimate, WhatNobodyKnowsIsSaidToBeAssumedAndWhy) {
  const TrialSpace space = trials_of({"narrow"});
  KnownHost host = host_of(2);
  host.why_no_probe = "--no-probe was given";
  EXPECT_EQ(estimate(space, host).basis,
            "assumed: 2 CPU cores of average speed; --no-probe was given");
  const double two = estimate(space, host).seconds;
  KnownHost one = host_of(1);
  EXPECT_NEAR(estimate(space, one).seconds, two / 2, 1e-9) << "one slot with both cores";
}

TEST(Estimate, ATrialCostsTimeAndRoomItself) {
  const TrialSpace space = trials_of({"narrow"}, Trainer::kSimulated);
  const Estimate one = estimate(space, host_of(2));
  EXPECT_GE(one.seconds, 1e-4);
  EXPECT_GT(one.bytes, 1000);
  EXPECT_EQ(one.basis, "simulated trials");
}

TEST(Estimate, KindsAreTheCheapestTheDearestThenTheMostWork) {
  const TrialSpace space = trials_of({"a", "b", "c", "d"});
  std::vector<std::string> names;
  for (const ProbeKind& kind : kinds_of(space)) names.push_back(kind.architecture.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "d", "c", "b"}));
  EXPECT_TRUE(kinds_of(trials_of({"a", "b"}, Trainer::kSimulated)).empty());
}

HostQuestion slots(int count) {
  HostQuestion question;
  question.slots = count;
  return question;
}
HostQuestion threads(int count) {
  HostQuestion question;
  question.threads = count;
  return question;
}

TEST(KnownHost, SlotsAndThreadsAreAsTheWorkerPlansThem) {
  const DeviceKey cpu{"CPU", 8};
  EXPECT_EQ(known_cpu({}, cpu, {}).slots, 8);
  EXPECT_EQ(known_cpu({}, cpu, {}).share, (DeviceShare{8, 1}));
  EXPECT_EQ(known_cpu({}, cpu, slots(2)).share, (DeviceShare{2, 4}));
  EXPECT_EQ(known_cpu({}, cpu, threads(2)).share, (DeviceShare{4, 2}));
  EXPECT_EQ(known_cpu({}, cpu, slots(16)).share, (DeviceShare{16, 1}));
}

TEST(KnownHost, OneSlotWhereThatWasMeasuredFaster) {
  const DeviceKey cpu{"CPU", 2};
  HostSpeeds speeds;
  LearntSpeed speed;
  speed.kind = {"a", 1'000, "auto", 128};
  speed.source = SpeedSource::kBench;
  speed.images = 300;
  speed.seconds = 1;
  speed.share = {1, 2};
  learn(speeds, cpu, speed);
  speed.images = 100;
  speed.share = {2, 1};
  learn(speeds, cpu, speed);
  EXPECT_EQ(known_cpu(speeds, cpu, {}).share, (DeviceShare{1, 2}));
  EXPECT_EQ(known_cpu(speeds, cpu, slots(2)).share, (DeviceShare{2, 1}));
}

// Two values of a field that one sweep may have.
std::vector<Value> two_values(const Field& field) {
  if (field.name == "val_size") return {0.1, 0.5};  // fewer images than the dataset has
  switch (type_of(field)) {
    case FieldType::kFlag:
      return {false, true};
    case FieldType::kText:
      if (field.choices.size() > 1) {
        return {std::string(field.choices[0]), std::string(field.choices[1])};
      }
      return {};
    case FieldType::kWhole:
      return {static_cast<std::int64_t>(field.min) + 1, static_cast<std::int64_t>(field.min) + 3};
    case FieldType::kReal:
      break;
  }
  return {field.min + (field.max - field.min) / 8, field.min + (field.max - field.min) / 2};
}

// Trials that cost the same are looked at once: whatever is varied must be what is looked at.
TEST(Estimate, OfASweepIsTheSumOfItsTrialsWhateverIsVaried) {
  int varied = 0;
  for (const Field& field : fields()) {
    for (const Trainer trainer : {Trainer::kTorch, Trainer::kSimulated}) {
      const std::vector<Value> values = two_values(field);
      if (values.empty()) continue;
      const auto estimate_of = [&](const std::vector<Value>& some) {
        auto frozen = std::make_shared<FrozenSweep>(trials_of({"narrow"}, trainer).frozen());
        frozen->spec.base.simulated_seconds = 60;
        frozen->spec.parameters = {{std::string(field.name), ValueList{some, {}}}};
        return estimate(*TrialSpace::make(frozen), host_of(1));
      };
      const Estimate one = estimate_of({values[0]});
      const Estimate other = estimate_of({values[1]});
      const Estimate both = estimate_of(values);
      EXPECT_NEAR(both.seconds, one.seconds + other.seconds, 1e-9 * both.seconds) << field.name;
      EXPECT_DOUBLE_EQ(both.work_macs, one.work_macs + other.work_macs) << field.name;
      varied += one.seconds != other.seconds ? 1 : 0;
    }
  }
  EXPECT_GE(varied, 5) << "epochs, batch_size, sizes of the data …";
}

}  // namespace
}  // namespace firesweep
