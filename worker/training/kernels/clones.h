// Compiles a function for several x86-64 levels; the loader chooses the one for this processor.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FIRESWEEP_CLONES \
  __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define FIRESWEEP_CLONES
#endif
