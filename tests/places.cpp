#include "tests/places.h"

namespace firesweep {

std::filesystem::path source_dir() { return FIRESWEEP_SOURCE_DIR; }
std::filesystem::path program_dir() { return FIRESWEEP_BIN_DIR; }

}  // namespace firesweep
