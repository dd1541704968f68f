#include "shared/domain/search_settings.h"

#include <algorithm>
#include <cassert>

namespace firesweep {
namespace {

// Names are Optuna's where it has the same setting. The bounds keep a proposal within its 20 ms and
// a population within the results that it looks at (coordinator/search/learning.cpp).
constexpr SearchSetting kSettings[] = {
    {.method = Method::kTpe,
     .name = "n_startup_trials",
     .help = "Trials at random before it learns; they count with whatever came of them.",
     .usual = 10,
     .min = 1,
     .max = 10'000,
     .startup = true},
    {.method = Method::kTpe,
     .name = "n_ei_candidates",
     .help =
         "Points drawn like the good trials, of which the most promising is proposed; more make "
         "it greedier.",
     .usual = 24,
     .min = 1,
     .max = 100},
    {.method = Method::kTpe,
     .name = "gamma",
     .help = "The share of the finished trials that counts as good, of which at most 25 do.",
     .usual = 0.15,
     .min = 0,
     .max = 0.5,
     .whole = false,
     .above = true},
    {.method = Method::kTpe,
     .name = "prior_weight",
     .help = "How many trials the uniform prior weighs as much as; more make it explore.",
     .usual = 1,
     .min = 0,
     .max = 100,
     .whole = false,
     .above = true},
    {.method = Method::kEvolution,
     .name = "population_size",
     .help = "The newest finished trials, of which parents are taken; as many begin at random.",
     .usual = 20,
     .min = 2,
     .max = 200,
     .startup = true},
    {.method = Method::kEvolution,
     .name = "sample_size",
     .help =
         "So many of the population are drawn, and the best of them is the parent; more make it "
         "greedier.",
     .usual = 10,
     .min = 1,
     .max = 200},
    {.method = Method::kNsga2,
     .name = "population_size",
     .help = "The best finished trials by front, of which parents are taken; as many begin at "
             "random.",
     .usual = 20,
     .min = 2,
     .max = 200,
     .startup = true},
    {.method = Method::kNsga2,
     .name = "crossover_prob",
     .help = "The share of trials that have two parents; the others have one.",
     .usual = 0.5,
     .min = 0,
     .max = 1,
     .whole = false},
    {.method = Method::kNsga2,
     .name = "mutation_prob",
     .help = "Each trial has one parameter changed and, with this probability, one more, again and "
             "again.",
     .usual = 0.3,
     .min = 0,
     .max = 0.9,
     .whole = false},
    {.method = Method::kGp,
     .name = "n_startup_trials",
     .help = "Finished trials before it learns; until then trials are random.",
     .usual = 8,
     .min = 2,
     .max = 10'000,
     .startup = true},
};

const SearchSetting& known(Method method, std::string_view name) {
  const auto own = search_settings(method);
  const auto found = std::ranges::find(own, name, &SearchSetting::name);
  assert(found != own.end());
  return *found;
}

}  // namespace

std::span<const SearchSetting> search_settings() { return kSettings; }

std::span<const SearchSetting> search_settings(Method method) {
  const auto own = std::ranges::equal_range(kSettings, method, {}, &SearchSetting::method);
  return {own.begin(), own.end()};
}

double setting_of(Method method, const SearchSettings& settings, std::string_view name) {
  const auto given = settings.find(name);
  return given == settings.end() ? known(method, name).usual : given->second;
}

std::int64_t startup_of(Method method, const SearchSettings& settings) {
  for (const SearchSetting& one : search_settings(method)) {
    if (one.startup) return static_cast<std::int64_t>(setting_of(method, settings, one.name));
  }
  return 0;
}

}  // namespace firesweep
