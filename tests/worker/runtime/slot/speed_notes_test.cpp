#include "worker/runtime/slot/speed_notes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "shared/codec/host_speeds.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

const DeviceKey kCpu{"CPU", 2};
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
  std::optional<KnownSpeed> known() const {
    return find_speed(read_host_speeds(file_), kCpu, {"ab", 0, "off", 64}, kShare);
  }
  const fs::path folder_ =
      fs::temp_directory_path() / ("speed-notes-test-" + std::to_string(::getpid()));
  const fs::path file_ = folder_ / "speeds.json";
};

TEST_F(SpeedNotesTest, EveryEpochTeachesTheSpeedOfTraining) {
  SpeedNotes notes(file_, kCpu, kShare);
  for (int i = 0; i < 3; ++i) notes.epoch(assign_of(4'000), epoch_at(250));
  notes.flush();
  ASSERT_TRUE(known());
  EXPECT_DOUBLE_EQ(known()->images_per_s, 250);
  EXPECT_EQ(known()->epochs, 3);
  EXPECT_EQ(known()->source, SpeedSource::kTrained);
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
