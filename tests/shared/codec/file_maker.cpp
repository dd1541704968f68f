#include "tests/shared/codec/file_maker.h"

#include <rapidcheck.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "shared/codec/domain_codec.h"
#include "shared/codec/json_node.h"
#include "shared/codec/sweep_keys.h"
#include "shared/domain/presets.h"

namespace firesweep::testing {

Values values_for(const Field& field) {
  Values values;
  switch (type_of(field)) {
    case FieldType::kFlag:
      return {{true, false}, {0, 1, "true", nullptr, Json::array(), Json::object()}};
    case FieldType::kText:
      for (const std::string_view choice : field.choices) values.good.emplace_back(choice);
      if (field.choices.empty()) values.good = {"v1", "any"};
      values.bad = {"", 1, true, nullptr, Json::array({"v1"})};
      if (!field.choices.empty()) values.bad.emplace_back(std::string(field.choices[0]) + "x");
      return values;
    case FieldType::kWhole:
    case FieldType::kReal:
      break;
  }
  const bool is_whole = type_of(field) == FieldType::kWhole;
  const double step = is_whole ? 1 : (field.max - field.min) / 1024;
  (field.above_min ? values.bad : values.good).emplace_back(field.min);
  (field.below_max ? values.bad : values.good).emplace_back(field.max);
  values.good.emplace_back(field.min + step);
  values.bad.insert(values.bad.end(), {field.min - step, field.max + step, "1", true, nullptr,
                                       Json::array({1}), 1e300, -1e300});
  if (is_whole) values.bad.emplace_back(field.min + 0.5);
  return values;
}

Json step_for(const Field& field) {
  if (type_of(field) == FieldType::kReal) return (field.max - field.min) / 8;
  return 1;
}

namespace {

template <class T>
T any(const std::vector<T>& some) {
  return *rc::gen::elementOf(some);
}
bool once_in(int times) { return *rc::gen::inRange(0, times) == 0; }

Json any_scalar() {
  return any<Json>({0, 1, -1, 5, 0.5, 1.0, 1e9, 1e300, "v3", "sgd", "", "1", true, false, nullptr,
                    Json::array(), Json::object(), Json::array({1})});
}

// Makes files of which some are good, some have a mistake and some have many.
class FileMaker {
 public:
  FileMaker() : odds_(any<int>({0, 60, 8})) {}

  Json file() {
    Json made = Json::object();
    for (const SweepKey& key : kSweepKeys) {
      const std::string name(key.name);
      if (name == "include" || name == "zip" || name == "conditions") continue;
      const bool needed =
          name == "parameters" || name == "method" || name == "dataset" || name == "run_cap";
      if (needed ? !spoilt() : once_in(3)) made[name] = member(name);
    }
    if (spoilt()) made[any<std::string>({"dataest", "lr", "sweep", "command"})] = any_scalar();
    return made;
  }

 private:
  // Whether the next thing is wrong.
  bool spoilt() const { return odds_ > 0 && once_in(odds_); }

  Json value(const Field* field) const {
    if (spoilt()) return any_scalar();
    if (field == nullptr) return any<Json>({1, 0.5, "1", true});
    const Values values = values_for(*field);
    return any(spoilt() ? values.bad : values.good);
  }

  // A number of values, each once unless something is wrong.
  Json values(const Field* field) const {
    Json list = Json::array();
    const int count = *rc::gen::inRange(spoilt() ? 0 : 1, 4);
    for (int i = 0; i < count; ++i) {
      const Json one = value(field);
      const bool known = std::find(list.begin(), list.end(), one) != list.end();
      if (!known || spoilt()) list.push_back(one);
    }
    return list;
  }

  Json domain(const Field* field) const {
    if (spoilt()) return any_scalar();
    const Distribution* kind = nullptr;
    do {
      kind = &kDistributions[*rc::gen::inRange<std::size_t>(0, std::size(kDistributions))];
    } while (!suits(*kind, field) && !spoilt());
    Json made = Json::object();
    if (kind->draws != Draws::kListed || once_in(2)) made["distribution"] = kind->name;
    for (const std::string_view key : kind->keys) {
      if (key.empty() || spoilt()) continue;
      if (key == "values") {
        made["values"] = values(field);
      } else if (key == "probabilities") {
        const std::size_t count = made.contains("values") ? made["values"].size() : 0;
        if (once_in(3) && count > 0) made["probabilities"] = Json(count, 1.0 / count);
        if (spoilt()) made["probabilities"] = any<Json>({{2, -1}, {0.2}, 1, {"1"}});
      } else if (key == "sigma" || key == "a" || key == "b") {
        made[std::string(key)] = spoilt() ? any<Json>({0, -1, "1"}) : Json(0.5);
      } else if (key == "q") {
        const Json good = field == nullptr ? Json(0.25) : step_for(*field);
        made["q"] = spoilt() ? any<Json>({0, -1, 1.5, "1"}) : good;
      } else if (key == "mu" && kind->name.find("log") != std::string_view::npos) {
        made["mu"] = spoilt() ? any_scalar() : Json(-0.5);
      } else if (field == nullptr) {
        made[std::string(key)] = key == "max" ? Json(9) : spoilt() ? any_scalar() : Json(2);
      } else {
        made[std::string(key)] = key == "max" ? values_for(*field).good.back() : value(field);
      }
    }
    if (spoilt()) made[any<std::string>({"value", "min", "mu", "parameters"})] = any_scalar();
    return made;
  }

  const Field* field(std::string& name) const {
    if (spoilt()) name = any<std::string>({"arch.", "arch.a-b", "lrr", "seed", "a/b", "LR"});
    if (!name.empty()) return nullptr;
    if (once_in(10)) {
      name = any<std::string>({"arch.p", "arch.q_2"});
      return nullptr;
    }
    const Field& field = fields()[*rc::gen::inRange<std::size_t>(0, fields().size())];
    name = !field.former.name.empty() && spoilt() ? field.former.name : field.name;
    return &field;
  }

  Json parameters() const {
    Json made = Json::object();
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      std::string name;
      const Field* one = field(name);
      made[name] = domain(one);
    }
    return made;
  }

  Json exclusion() const {
    std::string name;
    const Field* one = field(name);
    if (one == nullptr || spoilt()) return {{name, value(one)}};
    return {{name, json_of(get_field(*find_preset("default"), *one))}};
  }

  // Words of a language one after the other or, where something is wrong, some of them or letters.
  std::string text(const std::vector<std::string>& words, const std::string& good) const {
    if (!spoilt()) return good;
    if (once_in(4)) {
      return *rc::gen::container<std::string>(
          rc::gen::elementOf(std::string("0123456789 ._<>=-edhmspochkKMGTBiacrn")));
    }
    std::string made;
    const int count = *rc::gen::inRange(1, 5);
    for (int i = 0; i < count; ++i) made += any(words);
    return made;
  }

  Json member(const std::string& key) const {
    static const std::vector<std::string> kAmounts = {"1",     "90", "1.5", " ",  "h",     "m",
                                                      "s",     "ms", "d",   "30", "epoch", "min",
                                                      "weeks", "GB", "KiB", "B",  "0",     "-"};
    static const std::vector<std::string> kComparison = {
        "params", "macs", " ", "_", "<", "<=", ">", "=", "8", "000", "1e6", ".5", "-", "par ams"};
    if (spoilt()) return any_scalar();
    for (const WholeKey& bounds : kWholeKeys) {
      if (bounds.name != key) continue;
      return spoilt() ? any<Json>({bounds.min - 1, bounds.max + 1, 2.5})
                      : any<Json>({bounds.min, bounds.max, 3, 2.0});
    }
    if (key == "name") return spoilt() ? any<Json>({"\t", " ", std::string(101, 'n')}) : "ä b";
    if (key == "method") {
      if (spoilt()) return "bayes";
      return once_in(6) ? "grid" : any<std::string>({"random", "sobol", "tpe", "gp"});
    }
    if (key == "metric") return {{"name", spoilt() ? "acc" : "val_accuracy"}};
    if (key == "dataset") return spoilt() ? "cifar-10" : any<std::string>({"cifar100", "cifar10"});
    if (key == "trainer") return spoilt() ? "sim" : any<std::string>({"torch", "simulated"});
    if (key == "preset") return spoilt() ? "Study" : any<std::string>({"default", "sgd", "adamw"});
    if (key == "parameters") return parameters();
    if (key == "seeds") return spoilt() ? any<Json>({{1, 1}, {-1}, {1.0, 1}}) : Json({1, 2.0, 3});
    if (key == "exclude") return Json::array({exclusion()});
    if (key == "constraints") return Json::array({text(kComparison, "params <= 8_000_000")});
    if (key == "max_trial_duration") {
      if (once_in(2)) return spoilt() ? any<Json>({0, 0.0004, 3e6}) : any<Json>({1, 0.0006, 90});
      return text(kAmounts, "1h30m");
    }
    if (key == "checkpoint") {
      return any<Json>({{{"every", text(kAmounts, "5 epochs")}},
                        {{"max_bytes", text(kAmounts, "20 GB")}},
                        {{"keep", "best"}, {"max_bytes", 5}}});
    }
    if (key == "reuse") return !spoilt() && once_in(2);
    if (key == "racing") {
      return spoilt() ? any<Json>({{{"top", 0}}, {{"level", 0.1}}, {{"top", 1}, {"level", 0}}})
                      : any<Json>({{{"top", 3}},
                                   {{"top", 1}, {"level", 0.5}, {"group_by", Json::array()}},
                                   {{"top", 2}, {"group_by", {"variant"}}}});
    }
    return "../docs/sweep.schema.json";
  }

  int odds_;  // a mistake in so many places; 0: none
};

}  // namespace

Json any_sweep_file() { return FileMaker().file(); }

}  // namespace firesweep::testing
