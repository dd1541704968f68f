#include "coordinator/search/widening.h"

#include <gtest/gtest.h>

#include <set>

#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

constexpr const char* kNetwork =
    R"({"format": 1, "name": "small", "input": [3, 32, 32],
        "blocks": ["global_avg_pool", {"linear": "classes"}]})";

std::shared_ptr<const FrozenSweep> file(const std::string& members) {
  auto frozen = freeze_file(R"({"name": "s", "trainer": "simulated", )" + members + "}", "s.json",
                            {{"small", kNetwork}});
  EXPECT_TRUE(frozen) << to_string(frozen.error());
  return std::make_shared<const FrozenSweep>(std::move(*frozen));
}

constexpr const char* kGrid =
    R"("method": "grid", "seeds": [1, 2, 3], "parameters":
       {"variant": {"value": "small"}, "lr": {"values": [0.001, 0.002, 0.003, 0.004]}})";
constexpr const char* kRandom =
    R"("method": "random", "seeds": [1, 2], "run_cap": 6, "parameters":
       {"variant": {"value": "small"}, "lr": {"min": 0.001, "max": 0.1}})";

// The points of a sweep with this seed.
std::set<double> rates_with(const SweepSpace& space, std::int64_t seed) {
  std::set<double> rates;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    const auto config = space.config(number);
    if (config && config->seed == seed) rates.insert(config->lr);
  }
  return rates;
}

SweepSpace widened(const std::string& members, const Widening& by) {
  SweepSpace space = SweepSpace::make(file(members)).value();
  const auto files = files_that_widen(space, by);
  EXPECT_TRUE(files) << to_string(files.error());
  for (const WidenedFile& one : *files) {
    auto frozen = freeze(one.spec, *one.architectures);
    EXPECT_TRUE(frozen) << to_string(frozen.error());
    const auto read = thaw(frozen->canonical, ArchitectureTexts{{"small", kNetwork}});
    EXPECT_TRUE(read && read->spec.seeds == one.spec.seeds) << "it is stored and read back";
    EXPECT_TRUE(space.extend(std::make_shared<const FrozenSweep>(std::move(*frozen))));
  }
  return space;
}

TEST(Widening, EveryPointOfAGridGetsTheSeeds) {
  const SweepSpace space = widened(kGrid, {{4, 5}, {}});
  EXPECT_EQ(space.trials(), 4 * 5);
  EXPECT_EQ(rates_with(space, 4), rates_with(space, 1));
  EXPECT_EQ(rates_with(space, 5), rates_with(space, 1));
}

TEST(Widening, ASeedThatIsThereIsNotAddedAgain) {
  const SweepSpace space = widened(kGrid, {{3, 4}, {}});
  EXPECT_EQ(space.trials(), 4 * 4);
}

TEST(Widening, ACappedGridGetsThemForThePointsItHas) {
  const SweepSpace space = widened(std::string(kGrid) + R"(, "run_cap": 7)", {{4}, {}});
  EXPECT_EQ(space.trials(), 7 + 3) << "two points with three seeds, and one with one";
  EXPECT_EQ(rates_with(space, 4), rates_with(space, 1));
}

TEST(Widening, RandomPointsGetThemAndNoNewPointIsDrawn) {
  const SweepSpace space = widened(kRandom, {{3, 4, 5}, {}});
  EXPECT_EQ(space.trials(), 3 * 5);
  EXPECT_EQ(rates_with(space, 5), rates_with(space, 1));
}

TEST(Widening, AHigherRunCapAddsWhatComesNext) {
  const SweepSpace space = widened(kRandom, {{}, 10});
  EXPECT_EQ(space.trials(), 10);
  EXPECT_EQ(rates_with(space, 1).size(), 5u);
}

TEST(Widening, ASeedGivenTwiceAndNothingAtAllAreRefused) {
  const SweepSpace space = SweepSpace::make(file(kGrid)).value();
  EXPECT_FALSE(files_that_widen(space, {{4, 4}, {}}));
  EXPECT_FALSE(files_that_widen(space, {}));
  EXPECT_FALSE(files_that_widen(space, {{4}, 10}));
}

}  // namespace
}  // namespace firesweep
