#include "worker/training/kernels/gpu_driver.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>

namespace firesweep {
namespace {

// From the CUDA driver API: CUresult and CUdevice are ints, 0 is success, and these are
// CUdevice_attribute values.
constexpr int kMultiprocessorCount = 16;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

// As nvidia-smi writes it.
std::string uuid_text(const std::array<unsigned char, 16>& bytes) {
  std::string text = "GPU-";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
  }
  return text;
}

}  // namespace

std::optional<GpuFacts> ask_gpu_driver(int device) {
  // Never closed: the driver keeps threads of its own.
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  auto* const init = symbol<int(unsigned)>(library, "cuInit");
  auto* const get = symbol<int(int*, int)>(library, "cuDeviceGet");
  auto* const get_name = symbol<int(char*, int, int)>(library, "cuDeviceGetName");
  auto* const get_attribute = symbol<int(int*, int, int)>(library, "cuDeviceGetAttribute");
  auto* const get_uuid = symbol<int(unsigned char*, int)>(library, "cuDeviceGetUuid_v2");
  auto* const get_memory = symbol<int(std::size_t*, int)>(library, "cuDeviceTotalMem_v2");
  if (init == nullptr || get == nullptr || get_name == nullptr || get_attribute == nullptr ||
      get_uuid == nullptr || get_memory == nullptr)
    return std::nullopt;

  int handle = 0, major = 0, minor = 0, multiprocessors = 0;
  std::array<char, 256> name{};
  std::array<unsigned char, 16> uuid{};  // CUuuid
  std::size_t memory = 0;
  if (init(0) != 0 || get(&handle, device) != 0 ||
      get_name(name.data(), static_cast<int>(name.size()) - 1, handle) != 0 ||
      get_attribute(&major, kComputeCapabilityMajor, handle) != 0 ||
      get_attribute(&minor, kComputeCapabilityMinor, handle) != 0 ||
      get_attribute(&multiprocessors, kMultiprocessorCount, handle) != 0 ||
      get_uuid(uuid.data(), handle) != 0 || get_memory(&memory, handle) != 0)
    return std::nullopt;
  return GpuFacts{name.data(), 10 * major + minor, uuid_text(uuid),
                  static_cast<std::int64_t>(memory), multiprocessors};
}

}  // namespace firesweep
