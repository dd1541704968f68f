// What an ELF program for 64-bit little-endian machines says about its own protections.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace firesweep::testing {

struct ElfProtections {
  bool position_independent = false;  // a PIE
  bool relro = false;                 // relocations become read-only
  bool bound_at_start = false;        // all of them, before main
  bool executable_stack = true;       // unless the file says otherwise
  bool writable_code = false;         // a segment that is both
  bool text_relocations = false;
  std::set<std::string> imports;  // names of undefined dynamic symbols, without versions
};

// Throws std::runtime_error naming the file where it is no such program.
ElfProtections protections_of(const std::filesystem::path& program);

}  // namespace firesweep::testing
