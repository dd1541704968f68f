// The JSON Schema of sweep files, by which editors complete and check them.
#pragma once

#include <string>

namespace firesweep {

// JSON Schema (draft 7) as indented JSON text, made from the tables that decode_sweep reads by:
// what that accepts is valid by it. It refuses whatever decode_sweep refuses by type, bounds,
// unknown key or choice, but for what the language cannot say: that an end of a range lies above
// the other, how many probabilities there are and what they add up to, that a list which is not
// zipped has no value twice where others are, that the lists of one zip are as long, that an
// exclusion names values of the sweep, the amounts inside texts such as "90m", parentheses and
// types in constraints, names of other than ASCII characters that show nothing or steer a terminal,
// whole numbers beyond 53 bits where only their type bounds them, and the rules between members
// (sweep_rules.h) but for those of method, trainer, and protocol with metric and val_size. Pure.
std::string sweep_schema();

}  // namespace firesweep
