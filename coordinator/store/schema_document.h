// docs/schema.md: what every table, view and column means. Its text is schema.md.in;
// hyperparameters and results stand in it as their tables declare them.
#pragma once

#include <string>

namespace firesweep {

// The page as this build has it. Pure.
std::string schema_document();

}  // namespace firesweep
