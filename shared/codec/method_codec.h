// Reads and writes a sweep file's "method". Internal to the codec room.
#pragma once

#include <optional>

#include "shared/codec/json_node.h"
#include "shared/domain/search_settings.h"

namespace firesweep {

struct ReadMethod {
  std::optional<Method> method = {};  // nothing after a mistake
  SearchSettings settings = {};
  bool draws = false;  // the file's method draws, or its writer is told to write one that does
};

// "tpe", or {"name": "tpe", "n_startup_trials": 20}.
ReadMethod read_method(const JsonNode& node);

// The word where everything is as usual.
Json json_of(Method method, const SearchSettings& settings);

// What the JSON Schema says of it.
Json method_schema();

}  // namespace firesweep
