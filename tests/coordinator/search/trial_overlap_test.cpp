#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "coordinator/search/trial_space.h"

namespace firesweep {
namespace {

using Frozen = std::shared_ptr<FrozenSweep>;

// A network of one layer, with an arch parameter that changes nothing; `content` tells files of the
// same name apart.
Architecture network(const std::string& name, const std::string& content) {
  Block pool, head;
  pool.kind = "global_avg_pool";
  head.kind = "linear";
  head.numbers = {{"value", "classes"}};
  return {name, {3, 32, 32}, {{"width", std::int64_t{1}}}, {pool, head}, content, content};
}

// Some of the values, in some order; at least one.
std::vector<Value> some_of(std::vector<Value> values) {
  std::vector<Value> chosen;
  const auto first = *rc::gen::inRange<std::size_t>(0, values.size());
  const auto count = *rc::gen::inRange<std::size_t>(1, values.size() + 1);
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(values[(first + i) % values.size()]);
  return chosen;
}

void sweep(FrozenSweep& frozen, const std::string& name, const std::vector<Value>& values) {
  SweepSpec& spec = frozen.spec;
  if (values.size() > 1) {
    spec.parameters.push_back({name, ValueList{values, {}}});
  } else if (const Field* field = find_field(name)) {
    ASSERT_TRUE(set_field(spec.base, *field, values[0], name));
  } else {
    spec.base.arch_params[name.substr(5)] = values[0];
  }
}

Frozen any_grid() {
  auto frozen = std::make_shared<FrozenSweep>();
  SweepSpec& spec = frozen->spec;
  spec.name = "any";
  spec.dataset = DatasetName::kCifar100;
  spec.base.variant = "small";
  std::vector<std::pair<std::string, std::vector<Value>>> axes = {
      {"variant", {std::string("small"), std::string("wide")}},
      {"lr", {0.001, 0.01, 0.1}},
      {"optimizer", {std::string("adamw"), std::string("sgd")}},
      {"batch_size", {std::int64_t{32}, std::int64_t{64}, std::int64_t{128}}},
      {"arch.width", {std::int64_t{1}, std::int64_t{2}}}};
  if (*rc::gen::arbitrary<bool>()) std::reverse(axes.begin(), axes.end());
  for (const auto& [name, values] : axes) {
    if (*rc::gen::inRange(0, 4) > 0) sweep(*frozen, name, some_of(values));
  }
  spec.weight_decay_follows_optimizer = *rc::gen::arbitrary<bool>();
  spec.seeds.clear();
  for (const Value& seed : some_of({std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}))
    spec.seeds.push_back(std::get<std::int64_t>(seed));
  if (*rc::gen::inRange(0, 3) == 0) spec.run_cap = *rc::gen::inRange(1, 12);
  if (*rc::gen::inRange(0, 3) == 0) spec.exclude = {{{"batch_size", std::int64_t{64}}}};
  for (const char* variant : {"small", "wide"}) {
    const std::string content = *rc::gen::inRange(0, 4) == 0 ? "b" : "a";
    frozen->architectures.emplace(variant, network(variant, variant + content));
  }
  return frozen;
}

bool has_trial(const TrialSpace& space, const TrialConfig& wanted) {
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    if (space.config(number) == wanted) return true;
  }
  return false;
}

RC_GTEST_PROP(TrialOverlap, OfGridsIsWhatComparingEveryTrialFinds, ()) {
  const Frozen one = any_grid(), other = any_grid();
  const auto space = TrialSpace::make(one), next = TrialSpace::make(other);
  RC_PRE(space.has_value() && next.has_value());
  std::vector<bool> shared(static_cast<std::size_t>(next->counts().raw));
  space->mark_shared(*next, shared);
  bool any = false;
  for (std::int64_t number = 0; number < next->counts().raw; ++number) {
    const auto config = next->config(number);
    const bool expected = config && has_trial(*space, *config) &&
                          one->architectures.at(config->variant).hash ==
                              other->architectures.at(config->variant).hash;
    RC_ASSERT(shared[static_cast<std::size_t>(number)] == expected);
    any = any || expected;
  }
  RC_CLASSIFY(any, "some shared");
  const auto left = next->dispatch_order(shared);
  const std::set<std::int64_t> numbers(left.begin(), left.end());
  RC_ASSERT(numbers.size() == left.size());
  for (std::int64_t number = 0; number < next->counts().raw; ++number) {
    RC_ASSERT(numbers.contains(number) ==
              (next->config(number) && !shared[static_cast<std::size_t>(number)]));
  }
}

}  // namespace
}  // namespace firesweep
