#include "worker/training/safetensors.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "worker/datasets/checksum.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

using Json = nlohmann::ordered_json;

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMostDimensions = 8;
constexpr char kTexts[] = "__metadata__";
constexpr char kChecksum[] = "sha256";
constexpr std::size_t kChecksumDigits = 64;

constexpr std::array<std::pair<at::ScalarType, const char*>, 6> kTypes{{{at::kByte, "U8"},
                                                                        {at::kBool, "BOOL"},
                                                                        {at::kInt, "I32"},
                                                                        {at::kLong, "I64"},
                                                                        {at::kFloat, "F32"},
                                                                        {at::kDouble, "F64"}}};

const char* type_name(at::ScalarType type) {
  const auto* const found = std::ranges::find(kTypes, type, &decltype(kTypes)::value_type::first);
  assert(found != kTypes.end());
  return found->second;
}

std::optional<at::ScalarType> type_named(const std::string& name) {
  const auto* const found = std::ranges::find(kTypes, name, &decltype(kTypes)::value_type::second);
  return found == kTypes.end() ? std::nullopt : std::optional(found->first);
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
  header[kTexts] = texts;
  std::size_t begin = 0;
  for (const NamedTensor& entry : ordered) {
    const std::size_t end = begin + entry.tensor.nbytes();
    header[entry.name] = {{"dtype", type_name(entry.tensor.scalar_type())},
                          {"shape", entry.tensor.sizes().vec()},
                          {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
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

// The place of the checksum's digits in a header; none where it has no such text.
std::optional<std::size_t> checksum_place(const std::string& header, const std::string& digits) {
  const std::string before = std::string("\"") + kChecksum + "\":\"";
  const std::size_t found = header.find(before + digits + "\"");
  if (digits.size() != kChecksumDigits || found == std::string::npos) return std::nullopt;
  return found + before.size();
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

// The tensor that one entry of a header describes, if its bytes are the next ones of `data`.
std::optional<at::Tensor> next_tensor(const Json& entry, std::span<const std::uint8_t> data,
                                      std::size_t& begin) {
  const auto type = type_named(entry.at("dtype").get<std::string>());
  const auto sizes = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto offsets = entry.at("data_offsets").get<std::array<std::size_t, 2>>();
  if (!type || sizes.size() > kMostDimensions || offsets[0] != begin || offsets[1] < begin ||
      offsets[1] > data.size())
    return std::nullopt;
  auto bytes = static_cast<std::int64_t>(c10::elementSize(*type));
  for (const std::int64_t size : sizes)
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  if (static_cast<std::size_t>(bytes) != offsets[1] - begin) return std::nullopt;
  at::Tensor tensor = at::empty(sizes, *type);
  if (bytes > 0)
    std::memcpy(tensor.mutable_data_ptr(), data.data() + begin, static_cast<std::size_t>(bytes));
  begin = offsets[1];
  return tensor;
}

// Throws nlohmann::json::exception where the table is not that of a header.
std::optional<Safetensors> parse(const Json& table, std::span<const std::uint8_t> data) {
  Safetensors found;
  std::size_t begin = 0;
  for (const auto& [name, entry] : table.items()) {
    if (name == kTexts) {
      found.texts = entry.get<TensorTexts>();
      found.texts.erase(kChecksum);
      continue;
    }
    const auto tensor = next_tensor(entry, data, begin);
    if (!tensor) return std::nullopt;
    found.tensors.push_back({name, *tensor});
  }
  if (begin != data.size()) return std::nullopt;
  return found;
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
  with_checksum[kChecksum] = zeros;
  std::string header = header_of(ordered, with_checksum);
  const auto place = checksum_place(header, zeros);
  assert(place);
  header.replace(*place, kChecksumDigits, checksum_of(header.size(), header, ordered));
  return prepare(path, header, ordered);
}

Result<Safetensors> parse_checked_safetensors(std::span<const std::uint8_t> bytes,
                                              const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, path.string(), what);
  };
  std::uint64_t length = 0;
  if (bytes.size() < kLengthBytes) return refuse("is cut off within its first bytes");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - kLengthBytes)
    return refuse("is cut off or corrupt: its header would be longer than the file");
  const auto head = bytes.subspan(kLengthBytes, length);
  const auto data = bytes.subspan(kLengthBytes + length);
  std::string header(head.begin(), head.end());
  try {
    const Json table = Json::parse(header);
    const auto digits = table.at(kTexts).at(kChecksum).get<std::string>();
    const auto place = checksum_place(header, digits);
    if (!place) return refuse("is corrupt: its checksum is not one");
    header.replace(*place, kChecksumDigits, std::string(kChecksumDigits, '0'));
    Hasher hasher(Digest::kSha256);
    hasher.update(bytes.first(kLengthBytes));
    hasher.update(bytes_of(header));
    hasher.update(data);
    if (hasher.finish() != digits)
      return refuse("is cut off or corrupt: its checksum does not match");
    auto found = parse(table, data);
    if (!found) return refuse("has a checksum that matches but tensors that do not fit");
    return *std::move(found);
  } catch (const nlohmann::json::exception& wrong) {
    return refuse(std::string("is cut off or corrupt: its header is not readable: ") +
                  wrong.what());
  }
}

}  // namespace firesweep
