// Checksums of bytes and files, computed as a stream by OpenSSL. The callers compare them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "shared/base/error.h"

struct evp_md_ctx_st;

namespace firesweep {

enum class Digest { kSha256, kMd5 };

// "sha256" or "md5".
const char* digest_name(Digest digest);

// One running checksum. Not thread-safe; movable.
class Hasher {
 public:
  // Throws std::runtime_error if OpenSSL has no such digest (md5 under FIPS).
  explicit Hasher(Digest digest);

  void update(std::span<const std::uint8_t> bytes);

  // The checksum of all bytes so far, in lower-case hexadecimal. Add nothing afterwards.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// The checksum of a whole file, read in pieces; kIo if it cannot be read. Safe from any thread.
Result<std::string> file_checksum(const std::filesystem::path& path, Digest digest);

}  // namespace firesweep
