#!/usr/bin/env bash
# Builds firesweep (CMake preset `release`) into build/release, after tools/setup.sh.
#   tools/build.sh [TARGET...]    (everything, tests included, unless targets are named)
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
cmake --preset release
cmake --build --preset release ${1:+--target "$@"}
echo "built: $PWD/build/release/bin/firesweep and firesweep-worker"
