#!/bin/sh
# Compiles the training room against LibTorch's CUDA build: what a machine without a GPU can tell of the CUDA path. Needs no
# CUDA toolkit and none of the nvidia packages, so that nothing is linked or started. The wheel (about 550 MB, 2 GB unpacked) is kept in .deps/cuda.
#
#   tools/check_cuda.sh            # TORCH=2.14.1 by default
#   WHEEL=FILE FOLDER=DIR tools/check_cuda.sh  # a wheel that is there already, unpacked into DIR
set -eu
cd "$(dirname "$0")/.."
torch=${TORCH:-2.14.1}
folder=${FOLDER:-$PWD/.deps/cuda}
root=$folder/torch

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

cmake -S . -B build/cuda -G Ninja -DCMAKE_BUILD_TYPE=Release -DLIBTORCH_ROOT="$root" >/dev/null
cmake --build build/cuda --target firesweep_training "$@"
echo "check_cuda: worker/training compiles against $(grep -o "__version__ = '.*'" "$root/version.py")"
