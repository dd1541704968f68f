#include "worker/training/safetensors.h"

#include <c10/core/ScalarType.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <span>
#include <vector>

#include "shared/base/json_quote.h"
#include "worker/datasets/file.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

constexpr std::size_t kAlignment = 8;

const char* dtype_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return "F32";
    case at::kDouble:
      return "F64";
    case at::kLong:
      return "I64";
    default:
      assert(false);
      return "";
  }
}

std::string header_of(const NamedTensors& tensors,
                      const std::map<std::string, std::string>& metadata) {
  std::string json = "{\"__metadata__\":{";
  for (const auto& [name, text] : metadata) {
    if (json.back() != '{') json += ',';
    json += json_quoted(name) + ":" + json_quoted(text);
  }
  json += '}';
  std::size_t begin = 0;
  for (const NamedTensor& entry : tensors) {
    const std::size_t end = begin + entry.tensor.nbytes();
    json += "," + json_quoted(entry.name) + ":{\"dtype\":\"" + dtype_of(entry.tensor) +
            "\",\"shape\":[";
    for (std::int64_t i = 0; i < entry.tensor.dim(); ++i)
      json += (i > 0 ? "," : "") + std::to_string(entry.tensor.size(i));
    json += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    begin = end;
  }
  json += '}';
  json.append((kAlignment - json.size() % kAlignment) % kAlignment, ' ');
  return json;
}

std::span<const std::uint8_t> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::uint8_t*>(data), size};
}

}  // namespace

Result<void> write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                               const std::map<std::string, std::string>& metadata) {
  NamedTensors ordered;
  for (const NamedTensor& entry : tensors)
    ordered.push_back({entry.name, entry.tensor.detach().to(at::kCPU).contiguous()});
  std::ranges::stable_partition(
      ordered, [](const NamedTensor& entry) { return entry.tensor.element_size() == kAlignment; });

  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected<Error>(file.error());
  const std::string header = header_of(ordered, metadata);
  const std::uint64_t length = header.size();
  auto written = file->write(bytes_of(&length, sizeof length));
  if (written) written = file->write(bytes_of(header.data(), header.size()));
  for (const NamedTensor& entry : ordered) {
    if (written)
      written = file->write(bytes_of(entry.tensor.const_data_ptr(), entry.tensor.nbytes()));
  }
  if (!written) return written;
  return file->commit();
}

}  // namespace firesweep
