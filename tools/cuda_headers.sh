#!/bin/sh
# Downloads CUDA's headers for a CUDA build of LibTorch from PyPI (2.4 MB) into .deps/cuda-headers, for machines without
# a CUDA toolkit. The worker needs them to record its training steps as CUDA graphs. CUDA 13 only; CUDA 12 needs a
# toolkit.
#
#   tools/cuda_headers.sh TORCH_FOLDER
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n "s/^cuda: .*= '\([0-9.]*\)'.*/\1/p" "$1/version.py")
case $version in
  13.*) ;;
  *) echo "cuda_headers: $1 is built with CUDA ${version:-none}, expected 13.x" >&2; exit 1 ;;
esac
folder=.deps/cuda-headers
[ "$(cat $folder/version 2>/dev/null)" != "$version" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" --only-binary=:all: \
  "nvidia-cuda-runtime==$version.*" "nvidia-cuda-crt==$version.*"
rm -rf $folder
mkdir -p $folder
for wheel in "$work"/*.whl; do unzip -q -o "$wheel" 'nvidia/cu13/include/*' -d "$work"; done
mv "$work/nvidia/cu13/include" $folder/include
echo "$version" > $folder/version
