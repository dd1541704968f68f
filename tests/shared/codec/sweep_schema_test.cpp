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
#include "shared/codec/point_terms.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_keys.h"
#include "shared/domain/choices.h"
#include "shared/domain/fields.h"
#include "shared/domain/presets.h"
#include "tests/places.h"
#include "tests/shared/codec/file_maker.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

using testing::disagreement;
using testing::expect_agreement;
using testing::schema_mistake;
using testing::step_for;
using testing::Values;
using testing::values_for;

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

TEST(SweepSchema, EachFieldTakesItsValuesWhereverTheyStand) {
  for (const Field& field : fields()) {
    const std::string name(field.name);
    const Values values = values_for(field);
    for (const Json& good : values.good) {
      Json file = with_parameter(name, {{"value", good}});
      expect_agreement(file.dump(), "x.json");
      if (name == "protocol" && good != "held_out") file["metric"] = {{"name", "test_accuracy"}};
      expect_agreement(file.dump(), "x.json");
      EXPECT_EQ(schema_mistake(file), "") << name << good;
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
  Json conditional = with_parameter("amp", {{"value", "bf16"}});
  conditional["parameters"]["optimizer"] = {{"values", {"sgd", "muon"}}};
  conditional["run_cap"] = 5;
  conditional["conditions"] = {{"amp", {{"optimizer", "sgd"}}}};
  conditional["method"] = "sobol";
  expect_valid(conditional);
  conditional["method"] = "tpe";
  expect_refused(conditional);
  Json nameless = simple();
  nameless.erase("dataset");
  expect_refused(nameless);
  nameless["trainer"] = "simulated";
  expect_valid(nameless);
}

TEST(SweepSchema, ASplitIsAFractionOrACountAndRanksWhereTheProtocolHoldsItOut) {
  const auto split = [](Json domain) {
    Json file = with_parameter("val_size", std::move(domain));
    file["method"] = "random";
    file["run_cap"] = 5;
    return file;
  };
  for (const Json& good : {Json(0.1), Json(1), Json(5000), Json(40'000)}) {
    expect_valid(split({{"value", good}}));
    expect_valid(split({{"values", {0.5, good}}}));
  }
  expect_valid(split({{"min", 0.1}, {"max", 0.2}}));
  expect_valid(split({{"distribution", "q_uniform"}, {"min", 0.1}, {"max", 1.2}, {"q", 0.45}}));
  for (const Json& bad : {Json(0), Json(1.5), Json(-1)}) {
    expect_refused(split({{"value", bad}}));
    expect_refused(split({{"values", {0.5, bad}}}));
    expect_refused(split({{"min", bad}, {"max", 5000}}));
  }
  expect_refused(split({{"min", 1000}, {"max", 5000}}));
  expect_refused(split({{"distribution", "normal"}, {"mu", 5000}, {"sigma", 10}}));
  const auto ranked = [&](const char* protocol, const Json& val_size, const char* metric) {
    Json file = split({{"value", val_size}});
    if (*protocol != '\0') file["parameters"]["protocol"] = {{"value", protocol}};
    if (*metric != '\0') file["metric"] = {{"name", metric}};
    return file;
  };
  for (const char* protocol : {"", "held_out"}) {
    expect_valid(ranked(protocol, 0.1, ""));
    expect_valid(ranked(protocol, 0.1, "val_accuracy"));
    expect_refused(ranked(protocol, 0.1, "test_accuracy"));
    Json of_study = ranked(protocol, 0.1, "");
    of_study["preset"] = "study";
    *protocol == '\0' ? expect_refused(of_study) : expect_valid(of_study);
  }
  expect_valid(ranked("study", 0, "test_accuracy"));
  for (const char* metric : {"", "val_accuracy"}) expect_refused(ranked("study", 0, metric));
  expect_refused(ranked("study", 0.1, "test_accuracy"));
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
       {"", "20", "20 gigs", "-5GB", "GB", "20 gb"}},
      {"constraint",
       [](const std::string& text) { return with("constraints", {text}); },
       {"params <= 8_000_000", "params <= 8 000 000", "macs>1e9 or params<5e-1",
        "batch_size * epochs <= 4096 and optimizer != 'sgd'", "not (drop_last and -lr < -0.1)",
        "lr<5and not drop_last", "variant == 'a b'", "p a r_ams<= - 5 0.5e 1", "drop_last"},
       {"", "parms <= 5", "params = 5", "params <= ", "lr <= 0.1 epochs", "params <= 5;",
        "optimizer == sgd", "optimizer == \"sgd\"", "5 < < 6", "and lr < 1", "lr < 1 or", "lr << 1",
        "lr <= 1e", std::string(501, '(')}}};
  for (const Language& language : all) {
    for (const std::string& text : language.good) expect_valid(language.file(text));
    for (const std::string& text : language.bad) expect_refused(language.file(text));
  }
}

TEST(SweepSchema, GroupsAreOfParameters) {
  for (const char* member : {"early_terminate", "racing"}) {
    Json rules = {{"group_by", {"variant", "arch.width"}}};
    rules.update(member == std::string("racing") ? Json{{"top", 1}} : Json{{"type", "asha"}});
    Json file = with_parameter("lr", {{"value", 0.1}});
    file["seeds"] = {1, 2, 3};
    file[member] = rules;
    expect_valid(file);
    file[member]["group_by"] = {"lrr"};
    expect_refused(file);
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

TEST(SweepSchema, OneValueThatIsAlwaysDrawnIsNotWeighed) {
  for (const char* method : {"grid", "sobol", "tpe"}) {
    Json file = with_parameter("arch.p", {{"values", Json::array({1})}, {"probabilities", {1.0}}});
    file["method"] = method;
    file["run_cap"] = 1;
    expect_valid(file);
  }
}

RC_GTEST_PROP(SweepSchema, AgreesWithTheDecoderAboutFilesMadeByChance, ()) {
  const std::string text = testing::any_sweep_file().dump();
  RC_CLASSIFY(decode_sweep(text, "x.json").has_value(), "accepted");
  const std::string why = disagreement(text, "x.json");
  if (!why.empty()) RC_FAIL(why + "\n" + text);
}

}  // namespace
}  // namespace firesweep
