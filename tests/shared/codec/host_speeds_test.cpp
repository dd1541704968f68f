#include "shared/codec/host_speeds.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

namespace firesweep {
namespace {

namespace fs = std::filesystem;

LearntSpeed sample_speed() {
  LearntSpeed speed;
  speed.name = "v2";
  speed.kind = {"ab", 85'805'056, "auto", 128};
  speed.share = {2, 1};
  speed.source = SpeedSource::kTrained;
  speed.images = 44'928.5;
  speed.seconds = 131.25;
  speed.epochs = 412;
  speed.learnt_ms = 1'795'000'000'000;
  return speed;
}

HostSpeeds sample_speeds() {
  HostSpeeds speeds;
  learn(speeds, {"AMD EPYC", 2}, sample_speed());
  LearntSpeed probed = sample_speed();
  probed.kind.amp = "off";
  probed.source = SpeedSource::kProbe;
  probed.epochs = 0;
  learn(speeds, {"AMD EPYC", 2}, probed);
  learn(speeds, {"NVIDIA H100", 0}, sample_speed());
  return speeds;
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("speeds-test-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path file() const { return path_ / "state" / "speeds.json"; }

 private:
  fs::path path_;
};

TEST(HostSpeedsFile, ComesBackAsItWasWritten) {
  const auto back = decode_host_speeds(encode_host_speeds(sample_speeds()), "speeds.json");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(*back, sample_speeds());
  EXPECT_EQ(decode_host_speeds(encode_host_speeds({}), "speeds.json"), HostSpeeds{});
}

TEST(HostSpeedsFile, WhatCannotBeReadIsAsNone) {
  EXPECT_EQ(read_host_speeds("/no/such/speeds.json"), HostSpeeds{});
  EXPECT_FALSE(decode_host_speeds("{\"format\": 1, \"devices\": []}", "speeds.json"));
  EXPECT_FALSE(decode_host_speeds("{\"format\": 2, \"devices\": [{\"name\": 3}]}", "speeds.json"));
  EXPECT_FALSE(decode_host_speeds("nonsense", "speeds.json"));
}

TEST(HostSpeedsFile, LiesInTheStateFolder) {
  EXPECT_EQ(host_speeds_path("/state", "/home/u"), "/state/firesweep/speeds.json");
  EXPECT_EQ(host_speeds_path(nullptr, "/home/u"), "/home/u/.local/state/firesweep/speeds.json");
  EXPECT_EQ(host_speeds_path("not/absolute", nullptr), std::nullopt);
}

TEST(HostSpeedsFile, UpdatesAtTheSameTimeAllCount) {
  const Folder folder;
  constexpr int kWriters = 4, kEpochs = 10;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&] {
        for (int epoch = 0; epoch < kEpochs; ++epoch) {
          LearntSpeed speed = sample_speed();
          speed.epochs = 1;
          EXPECT_TRUE(update_host_speeds(
              folder.file(), [&](HostSpeeds& speeds) { learn(speeds, {"AMD EPYC", 2}, speed); }));
        }
      });
    }
  }
  const auto known =
      find_speed(read_host_speeds(folder.file()), {"AMD EPYC", 2}, sample_speed().kind, {2, 1});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->epochs, kWriters * kEpochs);
}

TEST(HostSpeedsFile, AFileOfAnotherFormatIsWrittenAnew) {
  const Folder folder;
  fs::create_directories(folder.file().parent_path());
  std::ofstream(folder.file()) << R"({"format": 1, "cpu": "", "cores": 0, "architectures": {}})";
  ASSERT_TRUE(update_host_speeds(folder.file(), [](HostSpeeds& speeds) {
    EXPECT_EQ(speeds, HostSpeeds{});
    speeds = sample_speeds();
  }));
  EXPECT_EQ(read_host_speeds(folder.file()), sample_speeds());
}

TEST(HostSpeedsFile, AFolderThatCannotBeMadeIsNamed) {
  const auto kept = update_host_speeds("/proc/none/speeds.json", [](HostSpeeds&) {});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::kIo);
  EXPECT_EQ(kept.error().where, "/proc/none/speeds.json");
}

}  // namespace
}  // namespace firesweep
