// The doors of a coordinator's sockets: its own key, and whom they let in.
#pragma once

#include <memory>

#include "coordinator/server/allow_list.h"
#include "shared/base/error.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

struct Doors {
  std::shared_ptr<AllowList> allowed;  // null: no keys are asked for
  RouterOptions messages;              // for everybody who has any right
  RouterOptions checkpoints;           // for those who may work
};

// With the keys in this user's configuration folder, which are made at first use. `insecure`: none
// are read, and anyone who reaches a port is heard. Errors of configuration_folder,
// read_or_make_key and AllowList::open.
Result<Doors> open_doors(bool insecure);

}  // namespace firesweep
