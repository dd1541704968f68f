#include "worker/runtime/slot/speed_notes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "shared/base/compute_clock.h"
#include "shared/codec/host_speeds.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

const DeviceKey kCpu{"CPU", 2};
const DeviceKey kGpu{"GPU", 0};
const DeviceShare kShare{2, 1};

Assign assign_of(std::int64_t train_size) {
  Assign assign;
  assign.trainer = "torch";
  assign.dataset = "cifar100";
  assign.config.amp = "off";
  assign.config.batch_size = 100;
  assign.config.train_size = train_size;
  assign.architecture.name = "tiny";
  assign.architecture.hash = "ab";
  assign.architecture.input = {3, 32, 32};
  return assign;
}

EpochMetrics epoch_at(double images_per_s) {
  EpochMetrics metrics;
  metrics.epoch = 1;
  metrics.images_per_s = images_per_s;
  metrics.seconds = 100;  // evaluation included: not what is noted
  return metrics;
}

class SpeedNotesTest : public ::testing::Test {
 protected:
  ~SpeedNotesTest() override { fs::remove_all(folder_); }
  std::optional<KnownSpeed> known(const DeviceKey& device = kCpu,
                                  const DeviceShare& share = kShare) const {
    return find_speed(read_host_speeds(file_), device, {"ab", 0, "off", 64}, share);
  }
  const fs::path folder_ =
      fs::temp_directory_path() / ("speed-notes-test-" + std::to_string(::getpid()));
  const fs::path file_ = folder_ / "speeds.json";
};

TEST_F(SpeedNotesTest, EveryEpochTeachesTheSpeedOfTraining) {
  SpeedNotes notes(file_, kGpu, kShare);
  for (int i = 0; i < 3; ++i) notes.epoch(assign_of(4'000), epoch_at(250));
  notes.flush();
  ASSERT_TRUE(known(kGpu));
  EXPECT_DOUBLE_EQ(known(kGpu)->images_per_s, 250);
  EXPECT_EQ(known(kGpu)->epochs, 3);
  EXPECT_EQ(known(kGpu)->source, SpeedSource::kTrained);
}

// Half of the time another program has the core: an idle host trains twice as fast.
TEST_F(SpeedNotesTest, ABusyHostTeachesTheSpeedOfAnIdleOne) {
  EXPECT_DOUBLE_EQ(speed_of_epoch(assign_of(4'000), epoch_at(250), kShare, 0.5).images_per_s(),
                   500);
  SpeedNotes notes(file_, kCpu, kShare);
  notes.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  for (const double begin = compute_seconds(1); compute_seconds(1) - begin < 0.05;) {
  }
  notes.epoch(assign_of(4'000), epoch_at(250));
  ASSERT_TRUE(known());
  EXPECT_GT(known()->images_per_s, 1'000);  // 50 of at least 250 ms
}

// With several threads, and on a GPU, waiting belongs to training.
TEST_F(SpeedNotesTest, SeveralThreadsAndGpusTeachTheWallClock) {
  for (const auto& [device, share] :
       {std::pair{kCpu, DeviceShare{1, 2}}, std::pair{kGpu, kShare}}) {
    SpeedNotes notes(file_, device, share);
    notes.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    notes.epoch(assign_of(4'000), epoch_at(250));
    ASSERT_TRUE(known(device, share));
    EXPECT_DOUBLE_EQ(known(device, share)->images_per_s, 250);
  }
}

TEST_F(SpeedNotesTest, TheFirstEpochIsWrittenAtOnce) {
  SpeedNotes notes(file_, kCpu, kShare);
  notes.epoch(assign_of(4'000), epoch_at(250));
  EXPECT_TRUE(known());
}

TEST_F(SpeedNotesTest, EpochsOfAFewStepsAreLeftOut) {
  EXPECT_EQ(speed_of_epoch(assign_of(799), epoch_at(250), kShare).images, 0);
  EXPECT_EQ(speed_of_epoch(assign_of(800), epoch_at(250), kShare).images, 800);
  EXPECT_EQ(speed_of_epoch(assign_of(800), epoch_at(0), kShare).images, 0);
  Assign made_up = assign_of(800);
  made_up.dataset = "my own";
  EXPECT_EQ(speed_of_epoch(made_up, epoch_at(250), kShare).images, 0);
}

TEST_F(SpeedNotesTest, AFileThatCannotBeWrittenCostsOnlyThat) {
  SpeedNotes notes("/proc/none/speeds.json", kCpu, kShare);
  notes.epoch(assign_of(4'000), epoch_at(250));
  notes.epoch(assign_of(4'000), epoch_at(250));
  notes.flush();
}

}  // namespace
}  // namespace firesweep
