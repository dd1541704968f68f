// Turns a client's request into an event of the scheduler.
#pragma once

#include <memory>

#include "coordinator/core/scheduler.h"
#include "coordinator/search/trial_space.h"
#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

struct Expanded {
  std::shared_ptr<const FrozenSweep> frozen;
  TrialSpace space;
};

// Decodes and checks the spec and the architectures that it names. Also checks that the texts for
// the database can be read back, and that there is at least one trial to run. Returns the first
// mistake. Pure.
Result<Expanded> expand_submission(const request::Submit& submit);
// The same for who does not need its trials.
Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit);

// The event of a client's request. For Submit and Extend it decodes the file and returns its first
// mistake. Not for Status and Query, which do not concern the scheduler. Pure.
Result<Event> request_event(const PeerId& client, const ClientRequest& request);

}  // namespace firesweep
