// Which datasets this host can train on, told without reading an image.
#pragma once

#include <vector>

#include "shared/wire/messages.h"
#include "worker/datasets/dataset.h"

namespace firesweep {

// Every known dataset that has a decoded file, or all raw files with their exact sizes, in one of
// the places. Checksums are those the files must have; open_dataset verifies that they do before
// anything is trained. Never fails: a file of the wrong size is said in the log, and its dataset
// left out.
std::vector<DatasetOnHost> datasets_on_host(const Locations& locations);

}  // namespace firesweep
