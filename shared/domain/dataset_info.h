// The known image datasets. The network sees every image as [3,32,32] uint8.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/domain/choices.h"

namespace firesweep {

struct DatasetInfo {
  std::string name;  // "cifar100"
  int classes = 0;
  std::int64_t train_count = 0;  // images
  std::int64_t test_count = 0;
  std::array<float, 3> mean{};  // per channel, of pixels scaled to [0, 1]
  std::array<float, 3> stddev{};
  std::string
      checksum;  // identity by which trials and workers match: sha256 hex of the training file(s)
};

// All known datasets, in the order of DatasetName and in which they are listed.
std::span<const DatasetInfo> datasets();

// What is known of it.
const DatasetInfo& dataset_info(DatasetName name);

// The dataset of that name, or null.
const DatasetInfo* find_dataset(std::string_view name);

}  // namespace firesweep
