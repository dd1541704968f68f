// A refit of a chosen trial (TRAINING §3): its config, trained on all training images with new
// seeds under protocol "refit". It is never ranked with other protocols.
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

// The sweep file of the refit: every hyperparameter of the card's config written out, but without
// held-out images and subsets, with the last epoch's weights, and with `epochs` if given. Its
// variant must be read from the card's architecture. kConflict if the trial was not ranked by
// validation images; kBadInput names --seeds if a seed was used to choose the trial or occurs
// twice. Pure.
Result<std::string> refit_sweep(const ModelCard& card, const std::vector<std::int64_t>& seeds,
                                std::optional<std::int64_t> epochs);

// How the refit differs from the trial, one sentence for each difference. Pure.
std::vector<std::string> refit_notes(const ModelCard& card, std::optional<std::int64_t> epochs);

}  // namespace firesweep
