# How rooms, programs and tests are declared.

# One static library per room. USES are rooms, whose headers show through; LIBS are third-party libraries, which stay
# private. PROTOS are .proto files beside the CMakeLists.txt; their headers are included by path from the
# repository root ("shared/wire/firesweep.pb.h") and only within the room. The target rooms builds all of them.
# ALONE: those of the sources that a unity build compiles by themselves, since they have names that others of the target
# have, too, or keep a class of an unnamed namespace behind a pointer. HOT: a user waits for what its own loops take, as
# in a preview: GCC 12, which inlines less in large files, treats those of a unity build as small ones.
#   firesweep_room(firesweep_codec SOURCES json.cpp USES firesweep_domain LIBS nlohmann_json::nlohmann_json)
function(firesweep_room target)
  cmake_parse_arguments(PARSE_ARGV 1 ROOM "HOT" "" "SOURCES;USES;LIBS;PROTOS;ALONE")
  _firesweep_refuse_unknown(${target} "${ROOM_UNPARSED_ARGUMENTS}")
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_dependencies(rooms ${target})
  set_source_files_properties(${ROOM_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  if(ROOM_HOT AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE --param=large-unit-insns=1000000)
  endif()
  target_link_libraries(${target} PUBLIC firesweep_flags ${ROOM_USES} PRIVATE ${ROOM_LIBS})
  if(NOT LibTorch::LibTorch IN_LIST ROOM_LIBS)
    target_compile_options(${target} PRIVATE ${firesweep_hardened_compile})
  endif()
  if(LibTorch::LibTorch IN_LIST ROOM_LIBS)
    target_precompile_headers(${target} REUSE_FROM firesweep_torch_headers)
  elseif(TARGET firesweep_room_headers)
    target_precompile_headers(${target} REUSE_FROM firesweep_room_headers)
  endif()
  foreach(proto IN LISTS ROOM_PROTOS)
    _firesweep_add_proto(${target} ${proto})
  endforeach()
endfunction()

# A program in <build>/bin.
#   firesweep_program(firesweep SOURCES main.cpp USES firesweep_cli)
function(firesweep_program target)
  cmake_parse_arguments(PARSE_ARGV 1 PROGRAM "" "" "SOURCES;USES;LIBS")
  _firesweep_refuse_unknown(${target} "${PROGRAM_UNPARSED_ARGUMENTS}")
  add_executable(${target} ${PROGRAM_SOURCES})
  target_link_options(${target} PRIVATE ${firesweep_hardened_link})
  target_link_libraries(${target} PRIVATE firesweep_flags ${PROGRAM_USES} ${PROGRAM_LIBS})
  if(LibTorch::LibTorch IN_LIST PROGRAM_LIBS)
    target_precompile_headers(${target} REUSE_FROM firesweep_torch_headers)
  endif()
endfunction()

# A GoogleTest program and one ctest entry per TEST in it; RapidCheck is linked too. Tests run in the repository root
# and find it and the programs' folder by tests/places.h. Labels:
#   unit        torch-free, milliseconds
#   simulation  torch-free, one thread
#   torch       needs LibTorch, some use every core
#   e2e         starts real programs; name those in PROGRAMS
# Without FIRESWEEP_WITH_TORCH the last two do not exist. The target unit_tests builds those of the first label, and no
# more. THREADS: several threads of ours run in it; its label is unit-threads, and CI runs it under TSan (the target
# threaded_tests). ALONE: as of a room. A test's own code is not optimized, except where its speed matters (simulation)
# and where it shares LibTorch's precompiled headers with the rooms.
# Most e2e tests wait most of the time, so that two of them run per core: ctest counts every other test as two, and its
# -j is twice the number of cores. COMPUTES: these e2e tests keep a core busy, too. IDLE_MACHINE: what they show depends
# on the time that something takes; each runs with no other test beside it. ONE_RUN: the program is one ctest entry of
# its own name, since its tests share what takes long to set up or may not run at the same time.
#   firesweep_test(scheduler_test LABEL unit SOURCES scheduler_test.cpp USES firesweep_core)
function(firesweep_test target)
  cmake_parse_arguments(PARSE_ARGV 1 TEST
    "THREADS;COMPUTES;IDLE_MACHINE;ONE_RUN" "LABEL;TIMEOUT" "SOURCES;USES;LIBS;PROGRAMS;ALONE")
  _firesweep_refuse_unknown(${target} "${TEST_UNPARSED_ARGUMENTS}")
  set(timeout_unit 60)
  set(timeout_simulation 600)
  set(timeout_torch 600)
  set(timeout_e2e 300)
  if(NOT DEFINED timeout_${TEST_LABEL})
    message(FATAL_ERROR "${target}: LABEL is \"${TEST_LABEL}\", expected unit, simulation, torch or e2e")
  endif()
  if(TEST_LABEL MATCHES "^(torch|e2e)$" AND NOT FIRESWEEP_WITH_TORCH)
    return()
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT ${timeout_${TEST_LABEL}})
  endif()
  if(FIRESWEEP_SANITIZE)
    math(EXPR TEST_TIMEOUT "${TEST_TIMEOUT} * 5")
  endif()

  add_executable(${target} ${TEST_SOURCES})
  set_source_files_properties(${TEST_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  if(LibTorch::LibTorch IN_LIST TEST_LIBS)
    target_precompile_headers(${target} REUSE_FROM firesweep_torch_headers)
  elseif(NOT TEST_LABEL STREQUAL "simulation")
    target_compile_options(${target} PRIVATE -O0)
    set_target_properties(${target} PROPERTIES FIRESWEEP_TEST_CODE ON)
    target_precompile_headers(${target} REUSE_FROM firesweep_test_headers)
  endif()
  target_link_libraries(${target} PRIVATE
    firesweep_flags ${TEST_USES} ${TEST_LIBS} firesweep_places GTest::gtest_main GTest::gmock rapidcheck)
  if(TEST_LABEL STREQUAL "unit")
    add_dependencies(unit_tests ${target})
  endif()
  set(label ${TEST_LABEL})
  if(TEST_THREADS)
    string(APPEND label -threads)
    add_dependencies(threaded_tests ${target})
  endif()
  if(TEST_PROGRAMS)
    add_dependencies(${target} ${TEST_PROGRAMS})
  endif()
  set(properties LABELS ${label} TIMEOUT ${TEST_TIMEOUT})
  if(TEST_IDLE_MACHINE)
    list(APPEND properties RUN_SERIAL TRUE)
  elseif(NOT TEST_LABEL STREQUAL "e2e" OR TEST_COMPUTES)
    list(APPEND properties PROCESSORS 2)
  endif()
  if(TEST_LABEL STREQUAL "torch")
    # OpenMP's threads do not spin while they wait for each other, which takes the cores from the tests beside them.
    list(APPEND properties ENVIRONMENT OMP_WAIT_POLICY=PASSIVE)
  endif()
  if(TEST_LABEL STREQUAL "simulation" OR TEST_COMPUTES)
    list(APPEND properties COST 100)  # else the longest tests end alone, on one core
  endif()
  if(TEST_ONE_RUN)
    add_test(NAME ${target} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${target} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${target}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      DISCOVERY_MODE PRE_TEST
      DISCOVERY_TIMEOUT 120
      PROPERTIES ${properties})
  endif()
endfunction()

function(_firesweep_add_proto target proto)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${proto})
  file(RELATIVE_PATH stem ${PROJECT_SOURCE_DIR} ${source})
  string(REGEX REPLACE "\\.proto$" "" stem ${stem})
  set(generated ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${generated})
  add_custom_command(
    OUTPUT ${generated}/${stem}.pb.cc ${generated}/${stem}.pb.h
    COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${generated} ${source}
    DEPENDS ${source} VERBATIM)
  target_sources(${target} PRIVATE ${generated}/${stem}.pb.cc ${generated}/${stem}.pb.h)
  set_source_files_properties(${generated}/${stem}.pb.cc PROPERTIES COMPILE_OPTIONS -w)
  target_include_directories(${target} SYSTEM PRIVATE ${generated})
endfunction()

function(_firesweep_refuse_unknown target arguments)
  if(arguments)
    message(FATAL_ERROR "${target}: unknown arguments: ${arguments}")
  endif()
endfunction()
