// Keeps glibc's malloc from handing freed pages back to the kernel: LibTorch frees and allocates
// the same activations every step, and the page faults would cost about a tenth of a training step
// on the CPU. Free of torch.
#pragma once

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace firesweep {

// First thing in the main of a process that trains: what is set later does not move what is already
// mapped. No effect with another C library.
inline void keep_malloc_pages() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace firesweep
