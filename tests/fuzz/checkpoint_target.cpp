#include <cstring>
#include <vector>

#include "tests/fuzz/targets.h"
#include "worker/datasets/checksum.h"
#include "worker/training/files/checkpoint_reader.h"
#include "worker/training/files/checkpoint_v1.h"
#include "worker/training/files/safetensors_reader.h"

namespace firesweep::fuzz {
namespace {

std::string sha256_of(Bytes bytes) {
  Hasher hasher(Digest::kSha256);
  hasher.update(bytes);
  return hasher.finish();
}

// Writes the right checksum where one belongs, as whoever makes such a file can.
void put_checksum(std::vector<std::uint8_t>& bytes) {
  if (is_checkpoint_v1(bytes)) {
    if (bytes.size() < kChecksumDigits) return;
    const std::size_t content = bytes.size() - kChecksumDigits;
    const std::string digits = sha256_of(Bytes(bytes).first(content));
    std::memcpy(bytes.data() + content, digits.data(), digits.size());
    return;
  }
  const std::string before = std::string("\"") + kTensorChecksum + "\":\"";
  const std::size_t found = text_of(bytes).find(before);
  if (found == std::string_view::npos) return;
  const std::size_t place = found + before.size();
  if (bytes.size() - place < kChecksumDigits) return;
  std::memset(bytes.data() + place, '0', kChecksumDigits);
  const std::string digits = sha256_of(bytes);
  std::memcpy(bytes.data() + place, digits.data(), digits.size());
}

}  // namespace

void try_checkpoint(Bytes bytes) {
  std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
  put_checksum(file);
  const auto content = read_checkpoint_content(file, "x");
  if (!content) return require(!content.error().what.empty(), "a refusal says what is wrong");
  std::size_t all = 0;
  for (const StoredTensor& tensor : content->tensors) {
    const auto expected = byte_count(tensor.type, tensor.sizes);
    require(expected && static_cast<std::size_t>(*expected) == tensor.bytes.size(),
            "a tensor has the bytes that its sizes say");
    require(tensor.bytes.empty() ||
                (tensor.bytes.data() >= file.data() &&
                 tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size()),
            "a tensor lies within the file");
    all += tensor.bytes.size();
  }
  require(all <= file.size(), "tensors do not overlap");
}

}  // namespace firesweep::fuzz
