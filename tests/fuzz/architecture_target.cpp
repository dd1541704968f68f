#include "shared/codec/architecture_codec.h"
#include "shared/domain/architecture.h"
#include "shared/domain/layers.h"
#include "tests/fuzz/targets.h"

namespace firesweep::fuzz {

void try_architecture(Bytes bytes) {
  const auto architecture = decode_architecture(text_of(bytes), "x");
  if (!architecture)
    return require(!architecture.error().what.empty(), "a refusal says what is wrong");
  const auto again = decode_architecture(architecture->canonical, "x.json");
  require(again.has_value() && again->hash == architecture->hash,
          "the canonical form is read as the same network");
  const auto resolved = resolve(*architecture, 100);
  if (!resolved) return require(!resolved.error().what.empty(), "a refusal says what is wrong");
  const Cost cost = cost_of(*resolved);
  require(cost.params >= 0 && cost.macs >= 0, "costs are no less than 0");
}

}  // namespace firesweep::fuzz
