// What every sampler promises.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>

#include "coordinator/search/samplers/evolution.h"
#include "coordinator/search/samplers/gp.h"
#include "coordinator/search/samplers/nsga2.h"
#include "coordinator/search/samplers/sobol.h"
#include "coordinator/search/samplers/tpe.h"
#include "tests/coordinator/search/samplers/spaces.h"

namespace firesweep {
namespace {

struct Named {
  std::string name;
  std::function<std::unique_ptr<Sampler>()> make;
  std::size_t objectives = 1;
};
void PrintTo(const Named& named, std::ostream* out) { *out << named.name; }

const std::vector<Named> kSamplers{
    {"random", [] { return std::make_unique<RandomSampler>(); }},
    {"sobol", [] { return std::make_unique<SobolSampler>(3); }},
    {"tpe", [] { return std::make_unique<TpeSampler>(); }},
    {"evolution", [] { return std::make_unique<EvolutionSampler>(); }},
    {"nsga2", [] { return std::make_unique<Nsga2Sampler>(); }, 2},
    {"gp", [] { return std::make_unique<GpSampler>(); }},
};

std::vector<Observation> search(const Sampler& sampler, const SearchSpace& space, int points,
                                std::size_t objectives, int running = 0) {
  std::vector<Observation> history;
  for (int i = 0; i < points; ++i) {
    SearchRandom random(7, i);
    Observation next{sampler.propose(space, history, random)};
    // The last ones run, one in nine failed.
    next.running = i >= points - running;
    if (!next.running && i % 9 != 8) next.costs = made_up_costs(next.at, objectives);
    history.push_back(std::move(next));
  }
  return history;
}

class EverySampler : public ::testing::TestWithParam<Named> {};

TEST_P(EverySampler, ProposesPointsOfTheSpace) {
  const auto sampler = GetParam().make();
  EXPECT_TRUE(rc::check([&] {
    const SearchSpace space = *any_space();
    for (const Observation& one : search(*sampler, space, 30, GetParam().objectives, 3)) {
      RC_ASSERT(contains(space, one.at));
    }
  }));
}

TEST_P(EverySampler, ProposesTheSameFromTheSame) {
  const auto sampler = GetParam().make();
  const SearchSpace space{{Dimension::Kind::kCategorical, 5}, {}, {Dimension::Kind::kOrdered, 9}};
  const auto once = search(*sampler, space, 40, GetParam().objectives);
  const auto again = search(*GetParam().make(), space, 40, GetParam().objectives);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].at, again[i].at) << i;
}

TEST_P(EverySampler, ProposesNoPointTwice) {
  const auto sampler = GetParam().make();
  const SearchSpace space{{Dimension::Kind::kCategorical, 5}, {Dimension::Kind::kOrdered, 20}};
  std::set<Coordinates> points;
  for (const auto& one : search(*sampler, space, 60, GetParam().objectives, 8)) {
    EXPECT_TRUE(points.insert(one.at).second);
  }
}

// A space that is used up is no reason to hang.
TEST_P(EverySampler, ProposesAKnownPointWhereNoneIsNew) {
  const auto sampler = GetParam().make();
  const SearchSpace space{{Dimension::Kind::kCategorical, 2}, {Dimension::Kind::kOrdered, 3}};
  EXPECT_EQ(search(*sampler, space, 40, GetParam().objectives).size(), 40);
}

INSTANTIATE_TEST_SUITE_P(Samplers, EverySampler, ::testing::ValuesIn(kSamplers),
                         [](const auto& tested) { return tested.param.name; });

RC_GTEST_PROP(SearchSpaces, EveryPointIsVisitedOnce, ()) {
  const SearchSpace space = *any_space();
  constexpr std::size_t kMost = 2'000;
  const auto size = size_of(space, kMost);
  RC_PRE(size.has_value());
  std::set<Coordinates> points;
  each_point(space, [&](const Coordinates& point) {
    RC_ASSERT(contains(space, point));
    RC_ASSERT(points.insert(point).second);
    return true;
  });
  RC_ASSERT(points.size() == *size);
  RC_ASSERT(size == 1u || !size_of(space, *size - 1));
  SearchRandom random(1, 1);
  for (int i = 0; i < 100; ++i) RC_ASSERT(points.contains(random_point(space, random)));
}

double sphere(const Coordinates& at) {
  double sum = 0;
  for (const double x : at) sum += (x - 0.3) * (x - 0.3);
  return sum;
}

double best_of(const Sampler& sampler, int points) {
  const SearchSpace space(3);
  std::vector<Observation> history;
  double best = 10;
  for (int i = 0; i < points; ++i) {
    SearchRandom random(1, i);
    Observation next{sampler.propose(space, history, random)};
    next.costs = {sphere(next.at)};
    best = std::min(best, next.costs.front());
    history.push_back(std::move(next));
  }
  return best;
}

TEST(LearningSamplers, FindWhatRandomSearchDoesNot) {
  const double random = best_of(RandomSampler(), 60);
  EXPECT_LT(best_of(TpeSampler(), 60), random / 2);
  EXPECT_LT(best_of(EvolutionSampler(), 60), random / 2);
  EXPECT_LT(best_of(GpSampler(), 60), random / 50);
}

// Running trials count as bad points: workers that ask at once get points apart.
TEST(LearningSamplers, SpreadWhatRunsAtOnce) {
  const SearchSpace space(2);
  for (const Sampler* sampler : {static_cast<const Sampler*>(new TpeSampler()),
                                 static_cast<const Sampler*>(new GpSampler())}) {
    const std::unique_ptr<const Sampler> owned(sampler);
    std::vector<Observation> history;
    for (int i = 0; i < 40; ++i) {
      SearchRandom random(5, i);
      Observation next{sampler->propose(space, history, random)};
      next.running = i >= 30;
      if (!next.running) next.costs = {sphere(next.at)};
      history.push_back(std::move(next));
    }
    for (std::size_t i = 30; i < 40; ++i) {
      for (std::size_t j = 30; j < i; ++j) EXPECT_NE(history[i].at, history[j].at);
    }
  }
}

TEST(Evolution, ChangesOneParameterOfAMember) {
  const SearchSpace space(6, {Dimension::Kind::kCategorical, 5});
  const EvolutionOptions options{.population = 20, .contestants = 10};
  const auto history = search(EvolutionSampler(options), space, 60, 1);
  for (std::size_t i = 25; i < history.size(); ++i) {
    std::size_t nearest = space.size();
    for (std::size_t j = 0; j < i; ++j) {
      std::size_t apart = 0;
      for (std::size_t d = 0; d < space.size(); ++d) {
        apart += history[i].at[d] != history[j].at[d] ? 1 : 0;
      }
      nearest = std::min(nearest, apart);
    }
    EXPECT_EQ(nearest, 1) << i;
  }
}

}  // namespace
}  // namespace firesweep
