// The hyperparameters of a W&B sweep file, wherever it keeps them. Internal to the codec room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/codec/json.h"
#include "shared/domain/fields.h"

namespace firesweep {

struct WandbParameter {
  std::string path;  // "optimizer.lr"; of a flag without its dashes
  Json spec;         // {"values": [...]}, {"min": ..., "max": ...}, …
  std::string flag;  // "--epochs" of a command that fixes it; else empty
};

// Those of "parameters", nested ones by their path, then those that "command" fixes, in the file's
// order. Pure.
std::vector<WandbParameter> wandb_parameters(const Json& root);

// The field that a path means, by its last words ("lr" of "optimizer.init_args.lr") or by the group
// whose own value it is ("optimizer" of "optimizer.name"). Null where there is none. Pure.
const Field* field_of_path(std::string_view path);

// The last name of a path in lower case without "-", "_" and blanks. Pure.
std::string folded_name(std::string_view path);

}  // namespace firesweep
