#include "shared/domain/block_reader.h"

#include <cmath>

#include "shared/domain/expression.h"

namespace firesweep {

void BlockReader::refuse(const std::string& where, std::string what, std::string hint) {
  if (!error_) error_ = Error{ErrorCode::kBadInput, where, std::move(what), std::move(hint)};
}

std::string BlockReader::place_of(const Block& block, const std::string& key) {
  if (key == "value") return block.where + "/" + block.kind;
  if (block.kind == "fire") return block.where + "/fire/" + key;
  return block.where + "/" + key;
}

std::string BlockReader::origin(const Block& block, const std::string& key) {
  const auto it = block.numbers.find(key);
  if (it == block.numbers.end()) return {};
  const auto* text = std::get_if<std::string>(&it->second);
  return text == nullptr ? std::string() : " from \"" + *text + "\"";
}

double BlockReader::real(const Block& block, const std::string& key, const Shape& shape,
                         double fallback) {
  const auto it = block.numbers.find(key);
  if (it == block.numbers.end()) return fallback;
  if (const auto* number = std::get_if<double>(&it->second)) return *number;
  const auto value = evaluate(std::get<std::string>(it->second),
                              {params_, shape.channels, classes_}, place_of(block, key));
  if (value) return *value;
  refuse(value.error().where, value.error().what, value.error().hint);
  return fallback;
}

std::int64_t BlockReader::whole(const Block& block, const std::string& key, const Shape& shape,
                                std::int64_t fallback, std::int64_t min, std::int64_t max) {
  const double value = real(block, key, shape, static_cast<double>(fallback));
  const bool fits = value >= static_cast<double>(min) && value <= static_cast<double>(max);
  if (fits && value == std::floor(value)) return static_cast<std::int64_t>(value);
  refuse(place_of(block, key), "found " + to_string(Value(value)) + origin(block, key) +
                                   ", expected a whole number in [" + std::to_string(min) + ", " +
                                   std::to_string(max) + "]");
  return fallback;
}

std::string BlockReader::word(const Block& block, const std::string& key,
                              const std::string& fallback) {
  const auto it = block.words.find(key);
  return it == block.words.end() ? fallback : it->second;
}

bool BlockReader::has_bias(const Block& block) {
  const auto it = block.flags.find("bias");
  return it == block.flags.end() || it->second;
}

ActivationKind BlockReader::activation(const std::string& name, const Block& block) {
  if (name == "relu") return ActivationKind::kRelu;
  if (name == "relu6") return ActivationKind::kRelu6;
  if (name == "silu") return ActivationKind::kSilu;
  refuse(place_of(block, "act"),
         "found \"" + name + "\", expected one of \"relu\", \"relu6\", \"silu\"");
  return ActivationKind::kRelu;
}

}  // namespace firesweep
