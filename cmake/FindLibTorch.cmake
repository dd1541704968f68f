# Finds LibTorch in a PyTorch wheel's unpacked `torch` folder or in a libtorch zip, CPU or CUDA, and links its
# libraries directly: no nvcc and no CUDA toolkit is looked for, which TorchConfig.cmake would demand. Every build from
# 2.7 on has the compiler's default _GLIBCXX_USE_CXX11_ABI=1, so nothing is defined here.
#
# Input:   LIBTORCH_ROOT (cache variable or environment; <source>/.deps/torch by default)
# Results: LibTorch::LibTorch, LibTorch_FOUND, LibTorch_FOLDER, LibTorch_CUDA,
#          LibTorch_VERSION ("2.11.0"), LibTorch_BUILD ("2.11.0+cu130"),
#          LibTorch_CUDA_HEADERS (a folder; what records graphs includes them, empty for a CPU build)
#
# A target with the property FIRESWEEP_BUNDLED is not told where this LibTorch lies (bundle.cmake).

if(NOT LIBTORCH_ROOT AND DEFINED ENV{LIBTORCH_ROOT})
  set(LIBTORCH_ROOT $ENV{LIBTORCH_ROOT})
endif()
set(LIBTORCH_ROOT "${LIBTORCH_ROOT}" CACHE PATH "LibTorch: a wheel's torch folder or an unpacked zip")
if(LIBTORCH_ROOT)
  set(_torch_root ${LIBTORCH_ROOT})
else()
  set(_torch_root ${PROJECT_SOURCE_DIR}/.deps/torch)
endif()
file(REAL_PATH ${_torch_root} _torch_root)

set(LibTorch_FOLDER ${_torch_root})
set(_torch_headers ${_torch_root}/include)
foreach(_library torch torch_cpu c10 torch_cuda c10_cuda)
  set(_path ${_torch_root}/lib/lib${_library}.so)
  if(EXISTS ${_path})
    set(LibTorch_${_library}_LIBRARY ${_path})
  else()
    unset(LibTorch_${_library}_LIBRARY)
  endif()
endforeach()

unset(LibTorch_VERSION)
set(_version_header ${_torch_headers}/torch/headeronly/version.h)
if(NOT EXISTS ${_version_header})
  set(_version_header ${_torch_headers}/torch/csrc/api/include/torch/version.h)
endif()
if(EXISTS ${_version_header})
  file(STRINGS ${_version_header} _lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]+([0-9]+)[^0-9]+([0-9]+).*" "\\1.\\2.\\3"
         LibTorch_VERSION "${_lines}")
endif()

# As a wheel's version.py and a zip's build-version have it.
set(LibTorch_BUILD ${LibTorch_VERSION})
if(EXISTS ${_torch_root}/version.py)
  file(STRINGS ${_torch_root}/version.py _lines REGEX "^__version__ = ")
  string(REGEX REPLACE ".*['\"](.+)['\"].*" "\\1" LibTorch_BUILD "${_lines}")
elseif(EXISTS ${_torch_root}/build-version)
  file(STRINGS ${_torch_root}/build-version LibTorch_BUILD LIMIT_COUNT 1)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_LIBRARY LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "looked in ${_torch_root}: run tools/setup.sh or set LIBTORCH_ROOT")

set(LibTorch_CUDA FALSE)
if(LibTorch_torch_cuda_LIBRARY)
  set(LibTorch_CUDA TRUE)
endif()

# CUDA's headers: beside the wheel where pip installed what it needs, else a toolkit's.
set(LibTorch_CUDA_HEADERS "")
if(LibTorch_CUDA)
  cmake_path(GET _torch_root PARENT_PATH _site)
  foreach(_folder ${_site}/nvidia/cu13/include ${_site}/nvidia/cuda_runtime/include
          $ENV{CUDA_HOME}/include /usr/local/cuda/include)
    if(EXISTS ${_folder}/cuda_runtime_api.h)
      set(LibTorch_CUDA_HEADERS ${_folder})
      break()
    endif()
  endforeach()
  if(NOT LibTorch_CUDA_HEADERS)
    message(STATUS "No CUDA headers (PyPI: nvidia-cuda-runtime): training steps will not be recorded as graphs")
  endif()
endif()

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  # The CUDA wheels keep cuDNN, cuBLAS and their like in sibling nvidia/<package>/lib folders.
  cmake_path(GET _torch_root PARENT_PATH _site)
  file(GLOB _run_paths LIST_DIRECTORIES true ${_site}/nvidia/*/lib)
  list(PREPEND _run_paths ${_torch_root}/lib)
  list(TRANSFORM _run_paths REPLACE "(.+)" "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:FIRESWEEP_BUNDLED>>>:-Wl,-rpath,\\1>")

  # Kernels register themselves at load time, so nothing refers to torch_cuda: keep every library named here. What
  # the libraries themselves refer to (the CUDA driver and its kin) is resolved at run time.
  set(_libraries)
  foreach(_library torch torch_cpu c10 torch_cuda c10_cuda)
    if(LibTorch_${_library}_LIBRARY)
      list(APPEND _libraries ${LibTorch_${_library}_LIBRARY})
    endif()
  endforeach()
  # libstdc++ comes first: libtorch.so of 2.11 exports functions of its own copy of it (std::filesystem::remove_all),
  # which jump to 0 when another library calls them.
  list(PREPEND _libraries -lstdc++)
  list(JOIN _libraries "," _libraries)

  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    ${_torch_headers} ${_torch_headers}/torch/csrc/api/include)
  target_link_options(LibTorch::LibTorch INTERFACE LINKER:--allow-shlib-undefined ${_run_paths})
  target_link_libraries(LibTorch::LibTorch INTERFACE
    "-Wl,--push-state,--no-as-needed,${_libraries},--pop-state" Threads::Threads)
endif()
