// How much one class may hold: its methods, and the files that they stand in. Owns the two bounds;
// reads no file, so that each can be shown to fail on a few lines of text.
#pragma once

#include <cstddef>
#include <vector>

#include "tests/architecture/include_rules.h"

namespace firesweep {

inline constexpr std::size_t kMostMethods = 15;  // constructors and overloads too; no friends
inline constexpr std::size_t kMostFiles = 2;     // that define the class or a method of it

// Every class and struct of `files` that has more of either, nested ones by themselves. Relies on
// .clang-format for where a declaration begins, and on a name standing for one class. Pure.
std::vector<Violation> classes_too_large(const std::vector<SourceFile>& files);

}  // namespace firesweep
