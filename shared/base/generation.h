// Which life of its database an attempt belongs to.
#pragma once

#include <compare>
#include <cstdint>

namespace firesweep {

// A random number, drawn when a database is made and at each restore. Attempt numbers repeat after
// a restore; with their generation they do not. Zero: none is known. Regular, totally ordered.
struct Generation {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Generation&, const Generation&) = default;
};

}  // namespace firesweep
