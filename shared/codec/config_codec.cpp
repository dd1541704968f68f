#include "shared/codec/config_codec.h"

#include <limits>
#include <optional>
#include <vector>

#include "shared/codec/config_text.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"
#include "shared/domain/fields.h"

namespace firesweep {

std::string encode_config(const TrialConfig& config) {
  ConfigText text;
  for (const Field& field : fields()) text.member(config, field);
  text.member("arch_params", config.arch_params);
  text.member("seed", config.seed);
  return text.done();
}

Result<TrialConfig> decode_config(std::string_view text) {
  const auto tree = parse_json(text, "config");
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const JsonNode root(*tree, "", mistakes);
  std::vector<std::string_view> known;
  for (const Field& field : fields()) {
    known.push_back(field.name);
    if (!field.former.name.empty()) known.push_back(field.former.name);
  }
  known.insert(known.end(), {"arch_params", "seed"});

  TrialConfig config;
  if (root.is_object_of(known)) {
    for (const Field& field : fields()) {
      std::optional<Value> value = field.before;
      if (const auto node = root.find(field.name)) value = node->of_field(field);
      const auto former = root.find(field.former.name);
      const bool is_before = value && field.before && same_value(*value, *field.before);
      if (former && is_before) value = former->of_former(field);
      if (!value) continue;
      if (const auto set = set_field(config, field, *value, field.name); !set) {
        mistakes.add(set.error());
      }
    }
    if (const auto params = root.find("arch_params")) {
      if (params->json().is_object()) {
        for (const auto& [name, node] : params->members()) {
          if (const auto value = node.scalar()) config.arch_params[name] = *value;
        }
      } else {
        params->refuse("an object");
      }
    }
    if (const auto node = root.find("seed")) {
      config.seed = node->whole(std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max())
                        .value_or(0);
    }
  }
  if (!mistakes.none()) return mistakes.take("config");
  return config;
}

}  // namespace firesweep
