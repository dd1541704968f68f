// Reads the numbers and words in the blocks of an architecture file, and knows their JSON pointers.
// Internal to `resolve`.
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

// Evaluates the numbers and words of blocks and keeps the first mistake. After a mistake the
// returned values are meaningless. One thread.
class BlockReader {
 public:
  // `params` outlives the reader.
  BlockReader(const std::map<std::string, Value>& params, std::int64_t classes)
      : params_(params), classes_(classes) {}

  const std::map<std::string, Value>& params() const { return params_; }
  const std::optional<Error>& error() const { return error_; }
  void refuse(const std::string& where, std::string what, std::string hint = {});

  // The JSON pointer of a block's option; "value" is the value of the block's kind.
  static std::string place_of(const Block& block, const std::string& key);
  // " from \"6*in\"" if the number was written as an expression, else empty.
  static std::string origin(const Block& block, const std::string& key);

  // A number, or the value of its expression with the shape's channels as `in`; `fallback` if the
  // block has no such option.
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
