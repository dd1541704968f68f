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
#include "worker/training/files/checkpoint_reader.h"
#include "worker/training/safetensors.h"
#include "worker/training/trainer.h"

namespace firesweep {
namespace {

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
  const T* part(const char*, const std::optional<T>& part) {
    return part ? &*part : nullptr;
  }

  TensorTexts texts;
};

at::Tensor as_tensor(const std::vector<std::uint8_t>& bytes) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
  if (!bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

// Everything up to commit(): the file under its temporary name.
Result<AtomicFile> prepare(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  Writer writer;
  walk_checkpoint(writer, checkpoint);
  writer.texts["format"] = kCheckpointFormatText;
  writer.texts["version"] = std::to_string(kCheckpointVersion);
  NamedTensors tensors = checkpoint.tensors;
  if (checkpoint.selected)
    tensors.push_back({kCorrectTensor, as_tensor(checkpoint.selected->correct)});
  return prepare_checked_safetensors(path, tensors, writer.texts);
}

Result<std::vector<std::uint8_t>> read_whole(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return fail(ErrorCode::kNotFound, path.string(), "there is no such checkpoint");
  if (error) return fail(ErrorCode::kIo, path.string(), "cannot be read: " + error.message());
  if (size > kMostCheckpointFileBytes) {
    return fail(ErrorCode::kBadInput, path.string(),
                "is " + std::to_string(size) + " bytes, expected a checkpoint of at most " +
                    std::to_string(kMostCheckpointFileBytes));
  }
  std::vector<std::uint8_t> bytes(size);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) return fail(ErrorCode::kIo, path.string(), "cannot be read");
  return bytes;
}

Result<Checkpoint> parse(std::span<const std::uint8_t> bytes, const std::filesystem::path& path) {
  auto content = read_checkpoint_content(bytes, path);
  if (!content) return tl::unexpected<Error>(content.error());
  Checkpoint checkpoint{std::move(content->fields), {}};
  for (const StoredTensor& tensor : content->tensors)
    checkpoint.tensors.push_back({tensor.name, to_tensor(tensor)});
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
  return parse(*bytes, path);
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
