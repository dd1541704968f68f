#include "worker/training/files/safetensors_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "worker/datasets/checksum.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

constexpr std::size_t kLengthBytes = 8;

constexpr std::array<std::pair<ElementType, std::string_view>, 6> kWords{
    {{ElementType::kUint8, "U8"},
     {ElementType::kBool, "BOOL"},
     {ElementType::kInt32, "I32"},
     {ElementType::kInt64, "I64"},
     {ElementType::kFloat32, "F32"},
     {ElementType::kFloat64, "F64"}}};

// One entry of a header.
struct Entry {
  std::string name;
  std::optional<ElementType> type = {};
  bool has_shape = false;
  std::vector<std::int64_t> sizes = {};
  std::vector<std::uint64_t> offsets = {};  // two, once they are read
};

// Hears a header's JSON and keeps entries and texts. Anything that a header does not hold ends the
// parse with `mistake` set, so that neither depth nor odd values cost anything.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<Entry> entries;
  TensorTexts texts;
  const std::string& mistake() const { return mistake_; }

  bool null() override { return wrong("null"); }
  bool boolean(bool) override { return wrong("true or false"); }
  bool number_float(number_float_t, const string_t&) override { return wrong("a fraction"); }
  bool binary(binary_t&) override { return wrong("bytes"); }
  bool number_integer(number_integer_t) override { return wrong("a negative number"); }
  bool number_unsigned(number_unsigned_t value) override {
    if (in_ == In::kShape && entries.back().sizes.size() < kMostDimensions) {
      entries.back().sizes.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (in_ == In::kOffsets && entries.back().offsets.size() < 2) {
      entries.back().offsets.push_back(value);
      return true;
    }
    return wrong("a number");
  }
  bool string(string_t& value) override {
    if (in_ == In::kTexts) {
      if (!texts.emplace(key_, std::move(value)).second) return wrong("a text's name twice");
      return true;
    }
    if (in_ != In::kEntry || key_ != "dtype") return wrong("a text");
    const auto* const known =
        std::ranges::find(kWords, value, &decltype(kWords)::value_type::second);
    if (known == kWords.end()) return wrong("the dtype \"" + shortened(value) + "\"");
    entries.back().type = known->first;
    return true;
  }
  bool start_object(std::size_t) override {
    if (in_ == In::kNothing) return enter(In::kHeader);
    if (in_ != In::kHeader) return wrong("an object");
    if (key_ == kTensorTexts) return enter(In::kTexts);
    if (!names_.insert(key_).second) return wrong("the tensor \"" + shortened(key_) + "\" twice");
    entries.push_back({.name = std::exchange(key_, {})});
    return enter(In::kEntry);
  }
  bool end_object() override {
    if (in_ == In::kHeader) return enter(In::kNothing);
    if (in_ == In::kEntry && !is_whole(entries.back())) {
      return wrong("a tensor without dtype, shape or data_offsets");
    }
    return enter(In::kHeader);
  }
  bool start_array(std::size_t) override {
    if (in_ == In::kEntry && key_ == "shape" && !entries.back().has_shape) {
      entries.back().has_shape = true;
      return enter(In::kShape);
    }
    if (in_ == In::kEntry && key_ == "data_offsets" && entries.back().offsets.empty()) {
      return enter(In::kOffsets);
    }
    return wrong("a list");
  }
  bool end_array() override { return enter(In::kEntry); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    mistake_ = "is not JSON at byte " + std::to_string(position);
    return false;
  }

 private:
  enum class In { kNothing, kHeader, kTexts, kEntry, kShape, kOffsets };

  static bool is_whole(const Entry& entry) {
    return entry.type && entry.has_shape && entry.offsets.size() == 2;
  }
  static std::string shortened(const std::string& text) {
    constexpr std::size_t kShown = 40;
    return text.size() <= kShown ? text : text.substr(0, kShown) + "…";
  }
  bool enter(In place) {
    in_ = place;
    return true;
  }
  bool wrong(const std::string& found) {
    mistake_ = "holds " + found + " where none is expected";
    return false;
  }

  In in_ = In::kNothing;
  std::string key_;
  std::set<std::string> names_;
  std::string mistake_;
};

// Whether the digits are the checksum of the file with zeros in their place.
bool is_checksum(std::span<const std::uint8_t> length, std::string header, std::size_t place,
                 std::span<const std::uint8_t> data) {
  const std::string digits = header.substr(place, kChecksumDigits);
  header.replace(place, kChecksumDigits, std::string(kChecksumDigits, '0'));
  Hasher hasher(Digest::kSha256);
  hasher.update(length);
  hasher.update({reinterpret_cast<const std::uint8_t*>(header.data()), header.size()});
  hasher.update(data);
  return hasher.finish() == digits;
}

// The tensors that the entries describe, in the order of the data, which they fill without gaps.
std::optional<std::vector<StoredTensor>> laid_over(std::vector<Entry> entries,
                                                   std::span<const std::uint8_t> data) {
  std::ranges::stable_sort(entries, {}, &Entry::offsets);
  std::vector<StoredTensor> tensors;
  std::size_t begin = 0;
  for (Entry& entry : entries) {
    if (!entry.type) return std::nullopt;
    const auto bytes = byte_count(*entry.type, entry.sizes);
    if (!bytes || entry.offsets[0] != begin || entry.offsets[1] < begin ||
        entry.offsets[1] > data.size() ||
        entry.offsets[1] - begin != static_cast<std::uint64_t>(*bytes))
      return std::nullopt;
    tensors.push_back({std::move(entry.name), *entry.type, std::move(entry.sizes),
                       data.subspan(begin, static_cast<std::size_t>(*bytes))});
    begin = entry.offsets[1];
  }
  if (begin != data.size()) return std::nullopt;
  return tensors;
}

}  // namespace

std::string_view word_of(ElementType type) {
  const auto* const found = std::ranges::find(kWords, type, &decltype(kWords)::value_type::first);
  return found->second;
}

std::optional<std::size_t> checksum_place(const std::string& header, const std::string& digits) {
  const std::string before = std::string("\"") + kTensorChecksum + "\":\"";
  const std::size_t found = header.find(before + digits + "\"");
  if (digits.size() != kChecksumDigits || found == std::string::npos) return std::nullopt;
  return found + before.size();
}

Result<TensorFile> read_checked_safetensors(std::span<const std::uint8_t> bytes,
                                            const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, path.string(), what);
  };
  std::uint64_t length = 0;
  if (bytes.size() < kLengthBytes) return refuse("is cut off within its first bytes");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - kLengthBytes)
    return refuse("is cut off or corrupt: its header would be longer than the file");
  if (length > kMostHeaderBytes) {
    return refuse("has a header of " + std::to_string(length) + " bytes, expected at most " +
                  std::to_string(kMostHeaderBytes));
  }
  const auto head = bytes.subspan(kLengthBytes, length);
  const auto data = bytes.subspan(kLengthBytes + length);
  const std::string header(head.begin(), head.end());
  HeaderReader reader;
  if (!nlohmann::json::sax_parse(header, &reader))
    return refuse("is cut off or corrupt: its header " + reader.mistake());
  const auto digits = reader.texts.find(kTensorChecksum);
  if (digits == reader.texts.end()) return refuse("is cut off or corrupt: it has no checksum");
  const auto place = checksum_place(header, digits->second);
  if (!place) return refuse("is corrupt: its checksum is not one");
  if (!is_checksum(bytes.first(kLengthBytes), header, *place, data))
    return refuse("is cut off or corrupt: its checksum does not match");
  auto tensors = laid_over(std::move(reader.entries), data);
  if (!tensors) return refuse("has a checksum that matches but tensors that do not fit");
  reader.texts.erase(digits);
  return TensorFile{*std::move(tensors), std::move(reader.texts)};
}

}  // namespace firesweep
