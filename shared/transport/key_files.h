// This user's keys on this host, and the coordinators this user knows.
//
//   coordinator.key  who a coordinator of this user is
//   own.key          who this user is to coordinators
//   coordinators     a line each: address and public key of those elsewhere
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/error.h"
#include "shared/transport/curve_keys.h"

namespace firesweep {

inline constexpr const char* kCoordinatorKeyFile = "coordinator.key";
inline constexpr const char* kOwnKeyFile = "own.key";
inline constexpr const char* kCoordinatorsFile = "coordinators";

// The pair in the file; made where there is no file. Of processes that make it at once, one does,
// and all read the same. kBadInput where others can read it or it is damaged; kIo where it cannot
// be read or made.
Result<KeyPair> read_or_make_key(const std::filesystem::path& file);

// The key of a coordinator at another host's address, as remembered; nothing where none is known.
Result<std::optional<PublicKey>> known_coordinator(const std::filesystem::path& folder,
                                                   const std::string& address);
// Writes it down, in place of another key of that address.
Result<void> remember_coordinator(const std::filesystem::path& folder, const std::string& address,
                                  const PublicKey& key);

// What it takes to reach the coordinator at this address, from the configuration folder: the key
// known for the address, else that of this user's own coordinators. Keys are made where they are
// missing, a coordinator's for addresses of this machine alone. Nothing for ipc:// and
// insecure-tcp://, which take none. kNotFound where the coordinator's key is not known here.
Result<std::optional<CallerKeys>> keys_to(const std::string& address);

}  // namespace firesweep
