# Headers that most files include, precompiled once for the rooms (in debug builds), once with GoogleTest for the tests
# and once with LibTorch's for what links it. Every file still includes what it uses: the presets dev and tidy do
# without.

set(standard_headers
  <algorithm> <array> <charconv> <chrono> <cmath> <compare> <condition_variable> <cstddef> <cstdint> <cstdio> <cstdlib>
  <cstring> <deque> <exception> <filesystem> <fstream> <functional> <iostream> <iterator> <limits> <map> <memory>
  <mutex> <numeric> <optional> <set> <span> <sstream> <stdexcept> <string> <string_view> <system_error> <thread>
  <tuple> <type_traits> <utility> <variant> <vector>)

# A target whose precompiled header others use with target_precompile_headers(OTHER REUSE_FROM TARGET). Their
# optimization, and the definitions that the HEADERS ask about, must be its own.
function(_firesweep_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 SET "" "" "HEADERS;LIBS;OPTIONS")
  set(source ${PROJECT_BINARY_DIR}/generated/${target}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(${target} OBJECT ${source})
  target_link_libraries(${target} PRIVATE firesweep_flags ${SET_LIBS})
  target_compile_options(${target} PRIVATE ${SET_OPTIONS})
  target_precompile_headers(${target} PRIVATE ${standard_headers} ${SET_HEADERS})
endfunction()

# Only for Debug builds: with optimisation, GCC 12 warns about copies of a std::string whose header is precompiled
# (-Warray-bounds, -Wstringop-overflow).
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  _firesweep_precompile(firesweep_room_headers)
endif()
_firesweep_precompile(firesweep_test_headers
  HEADERS <gtest/gtest.h> <gmock/gmock.h> LIBS GTest::gtest_main GTest::gmock OPTIONS -O0)
set_target_properties(firesweep_test_headers PROPERTIES FIRESWEEP_TEST_CODE ON)
if(FIRESWEEP_WITH_TORCH)
  _firesweep_precompile(firesweep_torch_headers
    HEADERS
      <ATen/Parallel.h> <ATen/autocast_mode.h> <ATen/core/Tensor.h> <ATen/core/grad_mode.h>
      <torch/csrc/autograd/custom_function.h>
    LIBS LibTorch::LibTorch)
endif()
