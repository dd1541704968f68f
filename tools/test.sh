#!/usr/bin/env bash
# Runs every check, as CI does: the torch-free unit tests under ASan and UBSan, then the whole release suite (labels
# unit, simulation, torch, e2e), whose summary comes last.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build.sh

cmake --preset asan
cmake --build --preset asan
ctest --preset asan -j "$(nproc)"

ctest --preset release -j "$(nproc)"
