// What a trial must satisfy to be run, as a text such as "params <= 8_000_000" or
// "batch_size * epochs <= 4096 and optimizer != 'sgd'".
//
//   or         = and ("or" and)*
//   and        = not ("and" not)*
//   not        = "not" not | comparison
//   comparison = sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
//   sum        = product (("+" | "-") product)*
//   product    = factor (("*" | "/") factor)*
//   factor     = "-" factor | "(" or ")" | number | 'text' | "true" | "false" | name
//   name       = "params" | "macs" | "model_bytes" | a hyperparameter | "arch." NAME
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/layers.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

inline constexpr std::size_t kLongestConstraint = 500;  // characters; bounds the nesting too

struct ConstraintNode;  // of the text's tree; internal

// Immutable; copies share the tree. Safe from any thread.
struct Constraint {
  std::string text;
  std::shared_ptr<const ConstraintNode> tree;
};

// The constraint of a text of at most kLongestConstraint characters. The error's `what` is the
// mistake alone, its `where` is empty: text where a number is needed, a name that nothing has, a
// stray character. An amount of params or macs may have blanks in it, as in "params <= 8 000 000".
// Pure.
Result<Constraint> parse_constraint(std::string_view text);

// What the text of a constraint looks like, as a regular expression of ECMAScript: known names, and
// signs between them. It does not tell whether parentheses close and types fit. Pure.
std::string constraint_pattern();

// Whether a trial satisfies it. A division by zero and a parameter of an architecture that is of
// another type than the comparison satisfy nothing. Pure.
bool satisfies(const Constraint& constraint, const TrialConfig& config, const Cost& cost);

// The hyperparameters in it, "arch.NAME" among them. Pure.
std::vector<std::string> parameters_of(const Constraint& constraint);

// The names "arch.NAME" in it, without the prefix. Pure.
std::vector<std::string> arch_names_of(const Constraint& constraint);

// Whether it is over params, macs and model_bytes alone. Pure.
bool is_of_network(const Constraint& constraint);

}  // namespace firesweep
