#include "coordinator/search/sweep_space.h"

#include <gtest/gtest.h>

#include <set>

namespace firesweep {
namespace {

// A network of one layer; `content` tells files of the same name apart.
Architecture network(const std::string& name, const std::string& content) {
  Block pool, head;
  pool.kind = "global_avg_pool";
  head.kind = "linear";
  head.numbers = {{"value", "classes"}};
  return {name, {3, 32, 32}, {}, {pool, head}, content, content};
}

struct File {
  std::vector<Value> rates{0.001, 0.003};
  std::vector<std::int64_t> seeds{1};
  std::string name = "sweep";
  std::string content = "a";
  std::optional<std::int64_t> run_cap = std::nullopt;
  Method method = Method::kGrid;
};

std::shared_ptr<FrozenSweep> freeze(const File& file) {
  auto frozen = std::make_shared<FrozenSweep>();
  frozen->spec.name = file.name;
  frozen->spec.dataset = DatasetName::kCifar100;
  frozen->spec.method = file.method;
  frozen->spec.base.variant = "small";
  if (file.method == Method::kGrid) {
    frozen->spec.parameters = {{"lr", ValueList{file.rates, {}}}};
  } else {
    frozen->spec.parameters = {{"lr", LogUniformValues{0.001, 0.1}}};
  }
  frozen->spec.seeds = file.seeds;
  frozen->spec.run_cap = file.run_cap;
  frozen->architectures.emplace("small", network("small", file.content));
  return frozen;
}

SweepSpace space_of(const File& file) {
  auto space = SweepSpace::make(freeze(file));
  EXPECT_TRUE(space) << to_string(space.error());
  return *space;
}

// Every (lr, seed) of a space, in the order of numbers.
std::vector<std::pair<double, std::int64_t>> all_of(const SweepSpace& space) {
  std::vector<std::pair<double, std::int64_t>> found;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    if (const auto config = space.config(number)) found.emplace_back(config->lr, config->seed);
  }
  return found;
}

TEST(SweepSpace, AnExtensionAddsWhatTheSweepDoesNotHave) {
  SweepSpace space = space_of({});
  ASSERT_TRUE(space.extend(freeze({.rates = {0.003, 0.01, 0.03}})));
  EXPECT_EQ(space.trials(), 4);
  EXPECT_EQ(space.raw(), 5);
  EXPECT_EQ(all_of(space), (std::vector<std::pair<double, std::int64_t>>{
                               {0.001, 1}, {0.003, 1}, {0.01, 1}, {0.03, 1}}));
  EXPECT_FALSE(space.config(2)) << "the sweep has 0.003 already: a gap";
  EXPECT_EQ(space.dispatch_order(), (std::vector<std::int64_t>{0, 1, 3, 4}));
  EXPECT_EQ(space.newest_order(), (std::vector<std::int64_t>{3, 4}));
}

TEST(SweepSpace, NumbersKeepTheirMeaning) {
  SweepSpace space = space_of({.rates = {0.001, 0.003, 0.01}, .seeds = {1, 2}});
  std::vector<TrialConfig> before;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    before.push_back(*space.config(number));
  }
  ASSERT_TRUE(space.extend(freeze({.rates = {0.0001, 0.003}, .seeds = {3, 2}})));
  ASSERT_TRUE(space.extend(freeze({.rates = {0.0001, 0.5}, .seeds = {1, 3}})));
  for (std::size_t number = 0; number < before.size(); ++number) {
    EXPECT_EQ(space.config(static_cast<std::int64_t>(number)), before[number]);
  }
  const auto all = all_of(space);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size()) << "no trial twice";
  EXPECT_EQ(static_cast<std::int64_t>(all.size()), space.trials());
  EXPECT_EQ(space.segments(), 3);
}

TEST(SweepSpace, MoreSeedsOfTheSamePointsAreNew) {
  SweepSpace space = space_of({.seeds = {1}});
  ASSERT_TRUE(space.extend(freeze({.seeds = {1, 2, 3}})));
  EXPECT_EQ(space.trials(), 6);
}

TEST(SweepSpace, AHigherRunCapDrawsOnWhereRandomPointsEnded) {
  SweepSpace space = space_of({.run_cap = 5, .method = Method::kRandom});
  const auto first = all_of(space);
  ASSERT_TRUE(space.extend(freeze({.run_cap = 8, .method = Method::kRandom})));
  const auto all = all_of(space);
  ASSERT_EQ(all.size(), 8u);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), all.begin()));
  const auto whole = all_of(space_of({.run_cap = 8, .method = Method::kRandom}));
  EXPECT_EQ(all, whole) << "the same as asking for 8 at once";
}

TEST(SweepSpace, ANetworkOfOtherContentIsAnotherTrial) {
  SweepSpace space = space_of({});
  ASSERT_TRUE(space.extend(freeze({.content = "b"})));
  EXPECT_EQ(space.trials(), 4);
  EXPECT_EQ(space.architecture(0).hash, "a");
  EXPECT_EQ(space.architecture(2).hash, "b");
}

TEST(SweepSpace, AFileThatAddsNothingIsRefusedAndChangesNothing) {
  SweepSpace space = space_of({});
  const auto refused = space.extend(freeze({.rates = {0.003}}));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("adds nothing"), std::string::npos);
  EXPECT_EQ(space.segments(), 1);
}

TEST(SweepSpace, AnotherSweepsFileIsRefusedAndNamesWhatDiffers) {
  SweepSpace space = space_of({});
  const auto expect_refused = [&](auto change, const std::string& place) {
    auto file = freeze({.rates = {0.5}});
    change(*file);
    const auto refused = space.extend(file);
    ASSERT_FALSE(refused) << place;
    EXPECT_EQ(refused.error().where, place);
  };
  expect_refused([](FrozenSweep& f) { f.spec.name = "other"; }, "/name");
  expect_refused([](FrozenSweep& f) { f.spec.trainer = Trainer::kSimulated; }, "/trainer");
  expect_refused([](FrozenSweep& f) { f.spec.dataset = DatasetName::kCifar10; }, "/dataset");
  expect_refused([](FrozenSweep& f) { f.dataset_checksum = "x"; }, "/dataset");
  expect_refused([](FrozenSweep& f) { f.spec.metric = Metric::kTestAccuracy; }, "/metric/name");
  expect_refused([](FrozenSweep& f) { f.spec.maximize = false; }, "/metric/goal");
  expect_refused([](FrozenSweep& f) { f.spec.base.protocol = Protocol::kStudy; }, "/protocol");
  EXPECT_EQ(space.trials(), 2);
}

}  // namespace
}  // namespace firesweep
