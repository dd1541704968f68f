#!/bin/sh
# Checks the CUDA path on a machine without a GPU: builds the worker against LibTorch's CUDA build. Needs no CUDA
# toolkit. Keeps the wheel (about 550 MB, 2 GB unpacked) in .deps/cuda.
#
#   tools/check_cuda.sh                        # compiles and links; TORCH=2.14.1 by default
#   RUN=1 tools/check_cuda.sh                  # also gets NVIDIA's libraries (4 GB more), starts the program and runs
#                                              # the training tests on the CPU
#   WHEEL=FILE FOLDER=DIR tools/check_cuda.sh  # uses a wheel that was downloaded before, unpacked into DIR
set -eu
cd "$(dirname "$0")/.."
torch=${TORCH:-2.14.1}
folder=${FOLDER:-$PWD/.deps/cuda}
root=$folder/torch
targets=firesweep-worker

if [ ! -e "$root/lib/libtorch_cuda.so" ]; then
  mkdir -p "$folder"
  wheel=${WHEEL:-}
  if [ -z "$wheel" ]; then
    python3 -m pip download --quiet --no-deps --dest "$folder" --only-binary=:all: --python-version 3.11 \
      --implementation cp --abi cp311 --platform manylinux_2_28_x86_64 "torch==$torch"
    wheel=$(ls "$folder"/torch-*.whl)
  fi
  unzip -q -o "$wheel" 'torch/include/*' 'torch/lib/*' 'torch/version.py' -d "$folder"
  rm -f "$folder"/torch-*.whl
fi
if [ ! -e "$root/lib/libtorch_cuda.so" ]; then
  echo "check_cuda: $root has no lib/libtorch_cuda.so; torch $torch of this index is not a CUDA build" >&2
  exit 1
fi
tools/cuda_headers.sh "$root"
version=$(sed -n "s/^__version__ = '\(.*\)'/\1/p" "$root/version.py")
if [ -n "${RUN:-}" ]; then
  targets="firesweep-worker training_test"
  if [ -z "$(ls "$folder"/nvidia/*/lib/libcudart.so.* 2>/dev/null)" ]; then
    # With all it depends on, of which only the libraries beside it matter here.
    python3 -m pip install --quiet --upgrade --target "$folder" "torch==$torch"
  fi
fi

cmake -S . -B build/cuda -G Ninja -DCMAKE_BUILD_TYPE=Release -DLIBTORCH_ROOT="$root" >/dev/null
# shellcheck disable=SC2086
cmake --build build/cuda --target $targets "$@"
echo "check_cuda: the worker compiles and links against torch $version"
if [ -n "${RUN:-}" ]; then
  echo "check_cuda: devices: $(build/cuda/bin/firesweep-worker --list-cuda-devices | tr '\n' ' ')"
  build/cuda/tests/bin/training_test --gtest_brief=1
  echo "check_cuda: the worker starts with torch $version and its training tests pass on the CPU"
fi
