// docs/schema.md: the meaning of every table, view and column. Its template is schema.md.in; the
// texts for hyperparameters and results come from their tables.
#pragma once

#include <string>

namespace firesweep {

// The page for this build. Pure.
std::string schema_document();

}  // namespace firesweep
