#include "shared/transport/key_files.h"

#include <sstream>
#include <vector>

#include "shared/transport/address.h"
#include "shared/transport/private_file.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "firesweep key 1\n";
constexpr std::string_view kSecret = "secret ";
constexpr std::string_view kPublic = "public ";

std::string text_of(const KeyPair& pair) {
  const std::string_view secret(reinterpret_cast<const char*>(pair.secret.bytes.data()), kKeyBytes);
  return std::string(kHead) + std::string(kSecret) + hex_of(secret) + "\n" + std::string(kPublic) +
         to_string(pair.public_key) + "\n";
}

Result<KeyPair> parse_key(const fs::path& file, const std::string& text) {
  const auto damaged = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, file.string(), "is damaged: " + what,
                "restore it from a copy; or remove it: a new key is made, and who knew the old one "
                "must be invited again");
  };
  std::string_view rest = text;
  if (!rest.starts_with(kHead)) return damaged("it does not begin with \"firesweep key 1\"");
  rest.remove_prefix(kHead.size());
  const std::size_t line = kSecret.size() + 2 * kKeyBytes + 1;
  if (rest.size() != 2 * line || !rest.starts_with(kSecret) ||
      !rest.substr(line).starts_with(kPublic)) {
    return damaged("expected a line \"secret …\" and a line \"public …\"");
  }
  const auto secret = parse_public_key(rest.substr(kSecret.size(), 2 * kKeyBytes));
  const auto shown = parse_public_key(rest.substr(line + kPublic.size(), 2 * kKeyBytes));
  if (!secret || !shown) return damaged("a key is no 64 hexadecimal digits");
  const SecretKey whole{secret->bytes};
  if (public_key_of(whole) != *shown) return damaged("the public key is not that of the secret");
  return KeyPair{*shown, whole};
}

struct Known {
  std::string address;
  PublicKey key;
};

Result<std::vector<Known>> parse_known(const fs::path& file, const std::string& text) {
  std::vector<Known> all;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = line.find(' ');
    const auto key = space == std::string::npos
                         ? std::nullopt
                         : parse_public_key(std::string_view(line).substr(space + 1));
    if (!key) {
      return fail(ErrorCode::kBadInput, file.string() + ":" + std::to_string(number),
                  "expected an address, a blank and 64 hexadecimal digits", "remove the line");
    }
    all.push_back({line.substr(0, space), *key});
  }
  return all;
}

Result<std::vector<Known>> read_known(const fs::path& file) {
  const auto text = read_private(file);
  if (!text) return tl::unexpected(text.error());
  return parse_known(file, text->value_or(""));
}

// Of this user's own coordinators; nothing where this user has none and may not get one here.
Result<std::optional<PublicKey>> own_coordinator(const fs::path& folder, bool make) {
  const fs::path file = folder / kCoordinatorKeyFile;
  std::error_code ignored;
  if (!make && !fs::exists(file, ignored)) return std::nullopt;
  const auto pair = read_or_make_key(file);
  if (!pair) return tl::unexpected(pair.error());
  return pair->public_key;
}

}  // namespace

Result<KeyPair> read_or_make_key(const fs::path& file) {
  auto text = read_private(file);
  if (!text) return tl::unexpected(text.error());
  if (!*text) {
    const auto made = create_private(file, text_of(make_key_pair()));
    if (!made) return tl::unexpected(made.error());
    text = read_private(file);
    if (!text) return tl::unexpected(text.error());
  }
  return parse_key(file, text->value_or(""));
}

Result<std::optional<PublicKey>> known_coordinator(const fs::path& folder,
                                                   const std::string& address) {
  const auto all = read_known(folder / kCoordinatorsFile);
  if (!all) return tl::unexpected(all.error());
  for (const Known& one : *all) {
    if (one.address == address) return one.key;
  }
  return std::nullopt;
}

Result<void> remember_coordinator(const fs::path& folder, const std::string& address,
                                  const PublicKey& key) {
  const fs::path file = folder / kCoordinatorsFile;
  return change_private(file, [&](const std::optional<std::string>& before) -> Result<std::string> {
    const auto all = parse_known(file, before.value_or(""));
    if (!all) return tl::unexpected(all.error());
    std::string after = "# Coordinators elsewhere: address and public key.\n";
    for (const Known& one : *all) {
      if (one.address != address) after += one.address + " " + to_string(one.key) + "\n";
    }
    return after + address + " " + to_string(key) + "\n";
  });
}

Result<std::optional<CallerKeys>> keys_to(const std::string& address) {
  const auto parsed = parse_address(address, false);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->takes_keys()) return std::nullopt;
  const auto folder = configuration_folder();
  if (!folder) return tl::unexpected(folder.error());
  auto coordinator = known_coordinator(*folder, address);
  if (coordinator && !*coordinator) coordinator = own_coordinator(*folder, parsed->local());
  if (!coordinator) return tl::unexpected(coordinator.error());
  const std::optional<PublicKey>& key = *coordinator;
  if (!key) {
    return fail(ErrorCode::kNotFound, address, "this user has no key of the coordinator there",
                "paste here what `firesweep keys invite` prints on the coordinator's host; one "
                "that was started with --insecure is reached as insecure-" +
                    address);
  }
  const auto own = read_or_make_key(*folder / kOwnKeyFile);
  if (!own) return tl::unexpected(own.error());
  return CallerKeys{*own, *key};
}

}  // namespace firesweep
