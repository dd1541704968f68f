#include "worker/training/files/checkpoint_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "worker/training/files/checkpoint_v1.h"
#include "worker/training/files/safetensors_reader.h"

namespace firesweep {
namespace {

// Reads fields from texts. Once one is missing or is not what it should be, good() is false.
class FieldReader {
 public:
  explicit FieldReader(const TensorTexts& texts) : texts_(texts) {}
  bool good() const { return good_; }

  void operator()(const char* name, std::string& text) { text = get(name); }
  void operator()(const char* name, bool& value) {
    const std::string text = get(name);
    value = text == "true";
    if (!value && text != "false") good_ = false;
  }
  template <class Number>
  void operator()(const char* name, Number& value) {
    const std::string text = get(name);
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc{} || end != text.data() + text.size()) good_ = false;
  }
  template <class T>
  void operator()(const char* name, std::optional<T>& value) {
    if (texts_.contains(name)) (*this)(name, value.emplace());
  }
  // The part that begins with that text, made if the text is there; else null.
  template <class T>
  T* part(const char* name, std::optional<T>& part) {
    return texts_.contains(name) ? &part.emplace() : nullptr;
  }

 private:
  std::string get(const char* name) {
    const auto found = texts_.find(name);
    if (found == texts_.end()) good_ = false;
    return found == texts_.end() ? "" : found->second;
  }

  const TensorTexts& texts_;
  bool good_ = true;
};

// torch.save writes a zip archive, once a bare pickle: both may hold code, and neither is read.
bool is_pickle(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 4> kZip = {'P', 'K', 3, 4};
  constexpr std::uint8_t kProtocol = 0x80;  // the first opcode of a pickle, then a number up to 5
  if (bytes.size() >= kZip.size() && std::equal(kZip.begin(), kZip.end(), bytes.begin()))
    return true;
  return bytes.size() >= 2 && bytes[0] == kProtocol && bytes[1] >= 2 && bytes[1] <= 5;
}

std::string text_in(const TensorTexts& texts, const char* name) {
  const auto found = texts.find(name);
  return found == texts.end() ? "" : found->second;
}

Result<CheckpointContent> read_version_2(std::span<const std::uint8_t> bytes,
                                         const std::filesystem::path& path) {
  auto file = read_checked_safetensors(bytes, path);
  if (!file) return tl::unexpected<Error>(file.error());
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, path.string(), what);
  };
  if (text_in(file->texts, "format") != kCheckpointFormatText)
    return refuse("is a safetensors file, but not a checkpoint of firesweep");
  const std::string version = text_in(file->texts, "version");
  if (version != std::to_string(kCheckpointVersion)) {
    return refuse("is a checkpoint of version " + version + ", expected " +
                  std::to_string(kCheckpointVersion));
  }
  CheckpointContent content;
  FieldReader reader(file->texts);
  walk_checkpoint(reader, content.fields);
  for (StoredTensor& tensor : file->tensors) {
    if (tensor.name != kCorrectTensor) {
      content.tensors.push_back(std::move(tensor));
    } else if (content.fields.selected && tensor.type == ElementType::kUint8) {
      content.fields.selected->correct.assign(tensor.bytes.begin(), tensor.bytes.end());
    }
  }
  if (!reader.good()) return refuse("has a checksum that matches but fields that do not fit");
  return content;
}

bool counts_fit(const CheckpointFields& fields) {
  const std::int64_t counts[] = {fields.epoch,         fields.batch,       fields.sums.correct,
                                 fields.sums.images,   fields.step_images, fields.best_epoch,
                                 fields.selected_epoch};
  return std::ranges::none_of(counts, [](std::int64_t count) { return count < 0; });
}

}  // namespace

Result<CheckpointContent> read_checkpoint_content(std::span<const std::uint8_t> bytes,
                                                  const std::filesystem::path& path) {
  auto content =
      is_checkpoint_v1(bytes) ? read_checkpoint_v1(bytes, path) : read_version_2(bytes, path);
  if (!content && is_pickle(bytes)) {
    return fail(ErrorCode::kBadInput, path.string(),
                "was written by torch.save, expected a checkpoint of firesweep (safetensors)",
                "such a file can hold code and is never read");
  }
  if (content && !counts_fit(content->fields)) {
    return fail(ErrorCode::kBadInput, path.string(),
                "has a checksum that matches but counts below 0");
  }
  return content;
}

}  // namespace firesweep
