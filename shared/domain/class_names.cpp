#include "shared/domain/class_names.h"

#include <array>

#include "shared/domain/choices.h"

namespace firesweep {
namespace {

// fine_label_names.txt of the binary version.
constexpr std::array<std::string_view, 100> kCifar100 = {
    "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
    "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow_tree", "wolf",          "woman",     "worm"};

// batches.meta.txt of the binary version.
constexpr std::array<std::string_view, 10> kCifar10 = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

// The table of labels in the authors' README.
constexpr std::array<std::string_view, 10> kFashionMnist = {
    "t_shirt", "trouser", "pullover", "dress", "coat",
    "sandal",  "shirt",   "sneaker",  "bag",   "ankle_boot"};

}  // namespace

std::span<const std::string_view> class_names(std::string_view dataset) {
  const auto known = find_choice<DatasetName>(dataset);
  if (!known) return {};
  switch (*known) {
    case DatasetName::kCifar100:
      return kCifar100;
    case DatasetName::kCifar10:
      return kCifar10;
    case DatasetName::kFashionMnist:
      return kFashionMnist;
  }
  return {};
}

}  // namespace firesweep
