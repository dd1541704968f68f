#!/usr/bin/env bash
# Builds firesweep (CMake preset `release`) into build/release, after tools/setup.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
cmake --preset release
cmake --build --preset release
echo "built: $PWD/build/release/bin/firesweep and firesweep-worker"
