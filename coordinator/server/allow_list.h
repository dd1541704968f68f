// The allow-list of this user's coordinators: a file beside their key. It is no part of any
// database: a database that is restored from a copy brings no revoked key back, and all
// coordinators of this user know the same keys.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "coordinator/server/allowed_keys.h"
#include "shared/base/error.h"
#include "shared/transport/curve_keys.h"

namespace firesweep {

inline constexpr const char* kAllowListFile = "allowed";

// Safe from any thread. What other processes change in the file counts within kNoticedWithin, and
// at once for a key that had no right before. A file that cannot be read or understood lets nobody
// in but the owner.
class AllowList {
 public:
  // The list in this folder; none yet is empty. `owner` has every right. Errors of read_private,
  // and kBadInput where the file is damaged.
  static Result<std::shared_ptr<AllowList>> open(const std::filesystem::path& folder,
                                                 const PublicKey& owner);

  // What this key may do now.
  Rights rights_of(const PublicKey& key);

  // Uses up the invitation with this token, durably, also where several coordinators are asked at
  // once. False where it is not open, or the file cannot be written (which is logged).
  bool redeem(const std::string& token, const PublicKey& key, const std::string& name);

  static constexpr std::chrono::milliseconds kNoticedWithin{20};

 private:
  // Tells one state of the file from another.
  struct Stamp {
    std::uint64_t device = 0, inode = 0;
    std::int64_t seconds = 0, nanoseconds = 0, bytes = -1;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  AllowList(std::filesystem::path file, const PublicKey& owner)
      : file_(std::move(file)), owner_(owner) {}
  Stamp stamp() const;
  Result<void> read();
  void read_where_changed();

  const std::filesystem::path file_;
  const PublicKey owner_;
  std::mutex mutex_;  // guards what follows
  AllowedKeys allowed_;
  Stamp read_at_;
  std::chrono::steady_clock::time_point looked_at_;
};

// Changes the list in this folder for all coordinators of this user; expired invitations go. An
// error of `change` leaves the file as it is. Errors of change_private.
Result<void> change_allow_list(const std::filesystem::path& folder,
                               const std::function<Result<void>(AllowedKeys&)>& change);
// The list as it is in the file.
Result<AllowedKeys> read_allow_list(const std::filesystem::path& folder);

// Opens an invitation and returns its token, which is kept nowhere.
Result<std::string> open_invitation(const std::filesystem::path& folder, Role role,
                                    UtcTime expires);

}  // namespace firesweep
