// What W&B draws for a parameter → what ours writes for it. Internal to the codec room.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/codec/json.h"
#include "shared/domain/fields.h"

namespace firesweep {

// The object that describes a parameter in a sweep file of ours, and what differs in it from W&B's.
struct ImportedDomain {
  Json json;
  std::vector<std::string> changes;  // "without \"adam\""; sentences without a final stop
};

// W&B's description with its distribution inferred and its defaults written out, as W&B's own
// schema has them; exponents become values (log_uniform), and ranges the lists that a grid takes
// (`is_grid`). What it draws stays the same. Pure.
ImportedDomain wandb_domain(const Json& spec, bool is_grid);

// The same with the values in the words of a field: "SGD" is sgd, a network is one of
// `architectures`. Values that the field does not have are left out and named. The error says why
// none is left. Pure.
Result<ImportedDomain> in_words_of(const Field& field, ImportedDomain domain,
                                   std::span<const std::string> architectures);

}  // namespace firesweep
