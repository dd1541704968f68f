#include "worker/datasets/checksum.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include "worker/datasets/file.h"

namespace firesweep {

const char* digest_name(Digest digest) { return digest == Digest::kSha256 ? "sha256" : "md5"; }

void Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Hasher::Hasher(Digest digest) : context_(EVP_MD_CTX_new()) {
  const EVP_MD* kind = digest == Digest::kSha256 ? EVP_sha256() : EVP_md5();
  if (!context_ || EVP_DigestInit_ex(context_.get(), kind, nullptr) != 1) {
    throw std::runtime_error(std::string("OpenSSL offers no ") + digest_name(digest));
  }
}

void Hasher::update(std::span<const std::uint8_t> bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) {
    throw std::runtime_error("OpenSSL could not continue a checksum");
  }
}

std::string Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1) {
    throw std::runtime_error("OpenSSL could not finish a checksum");
  }
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(std::size_t{2} * length);
  for (unsigned int i = 0; i < length; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

Result<std::string> file_checksum(const std::filesystem::path& path, Digest digest) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return io_failure(path, "cannot be opened");
  Hasher hasher(digest);
  std::vector<std::uint8_t> buffer(std::size_t{1} << 20);
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failure(path, "cannot be read");
    if (got == 0) return hasher.finish();
    hasher.update({buffer.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace firesweep
