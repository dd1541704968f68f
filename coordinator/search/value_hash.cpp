#include "coordinator/search/value_hash.h"

#include <bit>
#include <string>
#include <variant>

#include "shared/base/overloaded.h"
#include "shared/base/splitmix.h"
#include "shared/domain/fields.h"

namespace firesweep {

std::uint64_t hash_of(const Value& value) {
  constexpr std::uint64_t kPresent = 1;  // a value that does not exist has 0
  const auto bits =
      std::visit(Overloaded{[](const std::string& text) { return fnv1a(text); },
                            [](double number) { return std::bit_cast<std::uint64_t>(number); },
                            [](auto whole) { return static_cast<std::uint64_t>(whole); }},
                 value);
  return splitmix64_at(bits, kPresent + value.index());
}

std::uint64_t hash_of(const std::vector<std::optional<Value>>& values) {
  std::uint64_t hash = 0;
  for (const auto& value : values) hash = splitmix64(hash ^ (value ? hash_of(*value) : 0));
  return hash;
}

std::uint64_t hash_of(const TrialConfig& config) {
  std::uint64_t hash = hash_of(config.seed);
  for (const Field& field : fields()) {
    hash = splitmix64(hash ^ hash_of(get_field(config, field)));
  }
  for (const auto& [name, value] : config.arch_params) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    const Value known = whole == nullptr ? value : Value(static_cast<double>(*whole));
    hash = splitmix64(splitmix64(hash ^ fnv1a(name)) ^ hash_of(known));
  }
  return hash;
}

}  // namespace firesweep
