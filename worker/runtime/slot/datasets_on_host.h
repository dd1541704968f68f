// Finds the datasets of this host without reading an image.
#pragma once

#include <vector>

#include "shared/wire/messages.h"
#include "worker/datasets/dataset.h"

namespace firesweep {

// All known datasets that have a decoded file, or all raw files with their exact sizes, in one of
// the locations. The checksums are those that the files must have; open_dataset verifies them
// before training. Never fails: a file of the wrong size is logged, and its dataset left out.
std::vector<DatasetOnHost> datasets_on_host(const Locations& locations);

}  // namespace firesweep
