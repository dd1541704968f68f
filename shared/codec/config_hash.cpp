#include "shared/codec/config_hash.h"

#include "shared/codec/json_text.h"
#include "shared/codec/place.h"
#include "shared/codec/sha256.h"
#include "shared/domain/fields.h"

namespace firesweep {

std::string config_hash(const TrialConfig& config, const std::string& architecture_hash,
                        const std::string& dataset_checksum, const std::string& trainer) {
  Json json = Json::object();
  json["recipe"] = kRecipeVersion;
  json["trainer"] = trainer;
  json["dataset"] = dataset_checksum;
  json["architecture"] = architecture_hash;
  Json& params = json["arch_params"] = Json::object();
  for (const auto& [name, value] : config.arch_params) params[name] = json_of(value);
  for (const Field& field : fields()) {
    if (field.name != "variant") json[std::string(field.name)] = json_of(get_field(config, field));
  }
  return sha256_hex(dump_json(json));
}

}  // namespace firesweep
