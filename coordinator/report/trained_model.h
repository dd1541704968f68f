// The card of a finished trial's model, for its export.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/codec/model_card.h"

namespace firesweep {

// kNotFound if there is no such trial; kConflict if it is not complete (with its state and reason)
// or was only simulated; otherwise as ReadDatabase::open. Reads one state of the database.
Result<ModelCard> trained_model(const std::filesystem::path& database, TrialId trial);

}  // namespace firesweep
