#include "worker/training/files/checkpoint_v1.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "worker/datasets/checksum.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

constexpr std::array<char, 8> kMagic = {'F', 'S', 'W', 'C', 'K', 'P', 'T', '\0'};
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kChecksumBytes = 64;

// A c10::ScalarType as such a file has it.
std::optional<ElementType> type_numbered(std::int64_t number) {
  switch (number) {
    case 0:
      return ElementType::kUint8;
    case 3:
      return ElementType::kInt32;
    case 4:
      return ElementType::kInt64;
    case 6:
      return ElementType::kFloat32;
    case 7:
      return ElementType::kFloat64;
    case 11:
      return ElementType::kBool;
    default:
      return std::nullopt;
  }
}

template <class Archive, class Sums>
void walk_sums(Archive& a, Sums& s) {
  a(s.loss), a(s.correct), a(s.images), a(s.seconds);
}
template <class Archive, class Metrics>
void walk_metrics(Archive& a, Metrics& m) {
  a(m.epoch), a(m.train_loss), a(m.train_accuracy), a(m.val_loss), a(m.val_accuracy), a(m.val_top5);
  a(m.test_accuracy), a(m.lr), a(m.seconds), a(m.images_per_s);
}
template <class Archive, class Found>
void walk_evaluation(Archive& a, Found& e) {
  a(e.loss), a(e.accuracy), a(e.top5), a(e.correct);
}
template <class Archive, class Record>
void walk(Archive& a, Record& c) {
  a(c.config_hash), a(c.seed), a(c.numeric_class), a(c.exact);
  a(c.epoch), a(c.batch), a(c.sums), a(c.train_seconds), a(c.step_seconds), a(c.step_images);
  a(c.last_epoch), a(c.best_metric), a(c.best_epoch), a(c.selected_epoch), a(c.selected);
}

// Reads fields from memory. Once something does not fit, good() is false and nothing more is read.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }

  void operator()(std::int64_t& value) { plain(value); }
  void operator()(double& value) { plain(value); }
  void operator()(bool& value) {
    std::int64_t number = 0;
    plain(number);
    if (number != 0 && number != 1) good_ = false;
    value = number == 1;
  }
  void operator()(std::string& text) {
    const auto bytes = take(length());
    text.assign(bytes.begin(), bytes.end());
  }
  void operator()(std::vector<std::uint8_t>& out) {
    const auto bytes = take(length());
    out.assign(bytes.begin(), bytes.end());
  }
  template <class T>
  void operator()(std::optional<T>& value) {
    bool present = false;
    (*this)(present);
    if (present && good_) (*this)(value.emplace());
  }
  void operator()(EpochSums& sums) { walk_sums(*this, sums); }
  void operator()(EpochMetrics& metrics) { walk_metrics(*this, metrics); }
  void operator()(Evaluation& evaluation) { walk_evaluation(*this, evaluation); }
  void operator()(std::vector<StoredTensor>& tensors) {
    for (std::int64_t left = length(); left > 0 && good_; --left) {
      StoredTensor entry;
      (*this)(entry.name);
      tensor(entry);
      if (good_) tensors.push_back(std::move(entry));
    }
  }

 private:
  void tensor(StoredTensor& entry) {
    std::int64_t number = 0, dimensions = 0;
    plain(number);
    plain(dimensions);
    const auto type = type_numbered(number);
    if (!good_ || !type || dimensions < 0 ||
        dimensions > static_cast<std::int64_t>(kMostDimensions)) {
      good_ = false;
      return;
    }
    entry.type = *type;
    entry.sizes.resize(static_cast<std::size_t>(dimensions));
    for (std::int64_t& size : entry.sizes) plain(size);
    const auto bytes = byte_count(entry.type, entry.sizes);
    if (!bytes) good_ = false;
    if (good_) entry.bytes = take(*bytes);
  }

  template <class T>
  void plain(T& value) {
    static_assert(sizeof(T) == 8 && std::is_trivially_copyable_v<T>);
    const auto bytes = take(sizeof(T));
    if (good_) std::memcpy(&value, bytes.data(), sizeof(T));
  }
  std::int64_t length() {
    std::int64_t count = 0;
    plain(count);
    if (count < 0) good_ = false;
    return count;
  }
  std::span<const std::uint8_t> take(std::int64_t count) {
    if (!good_ || count < 0 || static_cast<std::uint64_t>(count) > bytes_.size()) {
      good_ = false;
      return {};
    }
    const auto taken = bytes_.first(static_cast<std::size_t>(count));
    bytes_ = bytes_.subspan(static_cast<std::size_t>(count));
    return taken;
  }

  std::span<const std::uint8_t> bytes_;
  bool good_ = true;
};

}  // namespace

bool is_checkpoint_v1(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= kMagic.size() &&
         std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

Result<CheckpointContent> read_checkpoint_v1(std::span<const std::uint8_t> bytes,
                                             const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, path.string(), what);
  };
  if (bytes.size() < kHeaderBytes + kChecksumBytes || !is_checkpoint_v1(bytes))
    return refuse("is not a checkpoint, or is cut off within its first bytes");
  std::uint32_t version = 0;
  std::memcpy(&version, bytes.data() + kMagic.size(), sizeof version);
  if (version != 1)
    return refuse("is a checkpoint of version " + std::to_string(version) + ", expected 1");
  const auto content = bytes.first(bytes.size() - kChecksumBytes);
  Hasher hasher(Digest::kSha256);
  hasher.update(content);
  const std::string found = hasher.finish();
  if (std::memcmp(found.data(), content.data() + content.size(), kChecksumBytes) != 0)
    return refuse("is cut off or corrupt: its checksum does not match");

  CheckpointContent read;
  Reader reader(content.subspan(kHeaderBytes));
  walk(reader, read.fields);
  reader(read.tensors);
  if (!reader.good() || !reader.at_end())
    return refuse("has a checksum that matches but fields that do not fit");
  return read;
}

}  // namespace firesweep
