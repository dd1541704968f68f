#include "shared/codec/config_hash.h"

#include "shared/codec/json_text.h"
#include "shared/codec/place.h"
#include "shared/codec/sha256.h"
#include "shared/domain/fields.h"

namespace firesweep {

std::string config_hash(const TrialConfig& config, const std::string& architecture_hash,
                        const std::string& dataset_checksum, const std::string& trainer) {
  Json::object_t members;
  members.reserve(fields().size() + 5);
  members.emplace_back("recipe", kRecipeVersion);
  members.emplace_back("trainer", trainer);
  members.emplace_back("dataset", dataset_checksum);
  members.emplace_back("architecture", architecture_hash);
  members.emplace_back("arch_params", json_of(config.arch_params));
  for (const Field& field : fields()) {
    if (field.name == "variant") continue;
    members.emplace_back(field.name, json_of(get_field(config, field)));
  }
  return sha256_hex(dump_json(Json(std::move(members))));
}

}  // namespace firesweep
