# The programs of a bundle (tools/package.sh) in <build>/bundle, laid out as in the bundle. They look for libraries in
# ../lib first, and for LibTorch's in LD_LIBRARY_PATH. The target `bundle` makes all of it that is compiled or linked.
#
#   firesweep_bundled_program(bundled-worker libexec/firesweep-worker SOURCES main.cpp USES firesweep_runtime)

set(bundle_dir ${PROJECT_BINARY_DIR}/bundle)
add_custom_target(bundle)
file(CONFIGURE OUTPUT ${bundle_dir}/versions CONTENT
  "firesweep ${PROJECT_VERSION}\nlibtorch ${LibTorch_BUILD}\n")

function(firesweep_bundled_program target place)
  cmake_path(GET place PARENT_PATH folder)
  cmake_path(GET place FILENAME name)
  firesweep_program(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES
    EXCLUDE_FROM_ALL ON OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${bundle_dir}/${folder}
    FIRESWEEP_BUNDLED ON BUILD_RPATH $ORIGIN/../lib)
  # DT_RPATH, not DT_RUNPATH: it also serves the libraries that ../lib's own libraries need.
  target_link_options(${target} PRIVATE LINKER:--disable-new-dtags)
  add_dependencies(bundle ${target})
endfunction()

# libstdc++ for hosts with glibc 2.34. Debian's own needs arc4random of glibc 2.36. Here the same objects are linked
# with the same version names, and with that function written out.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++_pic.a
  OUTPUT_VARIABLE pic_archive OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT IS_ABSOLUTE "${pic_archive}")
  message(FATAL_ERROR "libstdc++_pic.a of ${CMAKE_CXX_COMPILER} not found: tools/setup.sh installs it "
    "(libstdc++-12-pic for GCC 12)")
endif()
string(REGEX REPLACE "\\.a$" ".map" pic_versions ${pic_archive})
add_library(bundled-libstdc++ MODULE EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/bundle_libstdcxx.cpp)
set_target_properties(bundled-libstdc++ PROPERTIES
  PREFIX "" OUTPUT_NAME libstdc++ SUFFIX .so.6 LIBRARY_OUTPUT_DIRECTORY ${bundle_dir}/lib
  CXX_VISIBILITY_PRESET hidden LINK_DEPENDS "${pic_archive};${pic_versions}")
target_link_options(bundled-libstdc++ PRIVATE
  -nodefaultlibs -fuse-ld=bfd LINKER:-soname,libstdc++.so.6 LINKER:--version-script=${pic_versions}
  LINKER:--whole-archive,${pic_archive},--no-whole-archive LINKER:-z,relro LINKER:-O1)
target_link_libraries(bundled-libstdc++ PRIVATE -lm -lc -lgcc_s -lgcc)
add_dependencies(bundle bundled-libstdc++)
