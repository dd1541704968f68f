// Where the files and programs lie that bench programs use: in a bundle, or in the repository.
#pragma once

#include <filesystem>
#include <string>

namespace firesweep::bench {

// The nearest folder above this program's that holds architectures/, else the repository.
std::filesystem::path root_dir();

// A program beside this one, or in bin/ of a folder above, else of the build. Empty where there is
// none.
std::filesystem::path find_program(const std::string& name);

}  // namespace firesweep::bench
