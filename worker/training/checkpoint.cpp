#include "worker/training/checkpoint.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "worker/datasets/checksum.h"
#include "worker/datasets/file.h"
#include "worker/training/checkpoint_v1.h"
#include "worker/training/safetensors.h"
#include "worker/training/trainer.h"

namespace firesweep {
namespace {

constexpr std::string_view kFormat = "firesweep checkpoint";
// The images that the selected weights get right, beside the tensors of the trial.
constexpr char kCorrect[] = "evaluation.correct";

// One walk over a Checkpoint's fields serves writing and reading, so that the two cannot differ.
template <class Archive, class Record>
void walk(Archive& a, Record& c) {
  a("config_hash", c.config_hash), a("seed", c.seed), a("numeric_class", c.numeric_class);
  a("exact", c.exact), a("epoch", c.epoch), a("batch", c.batch);
  a("sums.loss", c.sums.loss), a("sums.correct", c.sums.correct);
  a("sums.images", c.sums.images), a("sums.seconds", c.sums.seconds);
  a("train_seconds", c.train_seconds), a("step_seconds", c.step_seconds);
  a("step_images", c.step_images);
  if (a.has("last_epoch.epoch", c.last_epoch)) {
    auto& m = *c.last_epoch;
    a("last_epoch.epoch", m.epoch), a("last_epoch.train_loss", m.train_loss);
    a("last_epoch.train_accuracy", m.train_accuracy), a("last_epoch.val_loss", m.val_loss);
    a("last_epoch.val_accuracy", m.val_accuracy), a("last_epoch.val_top5", m.val_top5);
    a("last_epoch.test_accuracy", m.test_accuracy), a("last_epoch.lr", m.lr);
    a("last_epoch.seconds", m.seconds), a("last_epoch.images_per_s", m.images_per_s);
  }
  a("best_accuracy", c.best_metric), a("best_epoch", c.best_epoch);
  a("selected_epoch", c.selected_epoch);
  if (a.has("selected.loss", c.selected)) {
    a("selected.loss", c.selected->loss), a("selected.accuracy", c.selected->accuracy);
    a("selected.top5", c.selected->top5);
  }
}

class Writer {
 public:
  void operator()(const char* name, const std::string& text) { texts[name] = text; }
  void operator()(const char* name, bool value) { texts[name] = value ? "true" : "false"; }
  template <class Number>
  void operator()(const char* name, Number value) {
    char digits[32];  // the shortest that reads back as the same number
    texts[name] = {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
  }
  template <class T>
  void operator()(const char* name, const std::optional<T>& value) {
    if (value) (*this)(name, *value);
  }
  template <class T>
  bool has(const char*, const std::optional<T>& part) {
    return part.has_value();
  }

  TensorTexts texts;
};

// Once a text is missing or is not what it should be, good() is false.
class Reader {
 public:
  explicit Reader(const TensorTexts& texts) : texts_(texts) {}
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
  // Whether the part is there that begins with that text; then it is made.
  template <class T>
  bool has(const char* name, std::optional<T>& part) {
    if (texts_.contains(name)) part.emplace();
    return part.has_value();
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

at::Tensor as_tensor(const std::vector<std::uint8_t>& bytes) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
  if (!bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

// Everything up to commit(): the file under its temporary name.
Result<AtomicFile> prepare(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  Writer writer;
  walk(writer, checkpoint);
  writer.texts["format"] = kFormat;
  writer.texts["version"] = std::to_string(kCheckpointVersion);
  NamedTensors tensors = checkpoint.tensors;
  if (checkpoint.selected) tensors.push_back({kCorrect, as_tensor(checkpoint.selected->correct)});
  return prepare_checked_safetensors(path, tensors, writer.texts);
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

Result<Checkpoint> parse(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  auto file = parse_checked_safetensors(bytes, path);
  if (!file) return tl::unexpected<Error>(file.error());
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, path.string(), what);
  };
  if (file->texts["format"] != kFormat) return refuse("is not a checkpoint");
  if (file->texts["version"] != std::to_string(kCheckpointVersion)) {
    return refuse("is a checkpoint of version " + file->texts["version"] + ", expected " +
                  std::to_string(kCheckpointVersion));
  }
  Checkpoint checkpoint;
  Reader reader(file->texts);
  walk(reader, checkpoint);
  for (NamedTensor& entry : file->tensors) {
    if (entry.name != kCorrect) {
      checkpoint.tensors.push_back(std::move(entry));
    } else if (checkpoint.selected && entry.tensor.scalar_type() == at::kByte) {
      const auto* first = entry.tensor.const_data_ptr<std::uint8_t>();
      checkpoint.selected->correct.assign(first, first + entry.tensor.numel());
    }
  }
  if (!reader.good()) return refuse("has a checksum that matches but fields that do not fit");
  return checkpoint;
}

// Whether `checkpoint` is that trial's; what it is instead is told.
bool is_of(const Checkpoint& checkpoint, const std::filesystem::path& path,
           const std::string& config_hash, std::int64_t seed,
           const std::function<void(const std::string&)>& warn) {
  if (checkpoint.config_hash == config_hash && checkpoint.seed == seed) return true;
  warn(path.string() + ": is of config " + checkpoint.config_hash + ", seed " +
       std::to_string(checkpoint.seed) + ", expected " + config_hash + ", seed " +
       std::to_string(seed) + "; it is not used");
  return false;
}

}  // namespace

std::string checkpoint_file(const std::string& name) { return name + "." + kCheckpointFormat; }

Result<void> write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  auto file = prepare(path, checkpoint);
  if (!file) return tl::unexpected<Error>(file.error());
  return file->commit();
}

Result<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  const auto bytes = read_whole(path);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  return is_checkpoint_v1(*bytes) ? parse_checkpoint_v1(*bytes, path) : parse(*bytes, path);
}

Result<void> save_last_checkpoint(const std::filesystem::path& folder,
                                  const Checkpoint& checkpoint) {
  if (auto made = make_folder(folder); !made) return made;
  const auto lock = FileLock::acquire(folder / "lock");
  if (!lock) return tl::unexpected<Error>(lock.error());
  const std::filesystem::path last = folder / checkpoint_file("last");
  auto file = prepare(last, checkpoint);
  if (!file) return tl::unexpected<Error>(file.error());
  std::error_code ignored;  // none to move the first time
  std::filesystem::rename(last, folder / checkpoint_file("previous"), ignored);
  return file->commit();
}

std::optional<Checkpoint> load_last_checkpoint(
    const std::filesystem::path& folder, const std::string& config_hash, std::int64_t seed,
    const std::function<void(const std::string&)>& warn) {
  std::optional<Checkpoint> furthest;
  // False where there is no readable file of that name.
  const auto take = [&](const std::string& name) {
    auto checkpoint = read_checkpoint(folder / name);
    if (!checkpoint) {
      if (checkpoint.error().code != ErrorCode::kNotFound)
        warn(to_string(checkpoint.error()) + "; it is not used");
      return false;
    }
    if (!is_of(*checkpoint, folder / name, config_hash, seed, warn)) return false;
    if (!furthest || std::pair(checkpoint->epoch, checkpoint->batch) >
                         std::pair(furthest->epoch, furthest->batch))
      furthest = *std::move(checkpoint);
    return true;
  };
  for (const std::string format : {kCheckpointFormat, kFormerCheckpointFormat}) {
    if (!take("last." + format)) take("previous." + format);
    take("stored." + format);
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
