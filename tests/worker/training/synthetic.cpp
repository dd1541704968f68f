#include "tests/worker/training/synthetic.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "tests/worker/training/closed_form.h"
#include "worker/training/random.h"

namespace firesweep {
namespace {

// Stripes whose direction and width are the class's, under noise.
std::uint8_t pixel(std::int64_t image, int label, std::int64_t place) {
  const std::int64_t row = place % kPlaneBytes / kSide, column = place % kSide,
                     channel = place / kPlaneBytes;
  const double angle = 0.8 * label;
  const double wave =
      std::sin((0.5 + 0.1 * label) * (std::cos(angle) * static_cast<double>(row) +
                                      std::sin(angle) * static_cast<double>(column)) +
               static_cast<double>(channel));
  const auto words = draw(99, Purpose::kWeights, image, place);
  return static_cast<std::uint8_t>(128 + 60 * wave + between(words[0], -60, 60));
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "firesweep-training-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Dataset synthetic_dataset(std::int64_t train_count, std::int64_t test_count, int classes,
                          bool grey) {
  const DatasetInfo info{.name = "synthetic",
                         .classes = classes,
                         .train_count = train_count,
                         .test_count = test_count,
                         .mean = {0.5F, 0.45F, 0.55F},
                         .stddev = {0.25F, 0.2F, 0.3F},
                         .checksum = "synthetic"};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(kDecodedHeaderBytes));
  const DecodedHeader header = make_decoded_header(info, {});
  std::memcpy(bytes.data(), &header, sizeof header);
  std::vector<std::uint8_t> labels;
  for (std::int64_t i = 0; i < train_count + test_count; ++i) {
    const int label = static_cast<int>(i % classes);
    labels.push_back(static_cast<std::uint8_t>(label));
    for (std::int64_t place = 0; place < kImageBytes; ++place)
      bytes.push_back(pixel(i, label, grey ? place % kPlaneBytes : place));
  }
  bytes.insert(bytes.end(), labels.begin(), labels.end());

  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / decoded_file_name(info);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  auto file = DecodedFile::open(path, info);
  if (!file) throw std::runtime_error(to_string(file.error()));
  return Dataset(*std::move(file));  // the mapping outlives the folder
}

ResolvedArchitecture small_architecture(int classes, double dropout) {
  return architecture_from(R"({"format": 1, "name": "small", "input": [3, 32, 32], "blocks": [
    {"conv_bn_relu": 8, "stride": 2}, {"max_pool": 2},
    {"residual": [{"fire": {"squeeze": 4, "expand1x1": 4, "expand3x3": 4}}]},
    {"conv_bn_relu": 16}, "global_avg_pool", {"dropout": 0.2}, {"linear": "classes"}]})",
                           classes, dropout);
}

TrainJob small_job() {
  TrainJob job;
  job.architecture = small_architecture(4);
  job.config_hash = "hash-of-the-small-job";
  job.config.variant = "small";
  job.config.epochs = 2;
  job.config.batch_size = 24;
  job.config.lr = 0.01;
  job.config.val_size = 64;
  job.config.augmentation = "crop_flip_jitter";
  job.config.amp = "off";  // the same arithmetic on every CPU
  job.config.seed = 5;
  return job;
}

TrialResult without_timing(TrialResult result) {
  result.train_seconds = 0;
  result.images_per_s = 0;
  result.peak_memory_bytes = 0;
  return result;
}

}  // namespace firesweep
