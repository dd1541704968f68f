// keys make, invite, list, revoke, join: who may connect to this user's coordinators. All but join
// change files of this user's; coordinators that run notice at once.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/report/render/render.h"
#include "coordinator/server/allow_list.h"
#include "coordinator/store/lock.h"
#include "shared/base/clock.h"
#include "shared/base/near_miss.h"
#include "shared/base/shell.h"
#include "shared/transport/address.h"
#include "shared/transport/joining.h"
#include "shared/transport/key_files.h"
#include "shared/transport/private_file.h"
#include "shared/transport/reachable.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr double kShortestInvitation = 1;
constexpr double kLongestInvitation = 30 * 24 * 3600.0;
constexpr std::size_t kDigitsShown = 16;
constexpr const char* kExpiresDefault = "1h";

Result<Role> role_in(const Parsed& parsed) {
  const std::string word = parsed.value<std::string>("role");
  if (const auto role = parse_invited_role(word)) return *role;
  std::vector<std::string_view> possible;
  for (const Role role : kInvitedRoles) possible.push_back(to_string(role));
  return fail(ErrorCode::kBadInput, "--role",
              "found \"" + word + "\", expected worker, client or client-read",
              did_you_mean(word, possible));
}

// How another host reaches the target's coordinator.
Result<std::string> address_in(const Target& target) {
  if (target.coordinator) {
    const auto parsed = parse_address(*target.coordinator, false);
    if (!parsed) return tl::unexpected(parsed.error());
    if (parsed->takes_keys()) return *target.coordinator;
    return fail(ErrorCode::kBadInput, *target.coordinator, "asks nobody for a key",
                "an invitation is for a coordinator at tcp://…");
  }
  assert(target.database);
  const auto owner = find_owner(*target.database);
  if (!owner || owner->address.empty()) {
    return fail(ErrorCode::kNotFound, target.database->string(), "no coordinator serves it now",
                "start `firesweep serve`, or say how other hosts reach it: --coordinator "
                "tcp://HOST:5555");
  }
  std::string way = ways_to(owner->address).front();
  const auto parsed = parse_address(way, false);
  if (parsed && parsed->takes_keys() && !parsed->local()) return way;
  return fail(ErrorCode::kBadInput, owner->address,
              parsed && parsed->insecure ? "asks nobody for a key"
                                         : "other hosts cannot reach this address",
              "serve with --listen tcp://*:5555; or, where they reach it by another name, give it: "
              "--coordinator tcp://HOST:5555");
}

std::vector<std::string> command_to_paste(Role role, const std::string& address,
                                          const Invitation& invitation) {
  if (role == Role::kWorker) {
    return {"firesweep-worker", "--coordinator", address, "--join", to_string(invitation)};
  }
  return {"firesweep", "keys", "join", to_string(invitation), "--coordinator", address};
}

Result<std::vector<std::string>> invite(const Parsed& parsed) {
  const auto role = role_in(parsed);
  if (!role) return tl::unexpected(role.error());
  const double seconds = parsed.value<TypedDuration>("expires").seconds;
  if (!(seconds >= kShortestInvitation && seconds <= kLongestInvitation)) {
    return fail(ErrorCode::kBadInput, "--expires", "expected 1 second to 720h",
                std::string("the default is --expires ") + kExpiresDefault);
  }
  const auto target = target_of(parsed);
  if (!target) return tl::unexpected(target.error());
  const auto address = address_in(*target);
  if (!address) return tl::unexpected(address.error());
  const auto folder = configuration_folder();
  if (!folder) return tl::unexpected(folder.error());
  const auto coordinator = read_or_make_key(*folder / kCoordinatorKeyFile);
  if (!coordinator) return tl::unexpected(coordinator.error());
  const UtcTime expires = system_now().utc + UtcTime(static_cast<std::int64_t>(seconds * 1000));
  const auto token = open_invitation(*folder, *role, expires);
  if (!token) return tl::unexpected(token.error());
  return command_to_paste(*role, *address, {coordinator->public_key, *token});
}

int keys_invite(const Words& words) {
  const Usage usage{
      "keys invite", "",
      "Prints one command to paste on another host, or as another user. It makes a key\n"
      "there, and that key known here. It works once.",
      0, 0};
  po::options_description options("Options");
  options.add_options()("role",
                        po::value<std::string>()->value_name("ROLE")->default_value("worker"),
                        "worker: trains; client: submits, steers and looks; client-read: looks")(
      "expires",
      po::value<TypedDuration>()->value_name("DURATION")->default_value({3600}, kExpiresDefault),
      "how long the command works, as in 90 (seconds), 90m or 24h");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto command = invite(parsed);
  if (!command) return report_error(usage.verb, command.error());
  std::cerr << "Paste this there; it works once, and until it expires:\n\n" << std::flush;
  std::cout << shell_command(*command) << "\n";
  return kDone;
}

int keys_make(const Words& words) {
  const Usage usage{
      "keys make", "",
      "Makes this user's keys where there are none yet. Nobody needs it where firesweep\n"
      "runs: it is for keys that are handed to containers as secrets.",
      0, 0};
  const Parsed parsed = parse(usage, po::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  const auto folder = configuration_folder();
  if (!folder) return report_error(usage.verb, folder.error());
  for (const char* file : {kCoordinatorKeyFile, kOwnKeyFile}) {
    const auto key = read_or_make_key(*folder / file);
    if (!key) return report_error(usage.verb, key.error());
    std::cout << (*folder / file).string() << "\n";
  }
  return kDone;
}

// The key of whoever types this, where there is one.
Result<std::optional<PublicKey>> own_key(const std::filesystem::path& folder) {
  const auto text = read_private(folder / kOwnKeyFile);
  if (!text) return tl::unexpected(text.error());
  if (!*text) return std::nullopt;
  const auto pair = read_or_make_key(folder / kOwnKeyFile);
  if (!pair) return tl::unexpected(pair.error());
  return pair->public_key;
}

Table table_of(const AllowedKeys& allowed, const std::optional<PublicKey>& owner, bool whole) {
  const auto shown = [whole](const PublicKey& key) {
    return Value(to_string(key).substr(0, whole ? std::string::npos : kDigitsShown));
  };
  Table table;
  table.columns = {{"key", "Key"},
                   {"role", "Role"},
                   {"name", "Host"},
                   {"since_ms", "Known since", Unit::kTimeMs, Shown::kWherePresent},
                   {"expires_ms", "Invitation expires", Unit::kTimeMs, Shown::kWherePresent}};
  if (owner) {
    table.rows.push_back({shown(*owner), Value(std::string(to_string(Role::kOwner))),
                          Value(std::string("(you)")), std::nullopt, std::nullopt});
  }
  for (const AllowedKey& row : allowed.keys) {
    table.rows.push_back({shown(row.key), Value(std::string(to_string(row.role))), Value(row.name),
                          Value(row.since.count()), std::nullopt});
  }
  for (const OpenInvitation& one : allowed.invitations) {
    table.rows.push_back({std::nullopt, Value(std::string(to_string(one.role))), std::nullopt,
                          std::nullopt, Value(one.expires.count())});
  }
  table.when_empty = "no key is known yet; `firesweep serve` makes this user's";
  return table;
}

int keys_list(const Words& words) {
  const Usage usage{"keys list", "",
                    "Who may connect to this user's coordinators, and which invitations are open.",
                    0, 0};
  po::options_description options("Options");
  options.add_options()("format,f", po::value<std::string>()->value_name("FORMAT"),
                        "table, csv or json (default: table)");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto format = checked_format(parsed, {"table", "csv", "json"});
  if (!format) return report_error(usage.verb, format.error());
  const auto folder = configuration_folder();
  if (!folder) return report_error(usage.verb, folder.error());
  auto allowed = read_allow_list(*folder);
  if (!allowed) return report_error(usage.verb, allowed.error());
  allowed->forget_expired(system_now().utc);
  const auto owner = own_key(*folder);
  if (!owner) return report_error(usage.verb, owner.error());
  const Table table = table_of(*allowed, *owner, *format != "table");
  std::cout << (*format == "table" ? render_text(table)
                : *format == "csv" ? render_csv(table)
                                   : render_json(table));
  return kDone;
}

int keys_revoke(const Words& words) {
  const Usage usage{"keys revoke", "KEY | HOST",
                    "Forgets a key, with all its roles: its connections are neither heard nor\n"
                    "answered from now on. KEY may be its first digits, as `keys list` shows them.",
                    1, 1};
  const Parsed parsed = parse(usage, po::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  const auto folder = configuration_folder();
  if (!folder) return report_error(usage.verb, folder.error());
  std::vector<AllowedKey> revoked;
  const auto changed = change_allow_list(*folder, [&](AllowedKeys& allowed) -> Result<void> {
    auto rows = allowed.revoke(parsed.positional[0]);
    if (!rows) return tl::unexpected(rows.error());
    revoked = std::move(*rows);
    return {};
  });
  if (!changed) return report_error(usage.verb, changed.error());
  for (const AllowedKey& row : revoked) {
    std::cout << "revoked " << to_string(row.key).substr(0, kDigitsShown) << " of " << row.name
              << ", which was a " << to_string(row.role) << "\n";
  }
  return kDone;
}

std::string name_of_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

int keys_join(const Words& words) {
  const Usage usage{
      "keys join", "INVITATION --coordinator ADDR",
      "Makes this user's key known to a coordinator elsewhere, by what `firesweep keys\n"
      "invite` printed there.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("coordinator", po::value<std::string>()->value_name("ADDR")->required(),
                        "where it listens, as in tcp://head:5555");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto invitation = parse_invitation(parsed.positional[0]);
  if (!invitation) return report_error(usage.verb, invitation.error());
  const std::string address = parsed.value<std::string>("coordinator");
  const auto joined = join(address, *invitation, name_of_host());
  if (!joined) return report_error(usage.verb, joined.error());
  std::cout << "this user's key is known at " << address << " now; for example:\n  "
            << shell_command({"firesweep", "status", "--coordinator", address}) << "\n";
  return kDone;
}

struct KeysVerb {
  std::string_view name;
  int (*run)(const Words&);
};

constexpr std::array<KeysVerb, 5> kKeysVerbs = {{{"make", keys_make},
                                                 {"invite", keys_invite},
                                                 {"list", keys_list},
                                                 {"revoke", keys_revoke},
                                                 {"join", keys_join}}};

}  // namespace

int verb_keys(const Words& words) {
  if (!words.empty()) {
    for (const KeysVerb& verb : kKeysVerbs) {
      if (words[0] == verb.name) return verb.run({words.begin() + 1, words.end()});
    }
  }
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    std::cout
        << "Usage: firesweep keys invite [--role worker|client|client-read] [--expires 1h]\n"
           "       firesweep keys list [-f table|csv|json]\n"
           "       firesweep keys revoke KEY | HOST\n"
           "       firesweep keys make\n"
           "       firesweep keys join INVITATION --coordinator ADDR\n\n"
           "Who may connect to this user's coordinators. On one host nobody needs it: a user's\n"
           "own programs know each other by their keys in ~/.config/firesweep.\n";
    return kDone;
  }
  std::array<std::string_view, kKeysVerbs.size()> names{};
  std::transform(kKeysVerbs.begin(), kKeysVerbs.end(), names.begin(),
                 [](const KeysVerb& verb) { return verb.name; });
  const std::string found = words.empty() ? "nothing" : "\"" + words[0] + "\"";
  return report_error(
      "keys",
      {ErrorCode::kBadInput, "", "found " + found + ", expected make, invite, list, revoke or join",
       words.empty() ? "`firesweep keys --help` tells them apart" : did_you_mean(words[0], names)});
}

}  // namespace firesweep
