// A chosen trial's refit (TRAINING §3): its config on all training images with fresh seeds, under
// protocol "refit", which no other protocol ranks with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/codec/model_card.h"

namespace firesweep {

// "refit-of-1-17" for trial 1/17.
std::string refit_name(const ModelCard& card);

// The sweep file of that name: every hyperparameter of the card's config written out, but nothing
// held out, no subset, the last epoch's weights, and `epochs` where given. Its variant is to be
// read from the card's architecture. kConflict where the trial was not ranked by validation images;
// kBadInput names --seeds where one was used to choose the trial or stands twice. Pure.
Result<std::string> refit_sweep(const ModelCard& card, const std::vector<std::int64_t>& seeds,
                                std::optional<std::int64_t> epochs);

// What the refit does otherwise than the trial did, a sentence each. Pure.
std::vector<std::string> refit_notes(const ModelCard& card, std::optional<std::int64_t> epochs);

}  // namespace firesweep
