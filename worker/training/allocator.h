// Keeps glibc's malloc from returning freed pages to the kernel. LibTorch frees and allocates the
// same activations every step, and the page faults would cost about a tenth of a training step on
// the CPU. Free of torch.
#pragma once

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace firesweep {

// Call it first in the main of a process that trains: it does not affect memory that is already
// mapped. It has no effect with another C library.
inline void keep_malloc_pages() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace firesweep
