// What std::random_device asks of glibc 2.36 and newer, for the libstdc++ of a bundle
// (bundle.cmake).
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

extern "C" uint32_t arc4random() noexcept {
  uint32_t drawn = 0;
  if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) abort();
  return drawn;
}
