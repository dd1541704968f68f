// A finished trial as what its weights are: the card that goes with an exported model.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/codec/model_card.h"

namespace firesweep {

// kNotFound where there is no such trial; kConflict where it is not complete (what it is instead,
// and the reason) or was only simulated; else as ReadDatabase::open. Reads one state of the
// database.
Result<ModelCard> trained_model(const std::filesystem::path& database, TrialId trial);

}  // namespace firesweep
