// Reading the numbers and words of an architecture file's blocks, with their places. Internal to
// `resolve`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "shared/base/error.h"
#include "shared/domain/architecture.h"
#include "shared/domain/layers.h"
#include "shared/domain/value.h"

namespace firesweep {

// Evaluates what stands in blocks and keeps the first mistake; after it, what readers return means
// nothing. One thread.
class BlockReader {
 public:
  // `params` outlives the reader.
  BlockReader(const std::map<std::string, Value>& params, std::int64_t classes)
      : params_(params), classes_(classes) {}

  const std::map<std::string, Value>& params() const { return params_; }
  const std::optional<Error>& error() const { return error_; }
  void refuse(const std::string& where, std::string what, std::string hint = {});

  // The JSON pointer of a block's option; "value" is what stands beside its kind.
  static std::string place_of(const Block& block, const std::string& key);
  // " from \"6*in\"" where the number was written as an expression, else nothing.
  static std::string origin(const Block& block, const std::string& key);

  // A number or the value of its expression with `in` as the shape's channels; `fallback` where the
  // block has none.
  double real(const Block& block, const std::string& key, const Shape& shape, double fallback);
  std::int64_t whole(const Block& block, const std::string& key, const Shape& shape,
                     std::int64_t fallback, std::int64_t min, std::int64_t max);

  static std::string word(const Block& block, const std::string& key, const std::string& fallback);
  static bool has_bias(const Block& block);
  ActivationKind activation(const std::string& name, const Block& block);

 private:
  const std::map<std::string, Value>& params_;
  std::int64_t classes_;
  std::optional<Error> error_;
};

}  // namespace firesweep
