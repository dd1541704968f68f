#include "shared/transport/curve_keys.h"

#include <algorithm>
#include <stdexcept>
#include <zmq.hpp>

namespace firesweep {
namespace {

constexpr std::size_t kZ85Bytes = 40;  // of 32 bytes; and a NUL

using Z85 = std::array<char, kZ85Bytes + 1>;
using Bytes = std::array<std::uint8_t, kKeyBytes>;

Bytes from_z85(const Z85& text) {
  Bytes bytes{};
  if (zmq_z85_decode(bytes.data(), text.data()) == nullptr) {
    throw std::runtime_error("libzmq made a key that it cannot read");
  }
  return bytes;
}

std::string hex(const std::uint8_t* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

KeyPair make_key_pair() {
  Z85 public_text{}, secret_text{};
  if (zmq_curve_keypair(public_text.data(), secret_text.data()) != 0) {
    throw std::runtime_error("this libzmq has no CURVE: it was built without libsodium");
  }
  return {{from_z85(public_text)}, {from_z85(secret_text)}};
}

PublicKey public_key_of(const SecretKey& secret) {
  Z85 public_text{}, secret_text{};
  if (zmq_z85_encode(secret_text.data(), secret.bytes.data(), kKeyBytes) == nullptr ||
      zmq_curve_public(public_text.data(), secret_text.data()) != 0) {
    throw std::runtime_error("this libzmq has no CURVE: it was built without libsodium");
  }
  return {from_z85(public_text)};
}

std::string to_string(const PublicKey& key) { return hex(key.bytes.data(), key.bytes.size()); }

std::string hex_of(std::string_view bytes) {
  return hex(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::optional<std::string> bytes_of_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_of(text[i]), low = digit_of(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::optional<PublicKey> parse_public_key(std::string_view text) {
  const auto bytes = bytes_of_hex(text);
  if (!bytes || bytes->size() != kKeyBytes) return std::nullopt;
  PublicKey key;
  std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
  return key;
}

std::uint64_t session_mark(const PublicKey& key) {
  std::uint64_t mark = 0;
  for (std::size_t i = 0; i < sizeof mark; ++i) mark = mark << 8 | key.bytes[i];
  return mark;
}

}  // namespace firesweep
