// From what a client asks to an event of the scheduler.
#pragma once

#include <memory>

#include "coordinator/core/scheduler.h"
#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Decodes and checks the spec and the architectures it names, that what the database will keep of
// them reads back, and that at least one trial is left to run. The first mistake is the error;
// nothing else happens. Pure.
Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit);

// What the client asks of the scheduler. Of Submit and Extend the file is decoded; its first
// mistake is the error. Not for Status and Query, which ask nothing of it. Pure.
Result<Event> request_event(const PeerId& client, const ClientRequest& request);

}  // namespace firesweep
