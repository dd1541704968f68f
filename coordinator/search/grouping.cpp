#include "coordinator/search/grouping.h"

#include <algorithm>

#include "shared/domain/fields.h"
#include "shared/domain/parameter_value.h"

namespace firesweep {

std::string group_of(const TrialConfig& config, const std::vector<std::string>& parameters) {
  std::string values;
  for (const std::string& name : parameters) {
    const auto value = value_of(config, name);
    values += (values.empty() ? "" : " ") + (value ? to_string(*value) : "-");
  }
  return values;
}

std::string training_key(const TrialConfig& config, const std::string& architecture_hash,
                         std::initializer_list<std::string_view> without) {
  std::string key = architecture_hash;
  for (const Field& field : fields()) {
    const bool left_out = std::ranges::find(without, field.name) != without.end();
    if (!left_out) key += '\n' + to_string(get_field(config, field));
  }
  for (const auto& [name, value] : config.arch_params) key += '\n' + name + ' ' + to_string(value);
  return key;
}

}  // namespace firesweep
