// One coordinator's door and one caller whom it admits: for tests over TCP.
#pragma once

#include <gtest/gtest.h>

#include "shared/transport/curve_keys.h"
#include "shared/transport/dealer_socket.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

inline const KeyPair& coordinator_pair() {
  static const KeyPair pair = make_key_pair();
  return pair;
}

inline const CallerKeys& caller_keys() {
  static const CallerKeys keys{make_key_pair(), coordinator_pair().public_key};
  return keys;
}

// Admits the one caller.
inline RouterOptions with_door(RouterOptions options = {}) {
  options.door = Door{coordinator_pair(),
                      [](const PublicKey& key) { return key == caller_keys().own.public_key; }};
  return options;
}

}  // namespace firesweep
