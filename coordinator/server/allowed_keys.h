// Which keys a coordinator knows, with which roles, and which invitations are open: the data of the
// allow-list, and its text. Pure; its file is allow_list.h's.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/transport/curve_keys.h"
#include "shared/wire/rights.h"

namespace firesweep {

using UtcTime = std::chrono::milliseconds;  // since 1970-01-01T00:00:00Z

struct AllowedKey {
  PublicKey key;
  Role role = Role::kWorker;
  UtcTime since{0};
  std::string name;  // of its host, without blanks
  friend bool operator==(const AllowedKey&, const AllowedKey&) = default;
};

struct OpenInvitation {
  std::string token_sha256;  // 64 hexadecimal digits: the file's reader cannot use it
  Role role = Role::kWorker;
  UtcTime expires{0};
  friend bool operator==(const OpenInvitation&, const OpenInvitation&) = default;
};

// A key with several roles has a row for each.
struct AllowedKeys {
  std::vector<AllowedKey> keys;
  std::vector<OpenInvitation> invitations;

  // What a key may do now: all its roles; an unknown one is a guest while an invitation is open,
  // and else has no right at all.
  Rights rights_of(const PublicKey& key, UtcTime now) const;

  // Uses an invitation up: the key has its role from now on. False, and nothing is changed, where
  // no invitation with that hash is open.
  bool redeem(const std::string& token_sha256, const PublicKey& key, const std::string& name,
              UtcTime now);

  // Forgets every row of the keys that begin with `word` (at least 8 digits) or have that name;
  // returns them. kNotFound where there is none, kConflict where several keys begin so.
  Result<std::vector<AllowedKey>> revoke(const std::string& word);

  void forget_expired(UtcTime now);

  friend bool operator==(const AllowedKeys&, const AllowedKeys&) = default;
};

// As it lies in the file, and back. The first line that is wrong is the error, at `where`:line.
std::string to_text(const AllowedKeys& allowed);
Result<AllowedKeys> parse_allowed_keys(const std::string& where, const std::string& text);

// A host's name as it may stand in the list: at most 64 bytes, "?" for what is no visible ASCII.
std::string clean_host_name(std::string_view name);

}  // namespace firesweep
