// Loaded before a program (LD_PRELOAD), it makes every file system one without what
// FIRESWEEP_DISK_LACKS names: "locks" or "memory" (shared mappings of files that are written).
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

bool lacks(const char* what) {
  const char* const named = std::getenv("FIRESWEEP_DISK_LACKS");
  return named != nullptr && std::strcmp(named, what) == 0;
}

bool locks(int command) {
  return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
         command == F_OFD_SETLKW;
}

int next_fcntl(int descriptor, int command, void* argument) {
  using Function = int (*)(int, int, ...);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "fcntl64"));
  if (locks(command) && lacks("locks")) {
    errno = ENOLCK;
    return -1;
  }
  return next(descriptor, command, argument);
}

}  // namespace

extern "C" {

int fcntl(int descriptor, int command, ...) {
  std::va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return next_fcntl(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
  std::va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return next_fcntl(descriptor, command, argument);
}

void* mmap(void* address, std::size_t size, int protection, int flags, int descriptor,
           off_t offset) noexcept {
  using Function = void* (*)(void*, std::size_t, int, int, int, off_t);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "mmap64"));
  const bool shared =
      (flags & MAP_SHARED) != 0 && descriptor >= 0 && (protection & PROT_WRITE) != 0;
  if (shared && lacks("memory")) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  return next(address, size, protection, flags, descriptor, offset);
}

void* mmap64(void* address, std::size_t size, int protection, int flags, int descriptor,
             off64_t offset) noexcept {
  return mmap(address, size, protection, flags, descriptor, offset);
}

}  // extern "C"
