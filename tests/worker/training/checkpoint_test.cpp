#include "worker/training/checkpoint.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "tests/places.h"
#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/synthetic.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

Checkpoint sample(std::int64_t epoch) {
  Checkpoint c;
  c.config_hash = "abc";
  c.seed = 3;
  c.numeric_class = "some CPU";
  c.exact = false;
  c.epoch = epoch;
  c.batch = 7;
  c.sums = {.loss = 1.5, .correct = 4, .images = 9, .seconds = 0.25};
  c.train_seconds = 12.5;
  c.step_seconds = 10.5;
  c.step_images = 1000;
  EpochMetrics& last = c.last_epoch.emplace();
  last.epoch = epoch;
  last.train_loss = 0.5;
  last.val_accuracy = 0.75;
  last.lr = 0.001;
  c.best_metric = 0.8;
  c.best_epoch = 2;
  c.selected_epoch = 2;
  c.selected = Evaluation{.loss = 0.4, .accuracy = 0.8, .top5 = 0.9, .correct = {1, 2, 255}};
  c.tensors = {
      {"model.w", noise(1, {2, 3, 1, 1}, -1, 1).contiguous(at::MemoryFormat::ChannelsLast)},
      {"optimizer.step", at::full({}, 5.0F)},
      {"scaler.growth_tracker", at::full({}, 6, at::kInt)},
      {"empty", at::full({0}, 0.0F)}};
  return c;
}

void expect_same(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.config_hash, b.config_hash);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.numeric_class, b.numeric_class);
  EXPECT_EQ(a.exact, b.exact);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.batch, b.batch);
  EXPECT_EQ(a.sums, b.sums);
  EXPECT_EQ(a.train_seconds, b.train_seconds);
  EXPECT_EQ(a.step_seconds, b.step_seconds);
  EXPECT_EQ(a.step_images, b.step_images);
  EXPECT_EQ(a.last_epoch, b.last_epoch);
  EXPECT_EQ(a.best_metric, b.best_metric);
  EXPECT_EQ(a.best_epoch, b.best_epoch);
  EXPECT_EQ(a.selected_epoch, b.selected_epoch);
  EXPECT_EQ(a.selected, b.selected);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const NamedTensor& wanted : b.tensors) {
    const auto found = std::ranges::find(a.tensors, wanted.name, &NamedTensor::name);
    ASSERT_NE(found, a.tensors.end()) << wanted.name;
    EXPECT_EQ(found->tensor.scalar_type(), wanted.tensor.scalar_type());
    EXPECT_TRUE(at::equal(found->tensor, wanted.tensor)) << wanted.name;
  }
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void no_warning(const std::string& text) { ADD_FAILURE() << "unexpected warning: " << text; }

TEST(Checkpoint, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.safetensors";
  ASSERT_TRUE(write_checkpoint(path, sample(2)));
  const auto read_back = read_checkpoint(path);
  ASSERT_TRUE(read_back) << to_string(read_back.error());
  expect_same(*read_back, sample(2));

  Checkpoint bare;
  ASSERT_TRUE(write_checkpoint(path, bare));
  expect_same(read_checkpoint(path).value(), bare);
}

TEST(Checkpoint, NumbersThatAreNoneComeBackToo) {
  const TemporaryFolder folder;
  Checkpoint odd = sample(1);
  odd.sums.loss = std::numeric_limits<double>::infinity();
  odd.best_metric = 0.1 + 0.2;
  ASSERT_TRUE(write_checkpoint(folder.path() / "x", odd));
  expect_same(read_checkpoint(folder.path() / "x").value(), odd);
}

// saved/checkpoint_version_1.pt holds sample(2), written by a build that knew no other format.
TEST(Checkpoint, OfVersion1IsReadAsItWasWritten) {
  const fs::path saved = source_dir() / "tests/worker/training/saved/checkpoint_version_1.pt";
  const auto read_back = read_checkpoint(saved);
  ASSERT_TRUE(read_back) << to_string(read_back.error());
  expect_same(*read_back, sample(2));

  const TemporaryFolder folder;
  const std::string whole = read(saved);
  const fs::path damaged = folder.path() / "damaged.pt";
  for (std::size_t size = 8; size < whole.size(); ++size) {
    write(damaged, whole.substr(0, size));
    ASSERT_FALSE(read_checkpoint(damaged)) << size;
  }
}

TEST(LastCheckpoint, OfAnEarlierBuildIsUsedUntilThereIsANewerOne) {
  const TemporaryFolder folder;
  fs::copy_file(source_dir() / "tests/worker/training/saved/checkpoint_version_1.pt",
                folder.path() / "last.pt");
  EXPECT_EQ(load_last_checkpoint(folder.path(), "abc", 3, no_warning)->epoch, 2);
  ASSERT_TRUE(save_last_checkpoint(folder.path(), sample(3)));
  EXPECT_EQ(load_last_checkpoint(folder.path(), "abc", 3, no_warning)->epoch, 3);
}

TEST(Checkpoint, CutOffAtAnyByteIsRefused) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.safetensors", cut = folder.path() / "cut.safetensors";
  ASSERT_TRUE(write_checkpoint(path, sample(2)));
  const std::string whole = read(path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(cut, whole.substr(0, size));
    const auto refused = read_checkpoint(cut);
    ASSERT_FALSE(refused) << size;
    ASSERT_EQ(refused.error().code, ErrorCode::kBadInput) << size;
  }
}

TEST(Checkpoint, AnyFlippedBitIsRefused) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.safetensors",
                 flipped = folder.path() / "flipped.safetensors";
  ASSERT_TRUE(write_checkpoint(path, sample(2)));
  const std::string whole = read(path);
  for (std::size_t place = 0; place < whole.size(); ++place) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ (1 << (place % 8)));
    write(flipped, damaged);
    ASSERT_FALSE(read_checkpoint(flipped)) << place;
  }
}

TEST(LastCheckpoint, DamagedGivesWayToThePreviousWithAWarning) {
  const TemporaryFolder folder;
  const fs::path trial = folder.path() / "made" / "trial";
  ASSERT_TRUE(save_last_checkpoint(trial, sample(1)));
  ASSERT_TRUE(save_last_checkpoint(trial, sample(2)));
  EXPECT_EQ(load_last_checkpoint(trial, "abc", 3, no_warning)->epoch, 2);

  std::string bytes = read(trial / "last.safetensors");
  write(trial / "last.safetensors", bytes.substr(0, bytes.size() / 2));
  std::vector<std::string> warnings;
  const auto warn = [&](const std::string& text) { warnings.push_back(text); };
  EXPECT_EQ(load_last_checkpoint(trial, "abc", 3, warn)->epoch, 1);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("last.safetensors"), std::string::npos);

  fs::remove(trial / "last.safetensors");  // killed between the two renames
  EXPECT_EQ(load_last_checkpoint(trial, "abc", 3, no_warning)->epoch, 1);
}

TEST(LastCheckpoint, TheFurtherOfThisHostsAndOneBroughtFromAnotherIsUsed) {
  const TemporaryFolder folder;
  ASSERT_TRUE(save_last_checkpoint(folder.path(), sample(2)));
  ASSERT_TRUE(write_checkpoint(folder.path() / "stored.safetensors", sample(1)));
  EXPECT_EQ(load_last_checkpoint(folder.path(), "abc", 3, no_warning)->epoch, 2);
  ASSERT_TRUE(write_checkpoint(folder.path() / "stored.safetensors", sample(4)));
  EXPECT_EQ(load_last_checkpoint(folder.path(), "abc", 3, no_warning)->epoch, 4);
  fs::remove(folder.path() / "last.safetensors");
  EXPECT_EQ(load_last_checkpoint(folder.path(), "abc", 3, no_warning)->epoch, 4);
}

TEST(LastCheckpoint, OfAnotherConfigOrSeedIsNotUsed) {
  const TemporaryFolder folder;
  ASSERT_TRUE(save_last_checkpoint(folder.path(), sample(1)));
  int warnings = 0;
  const auto warn = [&](const std::string&) { ++warnings; };
  EXPECT_FALSE(load_last_checkpoint(folder.path(), "abd", 3, warn));
  EXPECT_FALSE(load_last_checkpoint(folder.path(), "abc", 4, warn));
  EXPECT_EQ(warnings, 2);
}

TEST(Checkpoint, AFileAboveTheBoundIsRefusedUnread) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.safetensors";
  write(path, "");
  fs::resize_file(path, kMostCheckpointFileBytes + 1);  // it takes no room on the disk
  const auto refused = read_checkpoint(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(refused.error().what,
            "is 17179869185 bytes, expected a checkpoint of at most 17179869184");
}

// Earlier builds' files have the suffix of torch.save's, which can hold code.
TEST(LastCheckpoint, APickleIsNotUsed) {
  const TemporaryFolder folder;
  const fs::path marker = folder.path() / "ran";
  const std::string call = "touch " + marker.string();
  write(folder.path() / "last.pt", std::string("\x80\x02") + "cposix\nsystem\nX" +
                                       static_cast<char>(call.size()) + std::string(3, '\0') +
                                       call + "\x85R.");
  std::vector<std::string> warnings;
  const auto warn = [&](const std::string& text) { warnings.push_back(text); };
  EXPECT_FALSE(load_last_checkpoint(folder.path(), "abc", 3, warn));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("was written by torch.save"), std::string::npos) << warnings[0];
  EXPECT_FALSE(fs::exists(marker));
}

TEST(LastCheckpoint, MissingIsNoneWithoutAWarning) {
  const TemporaryFolder folder;
  EXPECT_FALSE(load_last_checkpoint(folder.path(), "abc", 3, no_warning));
  EXPECT_FALSE(load_last_checkpoint(folder.path() / "none", "abc", 3, no_warning));
}

TEST(LastCheckpoint, UnwritableFolderIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  write(folder.path() / "file", "in the way");
  const auto saved = save_last_checkpoint(folder.path() / "file" / "trial", sample(1));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::kIo);
  EXPECT_NE(saved.error().where.find(folder.path().string()), std::string::npos);
}

}  // namespace
}  // namespace firesweep
