#include "shared/codec/model_card.h"

#include "shared/codec/config_codec.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

constexpr std::array<std::string_view, 14> kCardKeys = {
    "format",         "trial",        "worker",        "dataset",      "classes",
    "mean",           "stddev",       "config",        "architecture", "config_hash",
    "selected_epoch", "val_accuracy", "test_accuracy", "seeds_used"};
constexpr std::int64_t kCardFormat = 1;
constexpr std::int64_t kMostClasses = 100'000;
constexpr std::int64_t kMostEpochs = 1'000'000'000;
constexpr std::int64_t kMostSeed = (std::int64_t{1} << 53) - 1;

// Reads members one by one; what is absent or wrong is a mistake and leaves the default.
class CardReader {
 public:
  explicit CardReader(const JsonNode& root) : root_(root) {}

  std::string text(std::string_view key) const {
    const auto node = root_.need(key, "a text");
    return node ? node->text().value_or("") : "";
  }
  std::int64_t whole(std::string_view key, std::int64_t min, std::int64_t max) const {
    const auto node = root_.need(key, "a whole number");
    return node ? node->whole(min, max).value_or(min) : min;
  }
  double real(std::string_view key) const {
    const auto node = root_.need(key, "a number");
    return node ? node->real().value_or(0) : 0;
  }
  std::array<float, 3> triple(std::string_view key) const {
    std::array<float, 3> values{};
    const auto node = root_.need(key, "a list of 3 numbers");
    if (!node) return values;
    const auto elements = node->elements("a list of 3 numbers", values.size());
    if (elements.size() != values.size()) {
      node->refuse("a list of 3 numbers");
      return values;
    }
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(elements[i].real().value_or(0));
    return values;
  }

 private:
  const JsonNode& root_;
};

}  // namespace

std::string encode_model_card(const ModelCard& card) {
  Json json;
  json["format"] = kCardFormat;
  json["trial"] = card.trial;
  json["worker"] = card.worker;
  json["dataset"] = card.dataset;
  json["classes"] = card.classes;
  json["mean"] = card.mean;
  json["stddev"] = card.stddev;
  json["selected_epoch"] = card.selected_epoch;
  json["val_accuracy"] = card.val_accuracy ? Json(*card.val_accuracy) : Json();
  json["test_accuracy"] = card.test_accuracy;
  json["config_hash"] = card.config_hash;
  json["seeds_used"] = card.seeds_used;
  json["config"] = Json::parse(encode_config(card.config));
  json["architecture"] = Json::parse(card.architecture);
  return dump_json_lines(json, 1);
}

Result<ModelCard> decode_model_card(std::string_view text, std::string_view file_name) {
  const auto tree = parse_json(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const JsonNode root(*tree, "", mistakes);
  ModelCard card;
  if (root.is_object_of(kCardKeys)) {
    const CardReader read(root);
    read.whole("format", kCardFormat, kCardFormat);
    card.trial = read.text("trial");
    card.worker = read.text("worker");
    card.dataset = read.text("dataset");
    card.classes = read.whole("classes", 1, kMostClasses);
    card.mean = read.triple("mean");
    card.stddev = read.triple("stddev");
    card.selected_epoch = read.whole("selected_epoch", 0, kMostEpochs);
    if (const auto node = root.find("val_accuracy"); node && !node->json().is_null())
      card.val_accuracy = node->real();
    card.test_accuracy = read.real("test_accuracy");
    card.config_hash = read.text("config_hash");
    if (const auto node = root.find("seeds_used"); node && !node->json().empty()) {
      for (const JsonNode& element : node->elements("a list of whole numbers")) {
        card.seeds_used.push_back(element.whole(0, kMostSeed).value_or(0));
      }
    }
    if (const auto node = root.need("config", "an object")) {
      auto config = decode_config(dump_json(node->json()));
      if (config) {
        card.config = *std::move(config);
      } else {
        mistakes.add(config.error());
      }
    }
    if (const auto node = root.need("architecture", "an object"))
      card.architecture = dump_json(node->json());
  }
  if (!mistakes.none()) return mistakes.take(file_name);
  return card;
}

}  // namespace firesweep
