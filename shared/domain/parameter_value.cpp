#include "shared/domain/parameter_value.h"

#include <string>

#include "shared/domain/fields.h"

namespace firesweep {

std::optional<Value> value_of(const TrialConfig& config, std::string_view name) {
  if (name.starts_with(kArchPrefix)) {
    const auto found = config.arch_params.find(std::string(name.substr(kArchPrefix.size())));
    if (found == config.arch_params.end()) return std::nullopt;
    return found->second;
  }
  const Field* field = find_field(name);
  if (field == nullptr) return std::nullopt;
  return get_field(config, *field);
}

}  // namespace firesweep
