// `firesweep explain` is the manual: it knows every word of a sweep file.
#include "coordinator/cli/explain_topics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "coordinator/cli/verbs.h"
#include "shared/codec/domain_codec.h"
#include "shared/codec/sweep_keys.h"
#include "shared/codec/sweep_terms.h"
#include "shared/codec/termination_codec.h"
#include "shared/domain/choices.h"
#include "shared/domain/fields.h"
#include "shared/domain/presets.h"
#include "shared/domain/search_settings.h"

namespace firesweep {
namespace {

// Every word that the decoder of sweep files takes.
std::set<std::string> words_of_sweep_files() {
  std::set<std::string> all;
  const auto add = [&](const auto& words) { all.insert(words.begin(), words.end()); };
  for (const SweepKey& key : kSweepKeys) all.emplace(key.name);
  add(kMetricKeys);
  add(kGoals);
  add(kCheckpointKeys);
  add(kKept);
  all.emplace("type");
  for (const TerminationKey& key : termination_keys()) all.emplace(key.name);
  all.emplace("distribution");
  for (const Distribution& one : kDistributions) {
    all.emplace(one.name);
    add(one.keys);
  }
  all.erase("");  // where a distribution has fewer keys
  add(kWordsOf<Trainer>);
  add(kWordsOf<DatasetName>);
  add(kWordsOf<Metric>);
  add(kWordsOf<Method>);
  add(kWordsOf<DispatchOrder>);
  add(kWordsOf<Termination>);
  add(preset_names());
  for (const SearchSetting& setting : search_settings()) all.emplace(setting.name);
  for (const Field& field : fields()) {
    all.emplace(field.name);
    add(field.choices);
  }
  return all;
}

// What the verb prints.
std::string explained(const std::string& word) {
  ::testing::internal::CaptureStdout();
  const int code = verb_explain({word});
  std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, 0) << word;
  return text;
}

TEST(Explain, KnowsEveryWordOfASweepFile) {
  const auto words = words_of_sweep_files();
  EXPECT_GT(words.size(), 150u);
  for (const std::string& word : words) {
    EXPECT_NE(explained(word).find(word), std::string::npos) << "the text of " << word;
  }
}

TEST(Explain, EachTopicsOtherWordsAreInItsText) {
  for (const Topic& topic : explain_topics()) {
    EXPECT_EQ(find_topic(topic.name), &topic) << "two topics explain " << topic.name;
    std::istringstream words{std::string(topic.words)};
    for (std::string word; words >> word;) {
      EXPECT_EQ(find_topic(word), &topic) << "two topics explain " << word;
      const bool said = topic.text.find(word) != std::string_view::npos || word == "parameters";
      EXPECT_TRUE(said) << topic.name << " does not speak of " << word;
    }
    std::istringstream lines{std::string(topic.text)};
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 100u) << line;
      EXPECT_TRUE(line.starts_with("  ")) << line;
    }
  }
}

TEST(Explain, KnowsTheWordsOfArchitectureFilesAndOfExtending) {
  EXPECT_TRUE(explained("arch.head_dropout").starts_with("arch\n"));
  EXPECT_TRUE(explained("arch.NAME").starts_with("arch\n"));
  for (const char* word : {"block", "blocks", "conv_bn_relu", "residual"}) {
    EXPECT_TRUE(explained(word).starts_with("block\n")) << word;
  }
  EXPECT_TRUE(explained("extend").starts_with("extend\n"));
}

TEST(Explain, ValuesAreExplainedWithTheirParameters) {
  EXPECT_NE(explained("one_cycle").find("a value of schedule"), std::string::npos);
  const std::string both = explained("sgd");
  EXPECT_NE(both.find("a value of optimizer"), std::string::npos);
  EXPECT_NE(both.find("a preset"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
