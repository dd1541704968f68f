// What `firesweep explain` tells of the sweep language besides the hyperparameters.
#pragma once

#include <span>
#include <string_view>

namespace firesweep {

struct Topic {
  std::string_view name;
  std::string_view help;  // one sentence
  std::string_view text;  // lines of at most 100 characters, indented by two
};

// Every topic, in the order in which they are listed. "preset" is none: its text is made.
std::span<const Topic> explain_topics();

// The topic of that name or of another word for it ("q_uniform" is of "distributions"), or null.
const Topic* find_topic(std::string_view word);

}  // namespace firesweep
