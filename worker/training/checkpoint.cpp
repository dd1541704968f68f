#include "worker/training/checkpoint.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "worker/datasets/checksum.h"
#include "worker/datasets/file.h"
#include "worker/training/trainer.h"

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written as memory has it");

constexpr std::array<char, 8> kMagic = {'F', 'S', 'W', 'C', 'K', 'P', 'T', '\0'};
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kChecksumBytes = 64;
constexpr std::size_t kFlushBytes = 1 << 20;
constexpr std::int64_t kMaxDimensions = 8;

std::span<const std::uint8_t> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::uint8_t*>(data), size};
}

// One walk over a Checkpoint's fields serves writing and reading, so that the two cannot differ.
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
  a(c.last_epoch), a(c.best_accuracy), a(c.best_epoch), a(c.selected_epoch), a(c.selected),
      a(c.tensors);
}

// Writes fields to a file and sums them. The first failure sticks and is told by finish().
class Writer {
 public:
  explicit Writer(AtomicFile file) : file_(std::move(file)), hasher_(Digest::kSha256) {}

  void raw(std::span<const std::uint8_t> bytes) {
    if (bytes.size() >= kFlushBytes) {
      flush();
      put(bytes);
      return;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= kFlushBytes) flush();
  }

  void operator()(std::int64_t value) { raw(bytes_of(&value, sizeof value)); }
  void operator()(double value) { raw(bytes_of(&value, sizeof value)); }
  void operator()(bool value) { (*this)(std::int64_t{value}); }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::int64_t>(text.size()));
    raw(bytes_of(text.data(), text.size()));
  }
  void operator()(const std::vector<std::uint8_t>& bytes) {
    (*this)(static_cast<std::int64_t>(bytes.size()));
    raw(bytes);
  }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }
  void operator()(const EpochSums& sums) { walk_sums(*this, sums); }
  void operator()(const EpochMetrics& metrics) { walk_metrics(*this, metrics); }
  void operator()(const Evaluation& evaluation) { walk_evaluation(*this, evaluation); }
  void operator()(const NamedTensors& tensors) {
    (*this)(static_cast<std::int64_t>(tensors.size()));
    for (const NamedTensor& entry : tensors) {
      const at::Tensor host = entry.tensor.detach().to(at::kCPU).contiguous();
      (*this)(entry.name);
      (*this)(static_cast<std::int64_t>(host.scalar_type()));
      (*this)(host.dim());
      for (const std::int64_t size : host.sizes()) (*this)(size);
      raw(bytes_of(host.const_data_ptr(), host.nbytes()));
    }
  }

  Result<AtomicFile> finish() {
    flush();
    const std::string checksum = hasher_.finish();
    if (written_) written_ = file_.write(bytes_of(checksum.data(), checksum.size()));
    if (!written_) return tl::unexpected<Error>(written_.error());
    return std::move(file_);
  }

 private:
  void put(std::span<const std::uint8_t> bytes) {
    if (!written_) return;
    hasher_.update(bytes);
    written_ = file_.write(bytes);
  }
  void flush() {
    put(buffer_);
    buffer_.clear();
  }

  AtomicFile file_;
  Hasher hasher_;
  std::vector<std::uint8_t> buffer_;
  Result<void> written_;
};

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

std::array<std::uint8_t, kHeaderBytes> header() {
  std::array<std::uint8_t, kHeaderBytes> bytes{};
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  std::memcpy(bytes.data() + kMagic.size(), &kCheckpointVersion, sizeof kCheckpointVersion);
  return bytes;
}

// Everything up to commit(): the file under its temporary name.
Result<AtomicFile> prepare(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected<Error>(file.error());
  Writer writer(*std::move(file));
  writer.raw(header());
  walk(writer, checkpoint);
  return writer.finish();
}

Result<std::vector<std::uint8_t>> read_whole(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return fail(ErrorCode::kNotFound, path.string(), "there is no such checkpoint");
  if (error) return fail(ErrorCode::kIo, path.string(), "cannot be read: " + error.message());
  std::vector<std::uint8_t> bytes(size);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) return fail(ErrorCode::kIo, path.string(), "cannot be read");
  return bytes;
}

}  // namespace

Result<void> write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  auto file = prepare(path, checkpoint);
  if (!file) return tl::unexpected<Error>(file.error());
  return file->commit();
}

Result<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  const auto bytes = read_whole(path);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, path.string(), what);
  };

  const std::span<const std::uint8_t> all(*bytes);
  if (all.size() < kHeaderBytes + kChecksumBytes ||
      std::memcmp(all.data(), kMagic.data(), kMagic.size()) != 0)
    return refuse("is not a checkpoint, or is cut off within its first bytes");
  std::uint32_t version = 0;
  std::memcpy(&version, all.data() + kMagic.size(), sizeof version);
  if (version != kCheckpointVersion) {
    return refuse("is a checkpoint of version " + std::to_string(version) + ", expected " +
                  std::to_string(kCheckpointVersion));
  }
  const auto content = all.first(all.size() - kChecksumBytes);
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

Result<void> save_last_checkpoint(const std::filesystem::path& folder,
                                  const Checkpoint& checkpoint) {
  if (auto made = make_folder(folder); !made) return made;
  const auto lock = FileLock::acquire(folder / "lock");
  if (!lock) return tl::unexpected<Error>(lock.error());
  const std::filesystem::path last = folder / "last.pt";
  auto file = prepare(last, checkpoint);
  if (!file) return tl::unexpected<Error>(file.error());
  std::error_code ignored;  // none to move the first time
  std::filesystem::rename(last, folder / "previous.pt", ignored);
  return file->commit();
}

std::optional<Checkpoint> load_last_checkpoint(
    const std::filesystem::path& folder, const std::string& config_hash, std::int64_t seed,
    const std::function<void(const std::string&)>& warn) {
  std::optional<Checkpoint> furthest;
  for (const char* const name : {"last.pt", "previous.pt", "stored.pt"}) {
    if (furthest && std::string_view(name) == "previous.pt") continue;
    auto checkpoint = read_checkpoint(folder / name);
    if (!checkpoint) {
      if (checkpoint.error().code != ErrorCode::kNotFound)
        warn(to_string(checkpoint.error()) + "; it is not used");
      continue;
    }
    if (checkpoint->config_hash == config_hash && checkpoint->seed == seed) {
      if (!furthest || std::pair(checkpoint->epoch, checkpoint->batch) >
                           std::pair(furthest->epoch, furthest->batch)) {
        furthest = *std::move(checkpoint);
      }
      continue;
    }
    warn((folder / name).string() + ": is of config " + checkpoint->config_hash + ", seed " +
         std::to_string(checkpoint->seed) + ", expected " + config_hash + ", seed " +
         std::to_string(seed) + "; it is not used");
  }
  return furthest;
}

Result<std::string> tensors_digest(const std::filesystem::path& path) {
  const auto checkpoint = read_checkpoint(path);
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  Hasher hasher(Digest::kSha256);
  const auto add = [&hasher](const void* bytes, std::size_t count) {
    hasher.update({static_cast<const std::uint8_t*>(bytes), count});
  };
  add(&checkpoint->epoch, sizeof checkpoint->epoch);
  add(&checkpoint->batch, sizeof checkpoint->batch);
  for (const NamedTensor& entry : checkpoint->tensors) {
    const at::Tensor tensor = entry.tensor.contiguous();
    const auto type = static_cast<std::int64_t>(tensor.scalar_type());
    add(entry.name.data(), entry.name.size());
    add(&type, sizeof type);
    add(tensor.sizes().data(), tensor.sizes().size() * sizeof(std::int64_t));
    add(tensor.data_ptr(), tensor.nbytes());
  }
  return hasher.finish();
}

void append_with_prefix(NamedTensors& tensors, const std::string& prefix,
                        const NamedTensors& part) {
  for (const NamedTensor& entry : part)
    tensors.push_back({prefix + "." + entry.name, entry.tensor});
}

NamedTensors part_of(const NamedTensors& tensors, const std::string& prefix) {
  NamedTensors part;
  for (const NamedTensor& entry : tensors)
    if (entry.name.starts_with(prefix + "."))
      part.push_back({entry.name.substr(prefix.size() + 1), entry.tensor});
  return part;
}

}  // namespace firesweep
