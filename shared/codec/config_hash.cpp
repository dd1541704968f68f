#include "shared/codec/config_hash.h"

#include "shared/codec/config_text.h"
#include "shared/codec/sha256.h"
#include "shared/domain/fields.h"

namespace firesweep {

std::string config_hash(const TrialConfig& config, const std::string& architecture_hash,
                        const std::string& dataset_checksum, Trainer trainer) {
  ConfigText text;
  text.member("recipe", std::int64_t{kRecipeVersion});
  text.member("trainer", to_string(trainer));
  text.member("dataset", dataset_checksum);
  text.member("architecture", architecture_hash);
  text.member("arch_params", config.arch_params);
  for (const Field* field : fields_as_written()) {
    if (field->name != "variant") text.member_as_written(config, *field);
  }
  return sha256_hex(text.done());
}

}  // namespace firesweep
