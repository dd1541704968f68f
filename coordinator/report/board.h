// A board: the properties in which rows must agree to be ranked together (TRAINING.md §3).
#pragma once

#include <cstdint>
#include <string>

#include "shared/domain/choices.h"

namespace firesweep {

struct Board {
  // Words as the database has them, also those of a newer build.
  std::string dataset;
  std::string trainer{to_string(Trainer::kTorch)};
  std::string protocol{to_string(Protocol::kHeldOut)};
  std::int64_t epochs = 0;
  std::int64_t train_size = 0;  // images trained on; 0: all that the split leaves
  std::int64_t test_size = 0;   // test images looked at; 0: all
  double val_size = 0;          // a count, or a fraction below 1
  std::int64_t split_seed = 0;
  std::string content = {};  // sha256 of the images, where the dataset's name does not say it
  friend bool operator==(const Board&, const Board&) = default;
};

// "cifar100, held-out validation, 15 epochs", followed by unusual properties (a subset, another
// split, simulated). Pure.
std::string heading_of(const Board& board);

// Whether no training took place. Pure.
bool is_simulated(const Board& board);

// "Validation accuracy", or "Test accuracy" if the protocol has no validation images. Pure.
std::string score_name(const Board& board);

}  // namespace firesweep
