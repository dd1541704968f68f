// Control of a database that no coordinator owns just now.
#pragma once

#include "coordinator/store/store.h"
#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Applies a Submit, Extend, Steer or Release by the coordinator's own loop, commits it and returns
// its reply. Leases in the database stay as they are, to be judged by the next coordinator. Throws
// where the database fails.
ClientReply apply_offline(Store& store, const ClientRequest& request);

}  // namespace firesweep
