#!/usr/bin/env bash
# Runs all checks that CI runs. The last stage is the whole release test suite (labels unit, simulation, torch, e2e).
# The durations of the earlier stages are printed before it, ctest's summary after it.
#   tools/test.sh                  # under 40 minutes on two cores with an empty compiler cache
#   tools/test.sh --full           # these and all other checks, which takes hours; prints one line per part at the end
#   tools/test.sh --full PART...   # only these parts; --full --list names them
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=$((2 * $(nproc)))  # ctest counts a test that keeps a core busy as two
stages=()
stage() {
  local name=$1 begin=$SECONDS
  shift
  echo "== $name"
  "$@"
  stages+=("$(printf '%3d:%02d  %s' $(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60)) "$name")")
}

# Tests' temporary files lie in memory, where 4 GB of it are free and programs may be started from it (containers often
# forbid that): those with a database wait for the disk most of their time. Nothing in them depends on what a disk keeps
# when the power fails. What does is the simulator's, on disks of its own.
tests_in_memory() {
  local memory=/dev/shm free
  [[ -z ${TMPDIR:-} && -w $memory ]] || return 0
  free=$(df --output=avail -k $memory | tail -n 1)
  ((free >= 4000000)) && ! findmnt --noheadings --output OPTIONS --target $memory | grep -qw noexec || return 0
  TMPDIR=$(mktemp -d $memory/firesweep-tests-XXXXXX)
  chmod 755 "$TMPDIR"  # some tests run as another user
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
}

# The rooms compile without a warning, and no name has two definitions. It is a unity build (several files are compiled
# as one), as all here are: a file that does not include what it uses fails in the lint stage, where it has changed, and
# in --full's stage `warnings`.
under_dev() {
  cmake --preset odr
  cmake --build --preset odr
}

under_asan() {
  tools/setup.sh --clang
  cmake --preset asan
  cmake --build --preset asan
  ctest --preset asan -j "$jobs"
}

# The unit tests in which threads of ours meet; --full runs all of them so.
under_tsan() {
  tools/setup.sh --clang
  cmake --preset tsan
  cmake --build --preset tsan-threads
  ctest --preset tsan-threads -j "$jobs"
}

ci() {
  tests_in_memory
  stage 'format of every file, clang-tidy on those that have changed' tools/lint.sh
  stage 'release: build' tools/build.sh
  stage 'dev: the torch-free rooms without a warning and without a name twice' under_dev
  stage 'ASan, UBSan: unit tests, simulator, planted bugs' under_asan
  stage 'TSan: the unit tests with threads' under_tsan
  stage 'fuzz: 20 seconds per target' tools/fuzz.sh
  printf '\nminutes  stage\n'
  printf '%s\n' "${stages[@]}"
  printf '         release: tests, whose time stands below\n\n'
  ctest --preset release -j "$jobs"
}

case ${1:-} in
  '') ci ;;
  --full) exec tools/test_full.sh "${@:2}" ;;
  *) echo "test: $1: no such option, expected --full or nothing" >&2; exit 2 ;;
esac
