#include "worker/training/device.h"

#include <ATen/Context.h>
#include <ATen/DeviceGuard.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <sys/resource.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string_view>
#include <utility>

#include "worker/training/kernels/gpu_driver.h"
#include "worker/training/trainer.h"

namespace firesweep {
namespace {

// The first processor's entry of /proc/cpuinfo; empty texts where the kernel has none.
struct CpuFacts {
  std::string model;  // "AMD EPYC 9R14 (25.17)": the name alone may be as vague as "AMD EPYC"
  bool bf16 = false;
};

CpuFacts read_cpu_facts() {
  CpuFacts facts;
  std::string family, model, line;
  std::ifstream file("/proc/cpuinfo");
  while (std::getline(file, line) && !line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const std::string value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    if (key == "model name") facts.model = value;
    if (key == "cpu family") family = value;
    if (key == "model") model = value;
    if (key != "flags") continue;
    std::istringstream flags(value);
    for (std::string flag; flags >> flag;)
      if (flag == "avx512_bf16" || flag == "amx_bf16") facts.bf16 = true;
  }
  if (facts.model.empty()) facts.model = "unknown CPU";
  if (!family.empty()) facts.model += " (" + family + "." + model + ")";
  return facts;
}

const CpuFacts& cpu_facts() {
  static const CpuFacts facts = read_cpu_facts();
  return facts;
}

std::string gpu_name(at::Device device) {
  const auto facts = ask_gpu_driver(device.index());
  return facts ? facts->name : "unknown GPU";
}

}  // namespace

Result<at::Device> open_device(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  constexpr std::string_view kCuda = "cuda:";
  const std::string number = name.starts_with(kCuda) ? name.substr(kCuda.size()) : "";
  if (number.empty() || number.size() > 2 ||
      number.find_first_not_of("0123456789") != std::string::npos)
    return fail(ErrorCode::kBadInput, "device", "found \"" + name + "\", expected cpu or cuda:N");
  const int index = std::stoi(number);
  if (const int count = torch::cuda::device_count(); index >= count) {
    return fail(ErrorCode::kUnavailable, "device",
                "found \"" + name + "\", but LibTorch " + torch_version() + " sees " +
                    std::to_string(count) + " CUDA devices here");
  }
  at::globalContext().lazyInitDevice(at::kCUDA);
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

DeviceAbility ability_of(at::Device device) {
  if (device.is_cpu()) return {.bf16_on_cpu = cpu_facts().bf16};
  const auto facts = ask_gpu_driver(device.index());
  return {.cuda = true, .capability = facts ? facts->capability : 0};
}

std::string device_label(at::Device device) {
  return device.is_cpu() ? "cpu" : device.str() + " " + gpu_name(device);
}

c10::Stream training_stream(at::Device device) {
  if (device.is_cpu()) return c10::Stream(c10::Stream::DEFAULT, device);
  thread_local std::map<std::pair<c10::DeviceType, c10::DeviceIndex>, c10::Stream> streams;
  const auto known = streams.find({device.type(), device.index()});
  if (known != streams.end()) return known->second;
  const c10::Stream stream =
      c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
  streams.emplace(std::pair(device.type(), device.index()), stream);
  return stream;
}

void synchronize(at::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize(device.index());
}

std::int64_t peak_memory_bytes(at::Device device) {
  if (device.is_cuda()) {
    using c10::CachingAllocator::StatType;
    const auto stats = c10::getDeviceAllocator(at::kCUDA)->getDeviceStats(device.index());
    return stats.allocated_bytes[static_cast<std::size_t>(StatType::AGGREGATE)].peak;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

void reset_peak_memory(at::Device device) {
  if (device.is_cuda()) c10::getDeviceAllocator(at::kCUDA)->resetPeakStats(device.index());
}

void release_cached_memory(at::Device device) {
  if (device.is_cuda()) c10::getDeviceAllocator(at::kCUDA)->emptyCache();
}

DeviceMemory device_memory(const std::string& name) {
  const auto device = open_device(name);
  if (!device || !device->is_cuda()) return {};
  using c10::CachingAllocator::StatType;
  c10::DeviceAllocator* const allocator = c10::getDeviceAllocator(at::kCUDA);
  const auto stats = allocator->getDeviceStats(device->index());
  const auto& held = stats.reserved_bytes[static_cast<std::size_t>(StatType::AGGREGATE)];
  const auto [free, total] = allocator->getMemoryInfo(device->index());
  return {held.peak,
          std::max<std::int64_t>(0, static_cast<std::int64_t>(total - free) - held.current)};
}

void seed_generator(at::Device device, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard lock(generator.mutex());
  generator.set_current_seed(seed);
}

void set_deterministic(bool on) {
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(on, /*warn_only=*/false);
  context.setDeterministicFillUninitializedMemory(false);
  context.setDeterministicCuDNN(on);
  context.setBenchmarkCuDNN(!on);
}

void set_up_training(int threads) {
  static std::once_flag once;
  std::call_once(once, [] {
    // cuBLAS reads it when CUDA starts, and is only then deterministic (cuBLAS documentation,
    // "Results reproducibility").
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
    at::set_num_interop_threads(1);
  });
  at::set_num_threads(threads);
}

std::string torch_version() {
  const long cuda =
      at::detail::getCUDAHooks().hasCUDA() ? at::detail::getCUDAHooks().versionCUDART() : 0;
  if (cuda <= 0) return TORCH_VERSION;
  return TORCH_VERSION " CUDA " + std::to_string(cuda / 1000) + "." +
         std::to_string(cuda % 1000 / 10);
}

std::vector<std::string> amp_kinds(const std::string& device) {
  const auto opened = open_device(device);
  return opened ? amp_kinds_of(ability_of(*opened)) : std::vector<std::string>{"off"};
}

std::string numeric_class(const std::string& device, int threads) {
  const auto opened = open_device(device);
  const std::string torch = "torch " + torch_version();
  if (opened && opened->is_cuda()) return gpu_name(*opened) + ", " + torch;
  return cpu_facts().model + ", " + at::get_cpu_capability() + ", " + std::to_string(threads) +
         (threads == 1 ? " thread, " : " threads, ") + torch;
}

std::vector<std::string> probe_cuda_devices() {
  std::vector<std::string> devices;
  const int count = torch::cuda::device_count();
  for (int i = 0; i < count; ++i) devices.push_back("cuda:" + std::to_string(i));
  return devices;
}

}  // namespace firesweep
