# Compiler flags, on the INTERFACE target firesweep_flags that every room, program and test links;
# ccache and mold where the machine has them.

# With paths below the source folder made relative, and no times in Clang's precompiled headers, what one checkout has
# compiled serves another.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

# Asserts guard against our own bugs; they stay on in release (STYLE "Errors"). -O3 makes nothing of ours faster: the
# arithmetic is LibTorch's and SQLite's.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_${type} "${CMAKE_CXX_FLAGS_${type}}")
endforeach()
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

add_library(firesweep_flags INTERFACE)
target_include_directories(firesweep_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(firesweep_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wvla
  -Wimplicit-fallthrough -Wextra-semi -Werror=return-type -Werror=switch
  "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>"
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # GCC 12 sees it in every std::optional and std::variant

# Against mistakes that a peer's bytes could reach, in builds that run for users (tests/architecture/hardening_test.cpp
# reads the programs). Rooms that link LibTorch are compiled without: their loops are the training time, and other
# compiler options would cost them the precompiled headers that they share with their tests. No -fcf-protection: the
# linker drops its mark where the C library's start files lack it, and those of Debian 12 do.
set(firesweep_hardened_compile "")
set(firesweep_hardened_link LINKER:-z,relro,-z,now,-z,noexecstack)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT FIRESWEEP_SANITIZE AND NOT FIRESWEEP_FUZZ)
  set(firesweep_hardened_compile -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(firesweep_flags INTERFACE -fuse-ld=mold)
endif()

# Clang's sanitizers: it compiles such builds in two thirds of GCC 12's time. With -O1 the simulator runs three times as
# fast as without. UBSan doubles the time in which a test's own code compiles, so it watches the rooms only; ASan
# watches both. Of UBSan's checks object-size is left out: a fifth of the time, and ASan sees more of the same. What
# Clang calls deprecated is in GCC's std::stable_sort.
if(FIRESWEEP_SANITIZE)
  string(APPEND CMAKE_CXX_FLAGS_DEBUG " -O1")
  target_compile_options(firesweep_flags INTERFACE
    -fsanitize=${FIRESWEEP_SANITIZE} -fno-sanitize=object-size -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g1 -Wno-deprecated-declarations
    $<$<BOOL:$<TARGET_PROPERTY:FIRESWEEP_TEST_CODE>>:-fno-sanitize=undefined>)
  target_link_options(firesweep_flags INTERFACE -fsanitize=${FIRESWEEP_SANITIZE})
endif()

# libFuzzer (Clang) sees which parts of the rooms an input reaches; only tests/fuzz has its main.
if(FIRESWEEP_FUZZ)
  target_compile_options(firesweep_flags INTERFACE -O1 -fsanitize=fuzzer-no-link)
endif()

# What one_definition.cmake reads.
if(FIRESWEEP_ODR_CHECK)
  set(CMAKE_AR ${CMAKE_CXX_COMPILER_AR})
  set(CMAKE_RANLIB ${CMAKE_CXX_COMPILER_RANLIB})
  target_compile_options(firesweep_flags INTERFACE -flto)
endif()
