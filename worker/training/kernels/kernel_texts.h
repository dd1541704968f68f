// Source text for NVRTC, embedded by CMake.
#pragma once

namespace firesweep {

extern const char* const kNormReluText;      // norm_relu.cu
extern const char* const kNormReluWorkText;  // norm_relu_work.h

}  // namespace firesweep
