// Where the repository and the programs lie. They are compiled into places.cpp alone, so that every
// other object file is the same in every checkout and a compiler cache serves them all.
#pragma once

#include <filesystem>

namespace firesweep {

std::filesystem::path source_dir();   // the repository root
std::filesystem::path program_dir();  // of firesweep and firesweep-worker

}  // namespace firesweep
