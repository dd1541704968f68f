// From what a user submits to a frozen sweep.
#pragma once

#include <memory>

#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Decodes and checks the spec and the architectures it names, that what the database will keep of
// them reads back, and that at least one trial is left to run. The first mistake is the error;
// nothing else happens. Pure.
Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit);

}  // namespace firesweep
