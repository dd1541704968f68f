// One build serves every x86-64: the loader picks what the processor has.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FIRESWEEP_CLONES \
  __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define FIRESWEEP_CLONES
#endif
