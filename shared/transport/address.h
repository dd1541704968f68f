// Addresses as users type them, checked before libzmq gets them.
#pragma once

#include <string>

#include "shared/base/error.h"

namespace firesweep {

inline constexpr std::size_t kMaxIpcPathBytes = 107;  // sockaddr_un's room, less its final NUL

struct Address {
  enum class Kind { kIpc, kTcp };
  Kind kind = Kind::kIpc;
  std::string path;   // of ipc; "*" is a private temporary one
  std::string host;   // of tcp, without brackets: a name, an address or "*"
  bool ipv6 = false;  // the host was in brackets
  bool free_port = false;
  bool insecure = false;  // written insecure-tcp://: a coordinator that asks for no keys

  // Whether only this machine can reach it.
  bool local() const;
  // Connections are encrypted and both sides prove who they are.
  bool takes_keys() const { return kind == Kind::kTcp && !insecure; }
};

inline constexpr const char* kInsecurePrefix = "insecure-";

// Parses "ipc://PATH", "tcp://HOST:PORT" and "insecure-tcp://HOST:PORT"; HOST is a name, an IPv4
// address or an IPv6 address in brackets. The host "*", the path "*" and the ports "*" and 0 are
// only valid to bind. kBadInput says what is wrong and shows an example. Pure.
Result<Address> parse_address(const std::string& text, bool to_bind);

// An address as libzmq knows it. Pure.
std::string without_insecure(const std::string& address);

}  // namespace firesweep
