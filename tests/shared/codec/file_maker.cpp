#include "tests/shared/codec/file_maker.h"

#include <rapidcheck.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "shared/codec/domain_codec.h"
#include "shared/codec/json_node.h"
#include "shared/codec/sweep_keys.h"
#include "shared/codec/termination_codec.h"
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
  if (field.is_share) {  // 0 alone needs another protocol
    return {{0.25, 1, field.max}, {1.5, field.min - 1, field.max + 1, "1", true, nullptr}};
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
  explicit FileMaker(int odds) : odds_(odds) {}

  Json file() {
    Json made = Json::object();
    for (const SweepKey& key : kSweepKeys) {
      const std::string name(key.name);
      if ((name == "include" && !spoilt()) || name == "zip") continue;
      const bool needed =
          name == "parameters" || name == "method" || name == "dataset" || name == "run_cap";
      if (needed ? spoilt() : !once_in(3)) continue;
      Json one = member(name);
      if (name == "method") is_grid_ = one == "grid";
      if (name == "parameters" && once_in(3)) {
        given_ = one;
        if (Json zipped = zip(); !zipped.empty() || spoilt()) made["zip"] = std::move(zipped);
        one = given_;
      }
      if (name == "parameters") given_ = one;
      if (name == "conditions" && one.empty() && !spoilt()) continue;
      made[name] = std::move(one);
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

  // An end of a range within the field, or a mean of it.
  static Json end_of(const Field& field, bool upper) {
    if (type_of(field) == FieldType::kWhole) {
      return std::min(field.max, field.min + (upper ? 9 : 1));
    }
    const double step = (field.max - field.min) / 16;
    return upper ? field.max - step : field.min + step;
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
    } while ((!suits(*kind, field) || (is_grid_ && kind->draws != Draws::kListed)) && !spoilt());
    Json made = Json::object();
    if (kind->draws != Draws::kListed || once_in(2)) made["distribution"] = kind->name;
    for (const std::string_view key : kind->keys) {
      if (key.empty() || spoilt()) continue;
      if (key == "values") {
        made["values"] = values(field);
      } else if (key == "probabilities") {
        const std::size_t count = made.contains("values") ? made["values"].size() : 0;
        if (once_in(3) && count > 0 && !is_grid_) made["probabilities"] = Json(count, 1.0 / count);
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
      } else if (key == "value" || spoilt()) {
        made[std::string(key)] = value(field);
      } else {
        made[std::string(key)] = end_of(*field, key == "max");
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

  // Names of parameters that are given with a value or values.
  std::vector<std::string> listed() const {
    std::vector<std::string> names;
    if (!given_.is_object()) return names;
    for (const auto& [name, domain] : given_.items()) {
      const bool listed =
          domain.is_object() && (domain.contains("values") || domain.contains("value"));
      if (listed) names.push_back(name);
    }
    return names;
  }
  Json values_of(const std::string& name) const {
    const Json& domain = given_.at(name);
    if (!domain.contains("values")) return Json::array({domain.at("value")});
    return domain.at("values").is_array() ? domain.at("values") : Json::array({1});
  }

  // Two or three parameters whose lists are as long; they are given anew. Empty if too few differ.
  Json zip() {
    if (spoilt()) return any<Json>({Json::array({"lr"}), {{"lr"}}, {{"lr", "lrr"}}});
    const int count = *rc::gen::inRange(2, 4);
    const auto length = *rc::gen::inRange<std::size_t>(2, 4);
    for (int i = 0; i < count; ++i) {
      std::string name;
      const Field* one = field(name);
      const Values some = one == nullptr ? Values{{1, 2, 3}, {}} : values_for(*one);
      if (some.good.size() < length) continue;
      if (std::find(zipped_.begin(), zipped_.end(), name) != zipped_.end() && !spoilt()) continue;
      // The first list has each value once, so that each row of values comes once.
      Json list = Json::array();
      while (list.size() < length) {
        list.push_back(zipped_.empty() ? some.good[list.size()] : any(some.good));
      }
      if (given_.is_object()) given_[name] = {{"values", std::move(list)}};
      zipped_.push_back(name);
    }
    if (zipped_.size() < 2) return Json::array();
    return Json::array({Json(zipped_)});
  }

  Json conditions() const {
    if (spoilt()) {
      return any<Json>(
          {Json::object(), {{"lr", 1}}, {{"lr", {{"lr", 1}}}}, {{"lrr", {{"lr", 1}}}}});
    }
    const std::vector<std::string> names = listed();
    Json made = Json::object();
    if (names.size() < 2) return made;
    const int count = *rc::gen::inRange(1, 3);
    for (int i = 0; i < count; ++i) {
      std::string name = any(names);
      if (once_in(3))
        name = std::next(given_.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                             0, static_cast<std::ptrdiff_t>(given_.size())))
                   .key();
      const std::string other = any(names);
      const bool zipped = std::find(zipped_.begin(), zipped_.end(), name) != zipped_.end();
      if ((other == name || name == "variant" || zipped) && !spoilt()) continue;
      const Json values = values_of(other);
      if (values.empty()) continue;
      Json some = Json::array();
      for (const Json& one : values) {
        if (*rc::gen::arbitrary<bool>()) some.push_back(one);
      }
      if (some.empty() || spoilt()) some.push_back(values[0]);
      made[name][other] = some.size() == 1 && once_in(2) ? some[0] : some;
    }
    return made;
  }

  Json early_terminate() const {
    const Termination type = any<Termination>({Termination::kAsha, Termination::kHyperband,
                                               Termination::kMedian, Termination::kThreshold,
                                               Termination::kPlateau, Termination::kOneEpochTopK});
    Json made = {{"type", to_string(type)}};
    for (const TerminationKey& key : termination_keys()) {
      if (!belongs_to(key, type) && !spoilt()) continue;
      if (!key.needed && !once_in(3)) continue;
      const std::string name(key.name);
      if (spoilt()) {
        made[name] = any<Json>({key.min - 1, key.max + 1, "1", nullptr, Json::array({"lrr"})});
      } else if (key.flag) {
        made[name] = once_in(2);
      } else if (key.whole || key.real) {
        made[name] = key.whole || key.max > 2 ? Json(2) : Json(0.25);
      } else {
        made[name] = any<Json>(
            {Json::array(), Json::array({"variant"}), Json::array({"variant", "batch_size"})});
      }
    }
    return made;
  }

  Json exclusion() const {
    std::string name;
    const std::vector<std::string> names = listed();
    if (!names.empty() && once_in(2)) {
      const std::string& swept = any(names);
      const Json values = values_of(swept);
      if (!values.empty()) {
        return {{swept, values[*rc::gen::inRange<std::size_t>(0, values.size())]}};
      }
    }
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

  Json method_with_a_setting() const {
    const SearchSetting& one =
        search_settings()[*rc::gen::inRange<std::size_t>(0, search_settings().size())];
    Json method = {{"name", spoilt() ? "tpee" : to_string(one.method)}};
    const Json good = any<Json>({one.usual, one.max, static_cast<std::int64_t>(one.max)});
    method[std::string(one.name)] = spoilt() ? any_scalar() : good;
    if (spoilt()) method["gamma"] = any_scalar();
    return method;
  }

  Json member(const std::string& key) {
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
      if (once_in(4)) return method_with_a_setting();
      return once_in(3) ? "grid" : any<std::string>({"random", "sobol", "tpe", "gp"});
    }
    if (key == "metric") return {{"name", spoilt() ? "acc" : "val_accuracy"}};
    if (key == "dataset") return spoilt() ? "cifar-10" : any<std::string>({"cifar100", "cifar10"});
    if (key == "trainer") return spoilt() ? "sim" : any<std::string>({"torch", "simulated"});
    if (key == "preset") return spoilt() ? "Study" : any<std::string>({"default", "sgd", "adamw"});
    if (key == "parameters") return parameters();
    if (key == "seeds") return spoilt() ? any<Json>({{1, 1}, {-1}, {1.0, 1}}) : Json({1, 2.0, 3});
    if (key == "exclude") return Json::array({exclusion()});
    if (key == "conditions") return conditions();
    if (key == "early_terminate") return early_terminate();
    if (key == "order")
      return spoilt() ? "fifo" : any<std::string>({"longest_first", "interleaved"});
    if (key == "include") return "base.json";
    if (key == "constraints") {
      return Json::array({text(
          kComparison,
          any<std::string>({"params <= 8_000_000", "batch_size * epochs <= 4096",
                            "not (optimizer == 'sgd') or lr < 5", "momentum + beta1 >= 0.2"}))});
    }
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
      return spoilt() ? any<Json>({{{"top", 0}},
                                   {{"level", 0.1}},
                                   {{"top", 1}, {"level", 0}},
                                   {{"top", 1}, {"group_by", {"lrr"}}}})
                      : any<Json>({{{"top", 3}},
                                   {{"top", 1}, {"level", 0.5}, {"group_by", Json::array()}},
                                   {{"top", 2}, {"group_by", {"variant"}}}});
    }
    return "../docs/sweep.schema.json";
  }

  int odds_;              // a mistake in so many places; 0: none
  Json given_ = nullptr;  // "parameters", once they are made
  std::vector<std::string> zipped_;
  bool is_grid_ = false;
};

// Any tree with keys of sweep files among others.
Json any_tree(int depth) {
  if (depth == 0 || once_in(3)) return any_scalar();
  const int count = *rc::gen::inRange(0, 4);
  Json made = once_in(3) ? Json::array() : Json::object();
  for (int i = 0; i < count; ++i) {
    if (made.is_array()) {
      made.push_back(any_tree(depth - 1));
      continue;
    }
    const std::string key =
        once_in(4) ? any<std::string>({"", "/", "~", "a/b~c", "\n", "é", "sweep", ": ", "arch.p"})
        : once_in(2)
            ? std::string(fields()[*rc::gen::inRange<std::size_t>(0, fields().size())].name)
            : std::string(
                  kSweepKeys[*rc::gen::inRange<std::size_t>(0, std::size(kSweepKeys))].name);
    made[key] = any_tree(depth - 1);
  }
  return made;
}

// Puts any tree at some place of a file.
void replace_something(Json& json) {
  if (!json.is_structured() || json.empty() || once_in(4)) {
    json = any_tree(3);
    return;
  }
  auto at = json.begin();
  std::advance(at, *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(json.size())));
  replace_something(*at);
}

}  // namespace

Json any_sweep_file() { return FileMaker(any<int>({0, 60, 8})).file(); }

Json sweep_file_without_mistakes() { return FileMaker(0).file(); }

Json any_json() {
  if (once_in(4)) return any_tree(4);
  Json file = any_sweep_file();
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) replace_something(file);
  return file;
}

}  // namespace firesweep::testing
