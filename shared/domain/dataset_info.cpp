#include "shared/domain/dataset_info.h"

#include <vector>

namespace firesweep {

std::span<const DatasetInfo> datasets() {
  // CIFAR-100: moments published with the study. CIFAR-10 and Fashion-MNIST: moments of their
  // training images, the latter after padding to 32×32 with zeros.
  static const std::vector<DatasetInfo> known = {
      {std::string(to_string(DatasetName::kCifar100)),
       100,
       50'000,
       10'000,
       {0.5071f, 0.4867f, 0.4408f},
       {0.2675f, 0.2565f, 0.2761f},
       "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"},
      {std::string(to_string(DatasetName::kCifar10)),
       10,
       50'000,
       10'000,
       {0.4914f, 0.4822f, 0.4465f},
       {0.2470f, 0.2435f, 0.2616f},
       "cifar10-binary-c32a1d4ab5d03f1284b67883e8d87530"},
      {std::string(to_string(DatasetName::kFashionMnist)),
       10,
       60'000,
       10'000,
       {0.2190f, 0.2190f, 0.2190f},
       {0.3318f, 0.3318f, 0.3318f},
       "fashion-mnist-8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
  };
  return known;
}

const DatasetInfo& dataset_info(DatasetName name) {
  return datasets()[static_cast<std::size_t>(name)];
}

const DatasetInfo* find_dataset(std::string_view name) {
  const auto known = find_choice<DatasetName>(name);
  return known ? &dataset_info(*known) : nullptr;
}

}  // namespace firesweep
