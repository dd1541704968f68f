#pragma once

#include <cstddef>
#include <span>

namespace firesweep {

// Fills the bytes from the kernel's generator, for names and secrets that nobody can guess. Throws
// std::system_error. Safe from any thread.
void fill_random(std::span<std::byte> bytes);

}  // namespace firesweep
