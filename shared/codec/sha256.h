// SHA-256 of text, for identities.
#pragma once

#include <string>
#include <string_view>

namespace firesweep {

// 64 lower-case hexadecimal digits. Throws std::runtime_error if OpenSSL has no SHA-256. Pure.
std::string sha256_hex(std::string_view text);

}  // namespace firesweep
