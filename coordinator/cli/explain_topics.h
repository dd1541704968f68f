// What `firesweep explain` tells of the sweep language besides the hyperparameters.
#pragma once

#include <string_view>
#include <vector>

namespace firesweep {

struct Topic {
  std::string_view name;
  std::string_view help;  // one sentence
  std::string_view text;  // lines of at most 100 characters, indented by two
  // Other words of a sweep file that it explains, with blanks between.
  std::string_view words = {};
};

// Every topic, in the order in which they are listed. "preset" is none: its text is made.
const std::vector<Topic>& explain_topics();

// The topic of that name or of another word for it ("q_uniform" is of "distributions", "arch.width"
// of "arch"), or null.
const Topic* find_topic(std::string_view word);

}  // namespace firesweep
