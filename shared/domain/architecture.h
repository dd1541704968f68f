// An architecture file as written: blocks with expressions and macros, before any shape is known.
// `resolve` turns it into layers (layers.h), refusing a block whose shapes do not fit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/layers.h"
#include "shared/domain/value.h"

namespace firesweep {

// A number or an expression over the file's params, `in` (channels coming in) and `classes`: 64,
// "6*in", "$head_dropout".
using Quantity = std::variant<double, std::string>;

struct Block;
using Blocks = std::vector<Block>;

// One block as the file has it. `kind` is "conv", "bn", "act", "max_pool", "avg_pool",
// "global_avg_pool", "flatten", "dropout", "linear", "conv_bn_relu", "fire", "residual", "concat",
// "repeat" or "choice".
struct Block {
  std::string kind;
  std::string where;  // JSON pointer in the file, for messages
  std::map<std::string, Quantity>
      numbers;  // "value" (the number beside the kind), "kernel", "squeeze", …
  std::map<std::string, std::string>
      words;  // "act", "post", "norm", "shortcut" where it is a word, "choice"
  std::map<std::string, bool> flags;           // "bias"
  std::vector<Blocks> children;                // residual: body; concat: its branches; repeat: body
  std::optional<Blocks> shortcut;              // residual with a block list
  std::map<std::string, Blocks> alternatives;  // choice: value of the parameter → blocks
};

struct Architecture {
  std::string name;
  Shape input;
  std::map<std::string, Value> params;  // with their defaults
  Blocks blocks;
  std::string canonical;  // the file's content as canonical JSON: what is frozen and hashed
  std::string hash;       // sha256 (hex) of `canonical`; made by the codec room
};

// Resolves an architecture for a number of classes. `overrides` replaces params by name (an unknown
// name is refused); `dropout`, unless negative, replaces the probability of every dropout layer.
// The error names the block (JSON pointer) and, if shapes do not fit, both shapes. Pure.
Result<ResolvedArchitecture> resolve(const Architecture& architecture, std::int64_t classes,
                                     const std::map<std::string, Value>& overrides = {},
                                     double dropout = -1.0);

}  // namespace firesweep
