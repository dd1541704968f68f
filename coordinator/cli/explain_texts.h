// The texts of the topics, in two files: of what a sweep says about its points, and of the rest.
// Internal to explain_topics.
#pragma once

#include <span>

#include "coordinator/cli/explain_topics.h"

namespace firesweep {

std::span<const Topic> topics_of_points();
std::span<const Topic> topics_of_sweeps();

}  // namespace firesweep
