#include "worker/training/safetensors.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/datasets/checksum.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

using Json = nlohmann::ordered_json;

constexpr std::size_t kHeaderAlignment = 8;
constexpr std::size_t kLengthBytes = 8;

constexpr std::array<std::pair<at::ScalarType, ElementType>, 6> kTypes{
    {{at::kByte, ElementType::kUint8},
     {at::kBool, ElementType::kBool},
     {at::kInt, ElementType::kInt32},
     {at::kLong, ElementType::kInt64},
     {at::kFloat, ElementType::kFloat32},
     {at::kDouble, ElementType::kFloat64}}};

std::string_view type_name(at::ScalarType type) {
  const auto* const found = std::ranges::find(kTypes, type, &decltype(kTypes)::value_type::first);
  assert(found != kTypes.end());
  return word_of(found->second);
}

at::ScalarType scalar_type(ElementType type) {
  return std::ranges::find(kTypes, type, &decltype(kTypes)::value_type::second)->first;
}

// On the CPU, in row-major order, in the order of the file.
NamedTensors laid_out(const NamedTensors& tensors) {
  NamedTensors ordered;
  for (const NamedTensor& entry : tensors)
    ordered.push_back({entry.name, entry.tensor.detach().to(at::kCPU).contiguous()});
  std::ranges::stable_sort(ordered, std::greater{},
                           [](const NamedTensor& entry) { return entry.tensor.element_size(); });
  return ordered;
}

std::string header_of(const NamedTensors& ordered, const TensorTexts& texts) {
  Json header;
  header[kTensorTexts] = texts;
  std::size_t begin = 0;
  for (const NamedTensor& entry : ordered) {
    const std::size_t end = begin + entry.tensor.nbytes();
    header[entry.name] = {{"dtype", type_name(entry.tensor.scalar_type())},
                          {"shape", entry.tensor.sizes().vec()},
                          {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((kHeaderAlignment - text.size() % kHeaderAlignment) % kHeaderAlignment, ' ');
  return text;
}

std::span<const std::uint8_t> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::uint8_t*>(data), size};
}
std::span<const std::uint8_t> bytes_of(const at::Tensor& tensor) {
  return bytes_of(tensor.const_data_ptr(), tensor.nbytes());
}
std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return bytes_of(text.data(), text.size());
}

std::string checksum_of(std::uint64_t length, const std::string& header_with_zeros,
                        const NamedTensors& ordered) {
  Hasher hasher(Digest::kSha256);
  hasher.update(bytes_of(&length, sizeof length));
  hasher.update(bytes_of(header_with_zeros));
  for (const NamedTensor& entry : ordered) hasher.update(bytes_of(entry.tensor));
  return hasher.finish();
}

Result<AtomicFile> prepare(const std::filesystem::path& path, const std::string& header,
                           const NamedTensors& ordered) {
  auto file = AtomicFile::create(path);
  if (!file) return file;
  const std::uint64_t length = header.size();
  auto written = file->write(bytes_of(&length, sizeof length));
  if (written) written = file->write(bytes_of(header));
  for (const NamedTensor& entry : ordered)
    if (written) written = file->write(bytes_of(entry.tensor));
  if (!written) return tl::unexpected<Error>(written.error());
  return file;
}

}  // namespace

Result<void> write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                               const TensorTexts& texts) {
  const NamedTensors ordered = laid_out(tensors);
  auto file = prepare(path, header_of(ordered, texts), ordered);
  if (!file) return tl::unexpected<Error>(file.error());
  return file->commit();
}

Result<AtomicFile> prepare_checked_safetensors(const std::filesystem::path& path,
                                               const NamedTensors& tensors,
                                               const TensorTexts& texts) {
  const NamedTensors ordered = laid_out(tensors);
  TensorTexts with_checksum = texts;
  const std::string zeros(kChecksumDigits, '0');
  with_checksum[kTensorChecksum] = zeros;
  std::string header = header_of(ordered, with_checksum);
  const auto place = checksum_place(header, zeros);
  assert(place);
  header.replace(*place, kChecksumDigits, checksum_of(header.size(), header, ordered));
  return prepare(path, header, ordered);
}

at::Tensor to_tensor(const StoredTensor& stored) {
  at::Tensor tensor = at::empty(stored.sizes, scalar_type(stored.type));
  if (!stored.bytes.empty())
    std::memcpy(tensor.mutable_data_ptr(), stored.bytes.data(), stored.bytes.size());
  return tensor;
}

}  // namespace firesweep
