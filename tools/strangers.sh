#!/usr/bin/env bash
# Prints the strangers' table of SECURITY.md: who sent what to a real coordinator, and what it answered.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/build.sh e2e_strangers_test > /dev/null
build/release/tests/bin/e2e_strangers_test | sed -n '/^| /p; /^|--/p; /FAILED/p'
