// docs/sweep.schema.json is what `firesweep schema sweep` prints, and says what the decoder does.
// The texts of the decoder's own tests are held against it too, where they are decoded.
#include "shared/codec/sweep_schema.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "shared/codec/document.h"
#include "shared/codec/domain_codec.h"
#include "shared/codec/json.h"
#include "shared/codec/json_node.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_keys.h"
#include "shared/domain/choices.h"
#include "shared/domain/fields.h"
#include "shared/domain/presets.h"
#include "tests/places.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

using testing::disagreement;
using testing::expect_agreement;
using testing::schema_mistake;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Json simple() {
  return {
      {"name", "x"}, {"method", "grid"}, {"dataset", "cifar100"}, {"parameters", Json::object()}};
}
Json with(const std::string& key, Json value) {
  Json file = simple();
  file[key] = std::move(value);
  return file;
}
Json with_parameter(const std::string& name, Json domain) {
  return with("parameters", {{name, std::move(domain)}});
}

void expect_valid(const Json& file) {
  EXPECT_TRUE(decode_sweep(file.dump(), "x.json")) << file;
  EXPECT_EQ(schema_mistake(file), "") << file;
}
// By both.
void expect_refused(const Json& file) {
  EXPECT_FALSE(decode_sweep(file.dump(), "x.json")) << file;
  EXPECT_NE(schema_mistake(file), "") << file;
}

TEST(SweepSchema, IsWhatTheCommandPrints) {
  EXPECT_EQ(text_of(source_dir() / "docs/sweep.schema.json"), sweep_schema())
      << "write it anew: build/release/bin/firesweep schema sweep > docs/sweep.schema.json";
}

TEST(SweepSchema, EverySweepFileIsValid) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "sweeps")) {
    ++files;
    const auto document = parse_document(text_of(entry.path()), entry.path().string());
    ASSERT_TRUE(document) << to_string(document.error());
    EXPECT_EQ(schema_mistake(*document), "") << entry.path();
  }
  EXPECT_GE(files, 6);
}

TEST(SweepSchema, AFileMayNameItAndMeansTheSame) {
  Json file = simple();
  Json naming = {{"$schema", "../docs/sweep.schema.json"}};
  naming.update(file);
  expect_valid(naming);
  EXPECT_EQ(canonical_json(*decode_sweep(naming.dump(), "x.json")),
            canonical_json(*decode_sweep(file.dump(), "x.json")));
  expect_refused(with("$schema", 7));
}

TEST(SweepSchema, EachKeyIsKnownToBothAndNoOther) {
  const Json schema = Json::parse(sweep_schema());
  ASSERT_EQ(schema.at("properties").size(), std::size(kSweepKeys));
  for (const SweepKey& key : kSweepKeys) {
    EXPECT_FALSE(schema.at("properties").at(std::string(key.name)).at("description").empty());
  }
  for (const char* key : {"dataest", "program", "epochs", "zip", "frozen_format"}) {
    expect_refused(with(key, 1));
  }
  for (const WholeKey& key : kWholeKeys) {
    const std::string name(key.name);
    for (const Json& good : {Json(key.min), Json(key.max), Json(static_cast<double>(key.max))}) {
      expect_valid(with(name, good));
    }
    for (const Json& bad :
         {Json(key.min - 1), Json(key.max + 1), Json(1.5), Json("1"), Json(true), Json()}) {
      expect_refused(with(name, bad));
    }
  }
}

TEST(SweepSchema, EachChoiceTakesItsWords) {
  const auto words = [](const std::string& key, auto known) {
    for (const std::string_view word : known) {
      Json file = with(key, word);
      file["run_cap"] = 5;
      if (word == "study") file["metric"] = {{"name", "test_accuracy"}};
      expect_valid(file);
    }
    for (const Json& bad : {Json("Grid"), Json("tor ch"), Json(""), Json(1), Json()}) {
      expect_refused(with(key, bad));
    }
  };
  words("method", kWordsOf<Method>);
  words("dataset", kWordsOf<DatasetName>);
  words("trainer", kWordsOf<Trainer>);
  words("preset", preset_names());
}

// Values that a field takes and values just outside: wrong types, bounds, open ends, unknown words.
struct Values {
  std::vector<Json> good, bad;
};
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

// A step that fits into the field's range.
Json step_for(const Field& field) {
  if (type_of(field) == FieldType::kReal) return (field.max - field.min) / 8;
  return 1;
}

TEST(SweepSchema, EachFieldTakesItsValuesWhereverTheyStand) {
  for (const Field& field : fields()) {
    const std::string name(field.name);
    const Values values = values_for(field);
    for (const Json& good : values.good) {
      expect_agreement(with_parameter(name, {{"value", good}}).dump(), "x.json");
      EXPECT_EQ(schema_mistake(with_parameter(name, {{"value", good}})), "") << name << good;
      EXPECT_EQ(schema_mistake(with_parameter(name, {{"values", {good}}})), "") << name << good;
      EXPECT_EQ(schema_mistake(with("exclude", Json::array({{{name, good}}}))), "") << name << good;
    }
    for (const Json& bad : values.bad) {
      expect_refused(with_parameter(name, {{"value", bad}}));
      expect_refused(with_parameter(name, {{"values", {values.good[0], bad}}}));
      expect_refused(with("exclude", Json::array({{{name, bad}}})));
      Json drawn = with_parameter(name, {{"min", bad}, {"max", values.good.back()}});
      drawn["method"] = "random";
      drawn["run_cap"] = 5;
      expect_refused(drawn);
    }
    const Json& good = values.good[0];
    expect_refused(with_parameter(name, good));
    expect_refused(with_parameter(name, Json::object()));
    expect_refused(with_parameter(name, {{"vlaue", good}}));
    expect_refused(with_parameter(name, {{"value", good}, {"values", {good}}}));
    expect_refused(with_parameter(name, {{"values", {good, good}}}));
    expect_refused(with_parameter(name, {{"values", Json::array()}}));
    expect_refused(with_parameter(name + "x", {{"value", good}}));
    expect_refused(with(name, good));
  }
}

TEST(SweepSchema, EachDistributionSuitsTheFieldsThatTheDecoderDrawsByIt) {
  for (const Field& field : fields()) {
    const Values values = values_for(field);
    for (const Distribution& one : kDistributions) {
      Json domain = {{"distribution", one.name}};
      for (const std::string_view key : one.keys) {
        if (key.empty() || key == "probabilities") continue;
        const bool above_zero = key == "sigma" || key == "a" || key == "b";
        domain[std::string(key)] = above_zero        ? Json(0.5)
                                   : key == "q"      ? step_for(field)
                                   : key == "values" ? Json::array({values.good[0]})
                                   : key == "max"    ? values.good.back()
                                                     : values.good[0];
      }
      Json file = with_parameter(std::string(field.name), domain);
      file["method"] = "random";
      file["run_cap"] = 5;
      EXPECT_EQ(disagreement(file.dump(), "x.json"), "") << file;
      if (!suits(one, &field)) expect_refused(file);
      for (const std::string_view key : one.keys) {
        if (key.empty() || key == "probabilities") continue;
        Json without = file;
        without["parameters"][std::string(field.name)].erase(std::string(key));
        expect_refused(without);
      }
    }
  }
}

TEST(SweepSchema, FormerFieldsHoldWhatTheyHeld) {
  for (const Field& field : fields()) {
    if (field.former.name.empty()) continue;
    const std::string former(field.former.name);
    for (const auto& [old, now] : field.former.values) {
      expect_valid(with_parameter(former, {{"value", json_of(old)}}));
    }
    expect_refused(with_parameter(former, {{"value", "sometimes"}}));
    expect_refused(with("parameters", {{former, {{"value", json_of(field.former.values[0].first)}}},
                                       {std::string(field.name),
                                        {{"value", json_of(field.former.values[0].second)}}}}));
  }
}

TEST(SweepSchema, RulesOfMethodAndTrainerAreToldToo) {
  const Json range = {{"min", 0.1}, {"max", 0.2}};
  const Json weighed = {{"values", {0.1, 0.2}}, {"probabilities", {0.5, 0.5}}};
  expect_refused(with("method", "random"));
  for (const Json& drawn : {range, weighed}) {
    Json file = with_parameter("lr", drawn);
    expect_refused(file);
    file["method"] = "random";
    file["run_cap"] = 5;
    expect_valid(file);
  }
  expect_valid(with_parameter("lr", {{"values", {0.1}}, {"probabilities", {1}}}));
  Json nameless = simple();
  nameless.erase("dataset");
  expect_refused(nameless);
  nameless["trainer"] = "simulated";
  expect_valid(nameless);
}

TEST(SweepSchema, TextsWithALanguageOfTheirOwnHaveItsForm) {
  struct Language {
    const char* what;
    Json (*file)(const std::string&);
    std::vector<std::string> good, bad;
  };
  const Language all[] = {
      {"duration",
       [](const std::string& text) { return with("max_trial_duration", text); },
       {"90m", "2h", "1h30m", "1.5h", ".5h", "2d 12h", "5ms", "1m5s"},
       {"", "90", "soon", "30m1h", "1h1h", "1 h", "1h ", "-1h", "1e3s", "90.", "1w"}},
      {"every",
       [](const std::string& text) { return with("checkpoint", {{"every", text}}); },
       {"1 epoch", "5epochs", "10 min", "1.5h", "2 hours", "90s", "1e3 seconds"},
       {"", "5", "5 weeks", "epoch", "-1 epochs", "5 epochs ", "1h30m"}},
      {"max_bytes",
       [](const std::string& text) { return with("checkpoint", {{"max_bytes", text}}); },
       {"20GB", "500 MB", "2 GiB", "1e3B", "1.5TiB"},
       {"", "20", "20 gigs", "-5GB", "GB", "20 gb"}}};
  for (const Language& language : all) {
    for (const std::string& text : language.good) expect_valid(language.file(text));
    for (const std::string& text : language.bad) expect_refused(language.file(text));
  }
}

TEST(SweepSchema, ListsAndObjectsAreBoundedAsTheDecoderBoundsThem) {
  const auto many = [](std::size_t count, const Json& element) {
    Json list = Json::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(element.is_null() ? Json(i) : element);
    return list;
  };
  expect_valid(with("seeds", many(kMostSeeds, nullptr)));
  expect_refused(with("seeds", many(kMostSeeds + 1, nullptr)));
  expect_refused(with("seeds", {1, 2, 1}));
  expect_refused(with("seeds", {1, 1.0}));
  expect_refused(with("seeds", Json::array()));
  expect_refused(with("seeds", 3));
  expect_refused(with("seeds", {-1}));
  expect_valid(with("constraints", many(kMostConstraints, "params < 5")));
  expect_refused(with("constraints", many(kMostConstraints + 1, "params < 5")));
  expect_refused(with("constraints", "params < 5"));
  expect_valid(with("exclude", many(kMostExclusions, {{"variant", "v3"}})));
  expect_refused(with("exclude", many(kMostExclusions + 1, {{"variant", "v3"}})));
  expect_refused(with("exclude", Json::array({Json::object()})));
  expect_refused(with("exclude", Json::array({{{"lrr", 1}}})));
  expect_refused(with("metric", "val_accuracy"));
  expect_refused(with("metric", Json::object()));
  expect_refused(with("metric", {{"name", "val_accuracy"}, {"goal", "minimize"}}));
  expect_refused(with("metric", {{"name", "val_accuracy"}, {"gaol", "maximize"}}));
  expect_refused(with("checkpoint", Json::object()));
  expect_refused(with("checkpoint", {{"evry", "1 epoch"}}));
  expect_refused(with("checkpoint", {{"keep", "last"}}));
  expect_refused(with("checkpoint", {{"max_bytes", 0}}));
  expect_refused(with("max_trial_duration", 0));
  expect_refused(with("max_trial_duration", -1));
  expect_refused(with("max_trial_duration", 2592001));
  expect_valid(with("max_trial_duration", 2592000));
  expect_valid(with("max_trial_duration", 0.001));
  expect_refused(with("name", ""));
  expect_refused(with("name", "a\tb"));
  expect_refused(with("name", "   "));
  expect_refused(with("name", std::string(101, 'n')));
  expect_refused(with("parameters", Json::array()));
  expect_valid(with_parameter("arch.p", {{"values", {1, "1", true, 0.5}}}));
  expect_refused(with_parameter("arch.p", {{"values", {Json::array({1}), 2}}}));
  expect_refused(with_parameter("arch.", {{"value", 1}}));
  expect_refused(with_parameter("arch.a-b", {{"value", 1}}));
}

// ---- files made by chance

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
      if (name == "include") continue;
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
    if (key == "method")
      return spoilt()     ? "bayes"
             : once_in(6) ? "grid"
                          : any<std::string>({"random", "sobol", "tpe", "gp"});
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
    return "../docs/sweep.schema.json";
  }

  int odds_;  // a mistake in so many places; 0: none
};

RC_GTEST_PROP(SweepSchema, AgreesWithTheDecoderAboutFilesMadeByChance, ()) {
  const std::string text = FileMaker().file().dump();
  RC_CLASSIFY(decode_sweep(text, "x.json").has_value(), "accepted");
  const std::string why = disagreement(text, "x.json");
  if (!why.empty()) RC_FAIL(why + "\n" + text);
}

}  // namespace
}  // namespace firesweep
