// Keys of CURVE (RFC 26): who somebody is, and how that is proved. Plain data and their text; the
// files they lie in are key_files.h's.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firesweep {

inline constexpr std::size_t kKeyBytes = 32;

// Says who one is. May be shown.
struct PublicKey {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

// Proves it. Never printed or logged.
struct SecretKey {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  friend bool operator==(const SecretKey&, const SecretKey&) = default;
};

struct KeyPair {
  PublicKey public_key;
  SecretKey secret;
  friend bool operator==(const KeyPair&, const KeyPair&) = default;
};

// What it takes to reach a coordinator.
struct CallerKeys {
  KeyPair own;
  PublicKey coordinator;
};

// A fresh pair. Throws std::runtime_error where libzmq has no CURVE.
KeyPair make_key_pair();
// The public key that belongs to a secret one.
PublicKey public_key_of(const SecretKey& secret);

// 64 lower-case hexadecimal digits: a shell needs no quotes for them. Pure.
std::string to_string(const PublicKey& key);
std::string hex_of(std::string_view bytes);
// Nothing where the text is not exactly so. Pure.
std::optional<PublicKey> parse_public_key(std::string_view text);
std::optional<std::string> bytes_of_hex(std::string_view text);

// How the sessions of a worker that connects with this key begin (SessionId::high). To speak for
// another's session takes a key that begins like the other's: 2^64 tries. Pure.
std::uint64_t session_mark(const PublicKey& key);

}  // namespace firesweep
