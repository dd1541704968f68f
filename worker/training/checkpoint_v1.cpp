#include "worker/training/checkpoint_v1.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "worker/datasets/checksum.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

constexpr std::array<char, 8> kMagic = {'F', 'S', 'W', 'C', 'K', 'P', 'T', '\0'};
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kChecksumBytes = 64;
constexpr std::int64_t kMaxDimensions = 8;

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
  a(c.last_epoch), a(c.best_metric), a(c.best_epoch), a(c.selected_epoch), a(c.selected),
      a(c.tensors);
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
  void operator()(NamedTensors& tensors) {
    for (std::int64_t left = length(); left > 0 && good_; --left) {
      NamedTensor entry;
      (*this)(entry.name);
      entry.tensor = tensor();
      if (good_) tensors.push_back(std::move(entry));
    }
  }

 private:
  static bool known(std::int64_t type) {
    for (const auto kind : {at::kByte, at::kInt, at::kLong, at::kFloat, at::kDouble, at::kBool})
      if (type == static_cast<std::int64_t>(kind)) return true;
    return false;
  }

  at::Tensor tensor() {
    std::int64_t type = 0, dimensions = 0;
    plain(type);
    plain(dimensions);
    if (!good_ || !known(type) || dimensions < 0 || dimensions > kMaxDimensions) return refuse();
    const auto kind = static_cast<at::ScalarType>(type);
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(dimensions));
    auto bytes = static_cast<std::int64_t>(c10::elementSize(kind));
    for (std::int64_t& size : sizes) {
      plain(size);
      if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) return refuse();
    }
    const auto content = take(bytes);
    if (!good_) return {};
    at::Tensor tensor = at::empty(sizes, kind);
    if (!content.empty()) std::memcpy(tensor.mutable_data_ptr(), content.data(), content.size());
    return tensor;
  }
  at::Tensor refuse() {
    good_ = false;
    return {};
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

Result<Checkpoint> parse_checkpoint_v1(std::span<const std::uint8_t> bytes,
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

  Checkpoint checkpoint;
  Reader reader(content.subspan(kHeaderBytes));
  walk(reader, checkpoint);
  if (!reader.good() || !reader.at_end())
    return refuse("has a checksum that matches but fields that do not fit");
  return checkpoint;
}

}  // namespace firesweep
