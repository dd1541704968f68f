#include "coordinator/cli/explain_topics.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "coordinator/cli/explain_texts.h"
#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

bool is_about(const Topic& topic, std::string_view word) {
  if (topic.name == word) return true;
  std::istringstream words{std::string(topic.words)};
  for (std::string other; words >> other;) {
    if (other == word) return true;
  }
  return false;
}

}  // namespace

const std::vector<Topic>& explain_topics() {
  static const std::vector<Topic> all = [] {
    std::vector<Topic> topics;
    for (const auto& some : {topics_of_points(), topics_of_sweeps()}) {
      topics.insert(topics.end(), some.begin(), some.end());
    }
    return topics;
  }();
  return all;
}

const Topic* find_topic(std::string_view word) {
  if (word.starts_with(kArchPrefix)) word = kArchPrefix.substr(0, kArchPrefix.size() - 1);
  const auto& topics = explain_topics();
  const auto found =
      std::ranges::find_if(topics, [&](const Topic& topic) { return is_about(topic, word); });
  return found == topics.end() ? nullptr : &*found;
}

}  // namespace firesweep
