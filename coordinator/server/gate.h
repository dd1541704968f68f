// Stands before the coordinator's loop: what a key may not ask never gets there.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "coordinator/server/allow_list.h"
#include "shared/transport/curve_keys.h"
#include "shared/wire/join.h"
#include "shared/wire/messages.h"

namespace firesweep {

// A message that goes no further.
struct Stopped {
  std::string answer = {};  // bytes for its sender; empty: it hears nothing
  bool bad = true;          // its sender had no right to it
};

// Not thread-safe. A sender without a key (ipc, --insecure) may do everything.
class Gate {
 public:
  // `allowed` may be null: then no sender has a key.
  explicit Gate(std::shared_ptr<AllowList> allowed) : allowed_(std::move(allowed)) {}

  // Before the bytes are decoded. Of a key that is not known they are looked at for an invitation
  // and nothing else, once a connection; who shows none that is open hears nothing.
  std::optional<Stopped> stop(const std::string& peer, const std::optional<PublicKey>& key,
                              const std::string& bytes);
  // Then the frame. A known key that lacks the right is told so. Frames of a worker whose session
  // is not of its key's (session_mark) are not answered: nobody speaks for another's attempt.
  std::optional<Stopped> stop(const std::optional<PublicKey>& key, const InboundFrame& frame);

 private:
  Rights rights_of(const PublicKey& key) const;
  bool has_spoken(const std::string& guest);  // true from the second time on
  Stopped join(const PublicKey& key, bool guest, const JoinRequest& request);

  std::shared_ptr<AllowList> allowed_;
  std::set<std::string> guests_;  // connections of unknown keys that were heard already
};

}  // namespace firesweep
