// The card, its driver, LibTorch, and the ceilings that the device reaches here: copies in its own
// memory, matrix products, launches.
#include <ATen/DeviceGuard.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <gnu/libc-version.h>

#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>

#include "bench/gpu_stages/parts.h"
#include "worker/training/device.h"
#include "worker/training/kernels/gpu_driver.h"
#include "worker/training/trainer.h"

namespace firesweep::bench {
namespace {

// Seconds of one call, from as many as fit into about a second, after one that is not counted.
double seconds_of(at::Device device, const std::function<void()>& call) {
  call();
  synchronize(device);
  const Clock::time_point begin = Clock::now();
  int calls = 0;
  double passed = 0;
  do {
    const int many = calls == 0 ? 1 : calls;  // as many again, so that the looks cost nothing
    for (int i = 0; i < many; ++i) call();
    synchronize(device);
    calls += many;
    passed = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (passed < 0.5);
  return passed / calls;
}

std::string driver_version() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  std::getline(file, line);
  return line.empty() ? "none seen" : line;
}

double copy_gb_per_s(at::Device device, bool small) {
  const std::int64_t bytes = std::int64_t{1} << (small ? 26 : 32);
  const at::Tensor from = at::ones({bytes / 4}, device);
  at::Tensor to = at::empty({bytes / 4}, device);
  const double seconds = seconds_of(device, [&] { to.copy_(from); });
  return 2 * static_cast<double>(bytes) / seconds / 1e9;  // read and written
}

double product_tflops(at::Device device, std::int64_t side, at::ScalarType type) {
  const at::TensorOptions there = at::TensorOptions(device).dtype(type);
  const at::Tensor a = at::ones({side, side}, there), b = at::ones({side, side}, there);
  const double seconds = seconds_of(device, [&] { at::mm(a, b); });
  return 2 * static_cast<double>(side) * side * side / seconds / 1e12;
}

double launch_us(at::Device device) {
  const at::Tensor one = at::ones({1}, device);
  return 1e6 *
         seconds_of(device,
                    [&] {
                      for (int i = 0; i < 100; ++i) one.add_(1);
                    }) /
         100;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

void measure_facts(const Task& task) {
  const auto device = open_device(task.options.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  const c10::DeviceGuard current(*device);
  const auto card = device->is_cuda() ? ask_gpu_driver(device->index()) : std::nullopt;
  tell(task, "device",
       {{"device", device_label(*device)},
        {"compute_capability", card ? card->capability : 0},
        {"memory_gib", card ? static_cast<double>(card->memory_bytes) / (1 << 30) : 0.0},
        {"driver", driver_version()},
        {"libtorch", torch_version()},
        {"amp", list_of(amp_kinds(task.options.device))},
        {"numeric_class", numeric_class(task.options.device, task.options.threads)},
        {"cores", std::thread::hardware_concurrency()},
        {"glibc", gnu_get_libc_version()}});
  const bool small = task.options.small;
  tell(task, "copy", {{"gb_per_s", copy_gb_per_s(*device, small)}});
  tell(task, "launch", {{"us_an_operator", launch_us(*device)}});
  const std::int64_t side = small ? 512 : 8192;
  tell(task, "product",
       {{"side", side}, {"float32_tflops", product_tflops(*device, side, at::kFloat)}});
  tell(task, "product",
       {{"side", side}, {"bf16_tflops", product_tflops(*device, side, at::kBFloat16)}});
}

}  // namespace firesweep::bench
