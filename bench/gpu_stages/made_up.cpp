#include "bench/gpu_stages/made_up.h"

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "shared/base/splitmix.h"

namespace firesweep::bench {
namespace {

constexpr int kNoise = 64;  // of 256 shades

std::uint64_t drawn(std::uint64_t& state) {
  const std::uint64_t bits = splitmix64(state);
  state += kSplitMixGamma;
  return bits;
}

// A class's pattern: squares of 8×8 pixels in three colours.
std::vector<std::uint8_t> pattern_of(int label) {
  std::vector<std::uint8_t> pattern(kImageBytes);
  std::uint64_t state = static_cast<std::uint64_t>(label) + 1;
  std::uint8_t shades[kChannels][4][4];
  for (auto& channel : shades)
    for (auto& row : channel)
      for (std::uint8_t& shade : row)
        shade = static_cast<std::uint8_t>(drawn(state) % (256 - kNoise));
  for (std::int64_t i = 0; i < kImageBytes; ++i)
    pattern[static_cast<std::size_t>(i)] =
        shades[i / kPlaneBytes][i % kPlaneBytes / kSide / 8][i % kSide / 8];
  return pattern;
}

void write_images(std::ofstream& file, const DatasetInfo& info) {
  std::vector<std::vector<std::uint8_t>> patterns;
  for (int label = 0; label < info.classes; ++label) patterns.push_back(pattern_of(label));
  const std::int64_t count = info.train_count + info.test_count;
  std::vector<std::uint8_t> image(kImageBytes), labels;
  std::uint64_t state = 7;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::size_t>(i % info.classes);
    labels.push_back(static_cast<std::uint8_t>(label));
    for (std::size_t at = 0; at < image.size(); at += 8) {
      const std::uint64_t noise = drawn(state);
      for (std::size_t k = 0; k < 8; ++k)
        image[at + k] =
            static_cast<std::uint8_t>(patterns[label][at + k] + (noise >> (8 * k)) % kNoise);
    }
    file.write(reinterpret_cast<const char*>(image.data()), kImageBytes);
  }
  file.write(reinterpret_cast<const char*>(labels.data()), count);
}

}  // namespace

Dataset made_up_dataset(const std::filesystem::path& folder, const DatasetInfo& info) {
  std::filesystem::create_directories(folder);
  const std::filesystem::path path = folder / decoded_file_name(info);
  if (!std::filesystem::exists(path)) {
    const std::filesystem::path part = path.string() + ".part";
    std::vector<char> start(static_cast<std::size_t>(kDecodedHeaderBytes));
    const DecodedHeader header = make_decoded_header(info, {});
    std::memcpy(start.data(), &header, sizeof header);
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file.write(start.data(), kDecodedHeaderBytes);
    write_images(file, info);
    file.close();
    if (!file) throw std::runtime_error(part.string() + ": cannot be written");
    std::filesystem::rename(part, path);
  }
  auto opened = DecodedFile::open(path, info);
  if (!opened) throw std::runtime_error(to_string(opened.error()));
  return Dataset(*std::move(opened));
}

Dataset images_for(const Task& task, std::int64_t train_count, std::int64_t test_count) {
  if (task.options.data_dir) {
    auto opened = open_dataset("cifar100", {.data_dir = *task.options.data_dir});
    if (!opened) throw std::runtime_error(to_string(opened.error()));
    return *std::move(opened);
  }
  DatasetInfo info = dataset_info(DatasetName::kCifar100);
  info.name = "made_up_" + std::to_string(train_count) + "_" + std::to_string(test_count);
  info.checksum = info.name;
  info.train_count = train_count;
  info.test_count = test_count;
  return made_up_dataset(task.options.scratch / "images", info);
}

std::filesystem::path folder_of_images(const Task& task) {
  if (task.options.data_dir) return *task.options.data_dir;
  const std::filesystem::path folder = task.options.scratch / "images";
  made_up_dataset(folder, dataset_info(DatasetName::kCifar100));
  return folder;
}

std::string kind_of_images(const Task& task) {
  return task.options.data_dir ? "cifar100" : "made up";
}

}  // namespace firesweep::bench
