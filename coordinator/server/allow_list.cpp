#include "coordinator/server/allow_list.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <span>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/random_bytes.h"
#include "shared/codec/sha256.h"
#include "shared/transport/private_file.h"
#include "shared/wire/join.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

std::string random_token() {
  std::string token(kTokenBytes, '\0');
  fill_random(std::as_writable_bytes(std::span(token)));
  return token;
}

}  // namespace

Result<AllowedKeys> read_allow_list(const fs::path& folder) {
  const fs::path file = folder / kAllowListFile;
  const auto text = read_private(file);
  if (!text) return tl::unexpected(text.error());
  return parse_allowed_keys(file.string(), text->value_or(""));
}

Result<void> change_allow_list(const fs::path& folder,
                               const std::function<Result<void>(AllowedKeys&)>& change) {
  const fs::path file = folder / kAllowListFile;
  return change_private(file, [&](const std::optional<std::string>& before) -> Result<std::string> {
    auto allowed = parse_allowed_keys(file.string(), before.value_or(""));
    if (!allowed) return tl::unexpected(allowed.error());
    allowed->forget_expired(system_now().utc);
    if (const auto changed = change(*allowed); !changed) {
      return tl::unexpected(changed.error());
    }
    return to_text(*allowed);
  });
}

Result<std::string> open_invitation(const fs::path& folder, Role role, UtcTime expires) {
  std::string token = random_token();
  const auto changed = change_allow_list(folder, [&](AllowedKeys& allowed) -> Result<void> {
    allowed.invitations.push_back({sha256_hex(token), role, expires});
    return {};
  });
  if (!changed) return tl::unexpected(changed.error());
  return token;
}

Result<std::shared_ptr<AllowList>> AllowList::open(const fs::path& folder, const PublicKey& owner) {
  std::shared_ptr<AllowList> list(new AllowList(folder / kAllowListFile, owner));
  if (const auto read = list->read(); !read) return tl::unexpected(read.error());
  return list;
}

Rights AllowList::rights_of(const PublicKey& key) {
  if (key == owner_) return firesweep::rights_of(Role::kOwner);
  const std::lock_guard lock(mutex_);
  read_where_changed();
  const Rights rights = allowed_.rights_of(key, system_now().utc);
  if (!rights.none()) return rights;
  looked_at_ = {};  // perhaps it was invited this very moment
  read_where_changed();
  return allowed_.rights_of(key, system_now().utc);
}

bool AllowList::redeem(const std::string& token, const PublicKey& key, const std::string& name) {
  const std::string hash = sha256_hex(token);
  bool redeemed = false;
  const auto changed =
      change_allow_list(file_.parent_path(), [&](AllowedKeys& allowed) -> Result<void> {
        redeemed = allowed.redeem(hash, key, name, system_now().utc);
        if (redeemed) return {};
        return fail(ErrorCode::kNotFound, "invitation", "is not open");
      });
  if (!changed && redeemed) {
    spdlog::error("event=join_failed why=\"{}\"", to_string(changed.error()));
    return false;
  }
  if (!redeemed) return false;
  const std::lock_guard lock(mutex_);
  looked_at_ = {};
  read_where_changed();
  return true;
}

AllowList::Stamp AllowList::stamp() const {
  struct stat status{};
  if (::stat(file_.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
          status.st_size};
}

// The stamp is taken first: what changes while it is read is read again.
Result<void> AllowList::read() {
  read_at_ = stamp();
  looked_at_ = std::chrono::steady_clock::now();
  auto allowed = read_allow_list(file_.parent_path());
  if (!allowed) return tl::unexpected(allowed.error());
  allowed_ = std::move(*allowed);
  return {};
}

void AllowList::read_where_changed() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_ < kNoticedWithin) return;
  looked_at_ = now;
  if (stamp() == read_at_) return;
  if (const auto again = read(); !again) {
    allowed_ = {};
    spdlog::error("event=allow_list_unreadable why=\"{}\"", to_string(again.error()));
  }
}

}  // namespace firesweep
