#include "worker/runtime/devices/shared_device.h"

#include <errno.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <variant>

#include "worker/datasets/file.h"
#include "worker/runtime/devices/device_need.h"
#include "worker/runtime/devices/device_place.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kAskAgain = std::chrono::milliseconds(200);
// Units of work after which a trial is measured first: the kernels are chosen by then, and the step
// is recorded.
constexpr int kFirstSteps = 16;

// What decides a trial's memory on a device: the network as it was resolved, how many images it
// sees at once, and in which precision.
DeviceShape shape_of(const Assign& assign) {
  const Cost cost = cost_of(assign.architecture);
  return assign.architecture.hash.substr(0, 16) + "/" + std::to_string(cost.params) + "/" +
         std::to_string(cost.macs) + "/" + std::to_string(assign.config.batch_size) + "/" +
         assign.config.amp;
}

// Waits for the trial's turn; false where it was stopped before.
bool admitted(DevicePlace& place, const Assign& assign, const StopFlag& stop,
              const TrainCallbacks& callbacks) {
  const Clock::time_point begin = Clock::now();
  std::string told;
  while (const auto what = place.waits_for()) {
    if (*what != told) {
      spdlog::info("event=waits_for_device trial={} for=\"{}\"", to_string(assign.key), *what);
      told = *what;
    }
    if (callbacks.waits) callbacks.waits();
    if (stop.wait_until(Clock::now() + kAskAgain)) return false;
  }
  if (!told.empty()) {
    spdlog::info("event=has_device trial={} waited_ms={}", to_string(assign.key),
                 std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - begin).count());
  }
  return !stop.requested();
}

}  // namespace

Result<fs::path> ledger_folder(const Environment& environment) {
  const auto runtime = environment("XDG_RUNTIME_DIR");
  std::error_code error;
  fs::path folder = runtime && fs::is_directory(*runtime, error)
                        ? fs::path(*runtime) / "firesweep"
                        : fs::temp_directory_path() / ("firesweep-" + std::to_string(::getuid()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return io_failure(folder, "cannot be made");
  struct stat status{};
  if (::lstat(folder.c_str(), &status) != 0) return io_failure(folder, "cannot be looked at");
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::getuid()) {
    return fail(ErrorCode::kConflict, folder.string(), "is not a folder of this user",
                "set XDG_RUNTIME_DIR to a folder of one's own");
  }
  return folder;
}

TrainOutcome train_on_shared(const SharedDevice& device, const Assign& assign, const StopFlag& stop,
                             const TrainCallbacks& callbacks,
                             const std::function<DeviceMemory()>& memory,
                             const std::function<TrainOutcome(const TrainCallbacks&)>& train) {
  std::optional<DevicePlace> joined;
  try {
    joined.emplace(
        device.ledger, device.memory_bytes, shape_of(assign),
        estimated_need(assign.architecture, assign.config.batch_size, assign.config.amp));
  } catch (const std::system_error& failure) {
    spdlog::warn("event=device_not_shared trial={} why=\"{}\"", to_string(assign.key),
                 failure.what());
    return train(callbacks);
  }
  DevicePlace& place = *joined;
  if (!admitted(place, assign, stop, callbacks)) return TrainStopped{};
  int units = 0;  // a resumed trial tells its last epoch before it has done anything
  const auto measure = [&](bool whole_epoch) {
    const DeviceMemory used = memory();
    place.measured(used.peak_bytes, used.other_bytes, whole_epoch);
  };
  TrainCallbacks told = callbacks;
  told.unit = [&](const LiveProgress& live) {
    if (units < kFirstSteps) {
      ++units;
      if (units == kFirstSteps) measure(false);
    }
    if (callbacks.unit) callbacks.unit(live);
  };
  told.epoch = [&](const EpochMetrics& metrics) {
    if (units > 0) measure(true);
    if (callbacks.epoch) callbacks.epoch(metrics);
  };
  told.alone = [&] {
    place.want_alone();
    units = 0;
    return admitted(place, assign, stop, callbacks);
  };
  TrainOutcome outcome = train(told);
  if (units > 0 && std::holds_alternative<TrainFinished>(outcome)) measure(true);
  if (const auto* failed = std::get_if<TrainFailed>(&outcome); failed != nullptr && device.lost) {
    try {
      memory();
    } catch (const std::exception&) {
      device.lost(failed->message);
    }
  }
  return outcome;
}

}  // namespace firesweep
