// Control requests for a database that no coordinator owns.
#pragma once

#include "coordinator/store/store.h"
#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Applies a Submit, Extend, Steer or Release with the coordinator's loop, commits it and returns
// its reply. Leases in the database are not changed; the next coordinator judges them. Throws if
// the database fails.
ClientReply apply_offline(Store& store, const ClientRequest& request);

}  // namespace firesweep
