// The steps of a quantized parameter ("q_…") as its values.
#pragma once

#include <vector>

#include "shared/domain/distributions.h"
#include "shared/domain/fields.h"
#include "shared/domain/value.h"

namespace firesweep {

// Steps are counted as multiples of q. The values of up to 4,096 steps are made once: they are
// written out and read back (`multiple`). Copies what it needs; immutable; safe from any thread.
class Steps {
 public:
  // `field` as multiples_of has it.
  Steps(const Quantized& quantized, const Field* field);

  // What the distribution itself may draw; of these, what the field allows.
  const Multiples& own() const { return own_; }
  const Multiples& allowed() const { return allowed_; }
  // The value of an allowed step.
  Value value(double step) const;

 private:
  Quantized quantized_;
  const Field* field_;
  Multiples own_;
  Multiples allowed_;
  std::vector<Value> values_;  // from the first allowed one on; empty where they are many
};

}  // namespace firesweep
