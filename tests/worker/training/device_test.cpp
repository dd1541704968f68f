#include "worker/training/device.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace firesweep {
namespace {

using c10::Device;
using c10::DeviceIndex;
using c10::DeviceType;
using c10::Stream;

const Device kDevice(DeviceType::PrivateUse1, 0);
const Device kOther(DeviceType::PrivateUse1, 1);

// A device without hardware whose pool hands out a new stream with every call, as CUDA's does for
// the first 32.
class PoolOfStreams final : public c10::impl::DeviceGuardImplInterface {
 public:
  static constexpr DeviceType static_type = DeviceType::PrivateUse1;
  DeviceType type() const override { return static_type; }
  Device exchangeDevice(Device) const override { return kDevice; }
  Device getDevice() const override { return kDevice; }
  void setDevice(Device) const override {}
  void uncheckedSetDevice(Device) const noexcept override {}
  Stream getStream(Device device) const override { return Stream(Stream::DEFAULT, device); }
  Stream getStreamFromGlobalPool(Device device, bool) const override {
    return Stream(Stream::UNSAFE, device, ++given_);
  }
  Stream exchangeStream(Stream stream) const override { return stream; }
  DeviceIndex deviceCount() const noexcept override { return 2; }

 private:
  static inline std::atomic<c10::StreamId> given_ = 0;
};

C10_REGISTER_GUARD_IMPL(PrivateUse1, PoolOfStreams);

TEST(TrainingStream, AThreadTrainsEveryTrialOnTheSame) {
  const Stream first = training_stream(kDevice);
  EXPECT_EQ(training_stream(kDevice), first);
  EXPECT_NE(training_stream(kOther), first);
  EXPECT_EQ(training_stream(kDevice), first);
}

TEST(TrainingStream, ThreadsHaveTheirOwn) {
  const Stream here = training_stream(kDevice);
  std::jthread([&] {
    const Stream there = training_stream(kDevice);
    EXPECT_NE(there, here);
    EXPECT_EQ(training_stream(kDevice), there);
  }).join();
}

TEST(TrainingStream, TheCpuHasOne) {
  EXPECT_EQ(training_stream(c10::kCPU), Stream(Stream::DEFAULT, Device(c10::kCPU)));
}

}  // namespace
}  // namespace firesweep
