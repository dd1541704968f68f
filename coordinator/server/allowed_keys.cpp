#include "coordinator/server/allowed_keys.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "shared/wire/join.h"

namespace firesweep {
namespace {

constexpr std::size_t kLeastPrefix = 8;
constexpr std::size_t kHashDigits = 64;
constexpr std::string_view kKey = "key";
constexpr std::string_view kInvitation = "invitation";

// Takes the same time wherever they differ.
bool equal_in_constant_time(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned differing = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    differing |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
  }
  return differing == 0;
}

std::optional<UtcTime> parse_time(const std::string& word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < 0) return std::nullopt;
  return UtcTime(number);
}

bool is_hash(const std::string& word) {
  return word.size() == kHashDigits && bytes_of_hex(word).has_value();
}

// False where the line is no row of the list.
bool read_row(const std::string& line, AllowedKeys& allowed) {
  std::istringstream words(line);
  std::string kind, role_word, what, time_word, name, more;
  words >> kind >> role_word >> what >> time_word >> name;
  const auto role = parse_invited_role(role_word);
  const auto time = parse_time(time_word);
  if (!role || !time || words >> more) return false;
  if (kind == kInvitation && is_hash(what) && name.empty()) {
    allowed.invitations.push_back({what, *role, *time});
    return true;
  }
  const auto key = parse_public_key(what);
  if (kind != kKey || !key || name.empty() || name != clean_host_name(name)) return false;
  allowed.keys.push_back({*key, *role, *time, name});
  return true;
}

}  // namespace

Rights AllowedKeys::rights_of(const PublicKey& key, UtcTime now) const {
  Rights rights;
  for (const AllowedKey& row : keys) {
    if (row.key == key) rights = rights | firesweep::rights_of(row.role);
  }
  const bool open = std::any_of(invitations.begin(), invitations.end(),
                                [now](const OpenInvitation& one) { return now < one.expires; });
  return rights.none() && open ? firesweep::rights_of(Role::kGuest) : rights;
}

bool AllowedKeys::redeem(const std::string& token_sha256, const PublicKey& key,
                         const std::string& name, UtcTime now) {
  auto used = invitations.end();
  for (auto one = invitations.begin(); one != invitations.end(); ++one) {
    if (equal_in_constant_time(one->token_sha256, token_sha256) && now < one->expires) used = one;
  }
  if (used == invitations.end()) return false;
  const Role role = used->role;
  invitations.erase(used);
  std::erase_if(keys, [&](const AllowedKey& row) { return row.key == key && row.role == role; });
  keys.push_back({key, role, now, clean_host_name(name)});
  return true;
}

Result<std::vector<AllowedKey>> AllowedKeys::revoke(const std::string& word) {
  const auto meant = [&](const AllowedKey& row) {
    return row.name == word ||
           (word.size() >= kLeastPrefix && firesweep::to_string(row.key).starts_with(word));
  };
  std::vector<AllowedKey> found;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(found), meant);
  if (found.empty()) {
    return fail(ErrorCode::kNotFound, word, "no key has this name or begins so",
                "`firesweep keys list` shows them; of a key the first 8 digits are enough");
  }
  std::set<PublicKey> several;
  for (const AllowedKey& row : found) several.insert(row.key);
  if (several.size() > 1) {
    return fail(ErrorCode::kConflict, word,
                "found " + std::to_string(several.size()) + " keys, expected one",
                "name the key by its first digits, as `firesweep keys list` shows it");
  }
  std::erase_if(keys, meant);
  return found;
}

void AllowedKeys::forget_expired(UtcTime now) {
  std::erase_if(invitations, [now](const OpenInvitation& one) { return one.expires <= now; });
}

std::string to_text(const AllowedKeys& allowed) {
  std::ostringstream text;
  text << "# Who may connect to this user's coordinators; `firesweep keys` writes it.\n";
  for (const AllowedKey& row : allowed.keys) {
    text << kKey << ' ' << to_string(row.role) << ' ' << to_string(row.key) << ' '
         << row.since.count() << ' ' << row.name << '\n';
  }
  for (const OpenInvitation& one : allowed.invitations) {
    text << kInvitation << ' ' << to_string(one.role) << ' ' << one.token_sha256 << ' '
         << one.expires.count() << '\n';
  }
  return text.str();
}

Result<AllowedKeys> parse_allowed_keys(const std::string& where, const std::string& text) {
  AllowedKeys allowed;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.front() == '#' || read_row(line, allowed)) continue;
    return fail(ErrorCode::kBadInput, where + ":" + std::to_string(number),
                "expected \"key ROLE KEY TIME NAME\" or \"invitation ROLE HASH TIME\"",
                "remove the line; whom it let in must be invited again");
  }
  return allowed;
}

std::string clean_host_name(std::string_view name) {
  std::string clean(name.substr(0, kMaxJoinNameBytes));
  for (char& c : clean) {
    if (c <= ' ' || c > '~') c = '?';
  }
  return clean.empty() ? "?" : clean;
}

}  // namespace firesweep
