// What the libstdc++ of a bundle (bundle.cmake) needs beside the objects of libstdc++_pic.a.
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include <condition_variable>
#include <istream>
#include <mutex>

// What std::random_device asks of glibc 2.36 and newer.
extern "C" uint32_t arc4random() noexcept {
  uint32_t drawn = 0;
  if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) abort();
  return drawn;
}

// Functions under the version names that they had in older releases: LibTorch's wheels and NVIDIA's
// libraries are linked against those, and libstdc++_pic.a leaves them out.
// tests/e2e/bundle_test.cpp compares with what LibTorch asks.
extern "C" {

__attribute__((visibility("default"))) void wait_3_4_11(std::condition_variable* variable,
                                                        std::unique_lock<std::mutex>& lock) {
  variable->wait(lock);
}
__asm__(
    ".symver wait_3_4_11, "
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");

__attribute__((visibility("default"))) std::istream* ignore_3_4_5(std::istream* stream,
                                                                  std::streamsize count) {
  return &stream->ignore(count, std::istream::traits_type::eof());
}
__asm__(".symver ignore_3_4_5, _ZNSi6ignoreEl@GLIBCXX_3.4.5");
}
