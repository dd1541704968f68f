// The description of a trained model: model.json beside its weights. It has all that is needed to
// build the network and to prepare images for it, and says where the model comes from. The
// coordinator writes it, the worker reads it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

struct ModelCard {
  std::string trial;   // "1/17"
  std::string worker;  // that trained it: "host/slot"
  TrialConfig config;
  std::string config_hash;
  std::vector<std::int64_t> seeds_used;  // of its sweep: with these it was chosen
  std::string architecture;              // the file's content as JSON, frozen with the sweep
  std::string dataset;
  std::int64_t classes = 0;
  std::array<float, 3> mean{};  // per channel, of pixels in [0, 1]
  std::array<float, 3> stddev{};
  std::int64_t selected_epoch = 0;
  std::optional<double> val_accuracy;  // of the selected epoch's weights, fractions
  double test_accuracy = 0;
};

// Indented JSON. Pure.
std::string encode_model_card(const ModelCard& card);

// The card that `encode_model_card` wrote. The error names the file and the JSON pointer. Pure.
Result<ModelCard> decode_model_card(std::string_view text, std::string_view file_name);

}  // namespace firesweep
