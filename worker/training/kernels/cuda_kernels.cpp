#include "worker/training/kernels/cuda_kernels.h"

#include <ATen/Context.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Exception.h>
#include <dlfcn.h>

#include <array>

#include "worker/training/kernels/gpu_driver.h"

namespace firesweep {
namespace {

// From the CUDA driver API and NVRTC: CUresult, nvrtcResult and CUdevice are ints, 0 is success,
// handles are pointers.

template <class Function>
void find(Function*& function, void* library, const char* library_name, const char* name) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  TORCH_CHECK(function != nullptr, library_name, " has no ", name);
}

struct Driver {
  int (*device_get)(int*, int);
  int (*retain_context)(void**, int);
  int (*release_context)(int);
  int (*get_current)(void**);
  int (*set_current)(void*);
  int (*load)(void**, const void*);
  int (*unload)(void*);
  int (*get_function)(void**, void*, const char*);
  int (*launch)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
                void**, void**);
  int (*error_string)(int, const char**);

  void check(int result, const char* what) const {
    if (result == 0) return;
    const char* text = nullptr;
    error_string(result, &text);
    TORCH_CHECK(false, what, ": ", text != nullptr ? text : "unknown error", " (", result, ")");
  }
};

Driver open_driver() {
  constexpr const char* kName = "libcuda.so.1";
  void* const library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);  // never closed: it keeps threads
  TORCH_CHECK(library != nullptr, "no ", kName);
  Driver driver{};
  find(driver.device_get, library, kName, "cuDeviceGet");
  find(driver.retain_context, library, kName, "cuDevicePrimaryCtxRetain");
  find(driver.release_context, library, kName, "cuDevicePrimaryCtxRelease_v2");
  find(driver.get_current, library, kName, "cuCtxGetCurrent");
  find(driver.set_current, library, kName, "cuCtxSetCurrent");
  find(driver.load, library, kName, "cuModuleLoadData");
  find(driver.unload, library, kName, "cuModuleUnload");
  find(driver.get_function, library, kName, "cuModuleGetFunction");
  find(driver.launch, library, kName, "cuLaunchKernel");
  find(driver.error_string, library, kName, "cuGetErrorString");
  return driver;
}

const Driver& driver() {
  static const Driver opened = open_driver();
  return opened;
}

// Beside LibTorch it need not be on the path: LibTorch's own wrapper finds it and loads it.
void* open_nvrtc_library() {
  static constexpr std::array<const char*, 3> kNames = {"libnvrtc.so.13", "libnvrtc.so.12",
                                                        "libnvrtc.so"};
  const auto look = []() -> void* {
    for (const char* const name : kNames)
      if (void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
    return nullptr;
  };
  if (void* const library = look()) return library;
  at::Context::getNVRTC();
  return look();
}

struct Nvrtc {
  int (*create)(void**, const char*, const char*, int, const char* const*, const char* const*);
  int (*compile)(void*, int, const char* const*);
  int (*destroy)(void**);
  int (*log_size)(void*, std::size_t*);
  int (*log)(void*, char*);
  int (*cubin_size)(void*, std::size_t*);
  int (*cubin)(void*, char*);
  const char* (*error_string)(int);

  void check(int result, const char* what) const {
    TORCH_CHECK(result == 0, what, ": ", error_string(result));
  }
};

Nvrtc open_nvrtc() {
  constexpr const char* kName = "libnvrtc";
  void* const library = open_nvrtc_library();
  TORCH_CHECK(library != nullptr, "no libnvrtc.so.13 or .12, which comes with a CUDA LibTorch");
  Nvrtc nvrtc{};
  find(nvrtc.create, library, kName, "nvrtcCreateProgram");
  find(nvrtc.compile, library, kName, "nvrtcCompileProgram");
  find(nvrtc.destroy, library, kName, "nvrtcDestroyProgram");
  find(nvrtc.log_size, library, kName, "nvrtcGetProgramLogSize");
  find(nvrtc.log, library, kName, "nvrtcGetProgramLog");
  find(nvrtc.cubin_size, library, kName, "nvrtcGetCUBINSize");
  find(nvrtc.cubin, library, kName, "nvrtcGetCUBIN");
  find(nvrtc.error_string, library, kName, "nvrtcGetErrorString");
  return nvrtc;
}

std::string compile(const std::string& text, const std::vector<CudaHeader>& headers,
                    const std::vector<std::string>& options) {
  static const Nvrtc nvrtc = open_nvrtc();
  std::vector<const char*> texts, names, words;
  for (const CudaHeader& header : headers) {
    texts.push_back(header.text.c_str());
    names.push_back(header.name.c_str());
  }
  for (const std::string& option : options) words.push_back(option.c_str());
  struct Program {
    void* handle = nullptr;
    ~Program() {
      if (handle != nullptr) nvrtc.destroy(&handle);
    }
  } program;
  nvrtc.check(nvrtc.create(&program.handle, text.c_str(), "firesweep.cu",
                           static_cast<int>(headers.size()), texts.data(), names.data()),
              "nvrtcCreateProgram");
  if (nvrtc.compile(program.handle, static_cast<int>(words.size()), words.data()) != 0) {
    std::size_t size = 0;
    nvrtc.check(nvrtc.log_size(program.handle, &size), "nvrtcGetProgramLogSize");
    std::string log(size, '\0');
    nvrtc.check(nvrtc.log(program.handle, log.data()), "nvrtcGetProgramLog");
    TORCH_CHECK(false, "NVRTC refuses the kernels: ", log.c_str());
  }
  std::size_t size = 0;
  nvrtc.check(nvrtc.cubin_size(program.handle, &size), "nvrtcGetCUBINSize");
  std::string cubin(size, '\0');
  nvrtc.check(nvrtc.cubin(program.handle, cubin.data()), "nvrtcGetCUBIN");
  return cubin;
}

// A thread that has called nothing of CUDA yet has no context.
void enter(void* context) {
  void* current = nullptr;
  driver().check(driver().get_current(&current), "cuCtxGetCurrent");
  if (current != context) driver().check(driver().set_current(context), "cuCtxSetCurrent");
}

}  // namespace

CudaKernels::CudaKernels(at::Device device, const std::string& text,
                         const std::vector<CudaHeader>& headers,
                         const std::vector<std::string>& options,
                         const std::vector<std::string>& names)
    : device_(device) {
  const c10::DeviceGuard guard(device);
  const auto facts = ask_gpu_driver(device.index());
  TORCH_CHECK(facts, "the CUDA driver does not say what device ", device.index(), " is");
  multiprocessors_ = facts->multiprocessors;
  int handle = 0;
  driver().check(driver().device_get(&handle, device.index()), "cuDeviceGet");
  std::vector<std::string> all = options;
  all.push_back("--std=c++17");
  all.push_back("--gpu-architecture=sm_" + std::to_string(facts->capability));
  const std::string cubin = compile(text, headers, all);
  driver().check(driver().retain_context(&context_, handle), "cuDevicePrimaryCtxRetain");
  try {
    enter(context_);
    driver().check(driver().load(&module_, cubin.data()), "cuModuleLoadData");
    for (const std::string& name : names) {
      functions_.push_back(nullptr);
      driver().check(driver().get_function(&functions_.back(), module_, name.c_str()),
                     "cuModuleGetFunction");
    }
  } catch (...) {
    if (module_ != nullptr) driver().unload(module_);
    driver().release_context(handle);
    throw;
  }
}

CudaKernels::~CudaKernels() {
  driver().unload(module_);
  int handle = 0;
  if (driver().device_get(&handle, device_.index()) == 0) driver().release_context(handle);
}

void CudaKernels::launch(std::size_t kernel, const CudaGrid& grid, unsigned threads,
                         const void* argument) const {
  const c10::DeviceGuard guard(device_);
  enter(context_);
  void* const stream =
      c10::impl::VirtualGuardImpl(device_.type()).getStream(device_).native_handle();
  std::array<void*, 1> arguments = {const_cast<void*>(argument)};
  driver().check(driver().launch(functions_[kernel], grid.x, grid.y, grid.z, threads, 1, 1, 0,
                                 stream, arguments.data(), nullptr),
                 "cuLaunchKernel");
}

}  // namespace firesweep
