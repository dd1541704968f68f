#include "worker/runtime/devices/device_place.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <system_error>

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kGib = std::int64_t{1} << 30;

// Another process that takes its place on the device, tells so, and stays until it is killed.
class Neighbour {
 public:
  Neighbour(const fs::path& ledger, const DeviceShape& shape) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      DevicePlace place(ledger, 10 * kGib, shape, 9 * kGib);
      const bool has_it = !place.waits_for();
      if (::write(ends[1], has_it ? "y" : "n", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    char answer = 0;
    has_device_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
    ::close(ends[0]);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour() { kill(); }

  bool has_device() const { return has_device_; }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  bool has_device_ = false;
};

class DevicePlaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ledger_ = folder_ / "GPU-1.ledger";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<DevicePlace> join(const DeviceShape& shape,
                                    std::int64_t estimate_bytes = 9 * kGib) const {
    return std::make_unique<DevicePlace>(ledger_, 10 * kGib, shape, estimate_bytes);
  }
  // So that a trial of the shape counts as so much.
  void learn(const DeviceShape& shape, std::int64_t peak) const {
    const auto place = join(shape);
    ASSERT_EQ(place->waits_for(), std::nullopt);
    place->measured(peak, kGib / 2, true);
  }

  fs::path folder_, ledger_;
};

TEST_F(DevicePlaceTest, AnEstimateCountsUntilTheFirstStepsAreMeasured) {
  const auto first = join("new");
  EXPECT_EQ(first->waits_for(), std::nullopt);
  const auto second = join("newer", 3 * kGib);
  EXPECT_NE(second->waits_for(), std::nullopt);
  first->measured(2 * kGib, kGib / 2, false);
  EXPECT_EQ(second->waits_for(), std::nullopt);
  EXPECT_EQ(first->waits_for(), std::nullopt) << "and the first still has its place";
}

TEST_F(DevicePlaceTest, TrialsOfNewShapesShareWhereTheirEstimatesFit) {
  const auto first = join("new", 3 * kGib);
  const auto second = join("newer", 3 * kGib);
  EXPECT_EQ(second->waits_for(), std::nullopt);
  EXPECT_EQ(first->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, WhoFitsOvertakesAndTheLedgerCountsIt) {
  learn("small", 2 * kGib);
  const auto one = join("small");
  ASSERT_EQ(one->waits_for(), std::nullopt);
  const auto large = join("large");
  ASSERT_NE(large->waits_for(), std::nullopt);
  for (int i = 0; i < kMostOvertakes; ++i) ASSERT_EQ(join("small")->waits_for(), std::nullopt) << i;
  EXPECT_EQ(join("small")->waits_for(), "a trial that came before it and was overtaken 16 times");
}

TEST_F(DevicePlaceTest, KnownTrialsShareWhileTheyFit) {
  learn("small", 2 * kGib);
  learn("large", 5 * kGib);
  const auto large = join("large");
  EXPECT_EQ(large->waits_for(), std::nullopt);
  auto small = join("small");
  EXPECT_EQ(small->waits_for(), std::nullopt);
  const auto another = join("small");
  EXPECT_NE(another->waits_for(), std::nullopt)
      << "0.5 beside 5 + 2 + 2 GiB, each with its process, on 10";
  small.reset();
  EXPECT_EQ(another->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, ProcessesSeeEachOther) {
  const Neighbour neighbour(ledger_, "new");
  EXPECT_TRUE(neighbour.has_device());
  EXPECT_NE(join("other")->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, KillNineFreesThePlaceOfAHolder) {
  Neighbour neighbour(ledger_, "new");
  ASSERT_TRUE(neighbour.has_device());
  const auto place = join("other");
  ASSERT_NE(place->waits_for(), std::nullopt);
  neighbour.kill();
  EXPECT_EQ(place->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, KillNineFreesThePlaceOfOneThatWaits) {
  Neighbour holder(ledger_, "new");
  Neighbour waiting(ledger_, "newer");
  ASSERT_FALSE(waiting.has_device());
  const auto place = join("newest");
  waiting.kill();
  EXPECT_NE(place->waits_for(), std::nullopt) << "the first still trains";
  holder.kill();
  EXPECT_EQ(place->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, WhatWasMeasuredOutlivesTheProcess) {
  learn("small", 2 * kGib);
  const Neighbour neighbour(ledger_, "small");
  ASSERT_TRUE(neighbour.has_device());
  EXPECT_EQ(join("small")->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, ATrialThatRanOutOfMemoryGetsTheDeviceAlone) {
  learn("small", 2 * kGib);
  const auto one = join("small");
  auto two = join("small");
  ASSERT_EQ(one->waits_for(), std::nullopt);
  ASSERT_EQ(two->waits_for(), std::nullopt);
  auto three = join("small");
  one->want_alone();
  EXPECT_NE(one->waits_for(), std::nullopt) << "the second still trains";
  EXPECT_NE(three->waits_for(), std::nullopt) << "nobody new begins";
  two.reset();
  EXPECT_NE(three->waits_for(), std::nullopt);
  EXPECT_EQ(one->waits_for(), std::nullopt);
  one->measured(3 * kGib, kGib, true);
  EXPECT_NE(three->waits_for(), std::nullopt) << "alone until it ends, not until it was measured";
}

TEST_F(DevicePlaceTest, WhoIsAloneAlreadyStaysSo) {
  const auto one = join("new");
  ASSERT_EQ(one->waits_for(), std::nullopt);
  one->want_alone();
  EXPECT_EQ(one->waits_for(), std::nullopt);
  one->measured(kGib, kGib, true);
  EXPECT_NE(join("new")->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, ADamagedLedgerCostsMeasurementsAndNoPlace) {
  learn("small", 2 * kGib);
  const auto one = join("small");
  ASSERT_EQ(one->waits_for(), std::nullopt);
  const auto two = join("small");
  std::ofstream(ledger_, std::ios::trunc) << "trial 1 shar";
  EXPECT_EQ(one->waits_for(), std::nullopt);
  EXPECT_NE(two->waits_for(), std::nullopt);
  const auto three = join("small");
  EXPECT_NE(three->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, AnOlderBuildBesideCostsNoTrialItsEstimate) {
  const auto one = join("new", 3 * kGib);
  ASSERT_EQ(one->waits_for(), std::nullopt);
  std::ofstream(ledger_, std::ios::trunc) << "other 0\ntrial 1 sharing new\nend\n";
  ASSERT_EQ(one->waits_for(), std::nullopt);
  EXPECT_EQ(join("newer", 2 * kGib)->waits_for(), std::nullopt) << "not all of the card is taken";
  EXPECT_NE(join("newer", 6 * kGib)->waits_for(), std::nullopt);
  one->measured(kGib, kGib, false);
  EXPECT_EQ(join("newer", 6 * kGib)->waits_for(), std::nullopt);
}

TEST_F(DevicePlaceTest, AFileThatCannotBeMadeIsThrown) {
  EXPECT_THROW(DevicePlace(folder_ / "no" / "ledger", kGib, "small", kGib), std::system_error);
}

}  // namespace
}  // namespace firesweep
