#!/usr/bin/env bash
# `tools/test.sh --full`: also runs the checks that take too long for CI or download too much. If a part fails, the
# others still run. The lines at the end are for the table in docs/reliability.md.
#   tools/test_full.sh             # all parts, `ci` first
#   tools/test_full.sh PART...     # only these parts
#   tools/test_full.sh --list      # lists the parts
# CIFAR-100 is taken from FIRESWEEP_DATA, or downloaded.
set -uo pipefail
cd "$(dirname "$0")/.."

# Name and meaning of each part; run_NAME below runs it.
parts='
ci          everything that tools/test.sh runs
warnings    every file on its own, with all that it includes, without a warning
tidy        clang-tidy on every file of the torch-free rooms
seeds       one million seeds of the simulator
tsan        the unit tests under TSan
fuzz        ten minutes of each fuzz target
asan_seeds  20,000 seeds of the simulator under ASan and UBSan
chaos       five runs of 2,000 trials with 210 processes killed, real processes
hosts       three runs of 2,000 trials on three hosts (network namespaces) with a bad network between them (root)
verbs       control verbs on a sweep of a million points
quickstart  tools/quickstart.sh from an empty database
cuda        the build against LibTorch for CUDA, its training tests on the CPU, its bundle (6 GB of downloads)
packages    the Debian packages in bare Debian 12, Debian 13 and Ubuntu 24.04, booted (root, debootstrap)
compose     docker-compose.yml with a Docker daemon of its own (root, dockerd, debootstrap)
kubernetes  deploy/kubernetes against the schemas of the newest Kubernetes versions (PyPI)
slurm       '\''firesweep slurm'\'' on a Slurm of one node, started by hand (root, slurm-wlm, munge)
prometheus  a real Prometheus scrapes a coordinator (prometheus)
reference   PyTorch still computes the stored values with which the training tests compare
step        our training step compared with PyTorch'\''s, eager and compiled
pipeline    our trainer compared with the study'\''s pipeline, on CIFAR-100
'
skipped=77

run_ci() { tools/test.sh; }

run_warnings() { cmake --preset dev && cmake --build --preset dev; }

run_tidy() { tools/lint.sh --all; }

run_seeds() {
  tools/build.sh firesweep-simulate &&
    build/release/bin/firesweep-simulate --seeds 1..1000000 --threads "$(nproc)"
}

run_tsan() {
  tools/setup.sh --clang && cmake --preset tsan && cmake --build --preset tsan &&
    ctest --preset tsan -j $((2 * $(nproc)))
}

run_asan_seeds() {
  tools/setup.sh --clang && cmake --preset asan && cmake --build build/asan --target firesweep-simulate &&
    build/asan/bin/firesweep-simulate --seeds 1..20000 --threads "$(nproc)"
}

run_fuzz() { tools/fuzz.sh --seconds 600; }

run_chaos() {
  tools/build.sh firesweep-chaos || return
  local seed
  for seed in 1 2 3 4 5; do build/release/bin/firesweep-chaos --seed $seed || return; done
}

run_hosts() {
  tools/build.sh firesweep-chaos || return
  local seed
  for seed in 1 2 3; do build/release/bin/firesweep-chaos --hosts --seed $seed || return; done
}

run_verbs() { tools/build.sh bench_verbs && build/release/bench/verbs; }

run_quickstart() {
  local folder code
  folder=$(mktemp -d)
  tools/quickstart.sh --db "$folder/quickstart.db" "${data[@]}"
  code=$?
  rm -rf "$folder"
  return $code
}

run_cuda() {
  RUN=1 tools/check_cuda.sh &&
    LIBTORCH_ROOT=$PWD/.deps/cuda/torch cmake --build build/cuda --target bundle &&
    tools/package.sh --build build/cuda -o build/cuda/bundle.tar.zst
}

run_packages() { tools/build.sh bundle && tests/deploy/packages.sh; }

run_compose() { tools/build.sh bundle && tests/deploy/compose.sh; }

run_kubernetes() { tests/deploy/kubernetes.sh; }

run_slurm() { tools/build.sh firesweep firesweep-worker && tests/deploy/slurm.sh; }

run_prometheus() { tools/build.sh firesweep firesweep-worker && tests/deploy/prometheus.sh; }

run_reference() {
  local python folder code
  python=$(tools/python_env.sh) || return
  folder=$(mktemp -d)
  cp tests/worker/training/reference/make_reference.py "$folder"
  "$python" "$folder/make_reference.py" && cmp "$folder/reference.json" tests/worker/training/reference/reference.json
  code=$?
  rm -rf "$folder"
  return $code
}

run_step() {
  local python
  python=$(tools/python_env.sh) || return
  tools/build.sh bench_train_step && FIRESWEEP_PYTHON=$python build/release/bench/train_step
}

run_pipeline() {
  local python
  python=$(tools/python_env.sh) || return
  ((${#data[@]} > 0)) || { echo 'pipeline needs CIFAR-100: set FIRESWEEP_DATA' >&2; return $skipped; }
  tools/build.sh bench_pipeline && FIRESWEEP_PYTHON=$python build/release/bench/pipeline "${data[@]}"
}

data=()
[[ -z ${FIRESWEEP_DATA:-} ]] || data=(--data-dir "$FIRESWEEP_DATA")

mapfile -t names < <(awk 'NF {print $1}' <<< "$parts")
if [[ ${1:-} == --list ]]; then
  printf '%s' "${parts#$'\n'}"
  exit 0
fi
chosen=("$@")
(($# > 0)) || chosen=("${names[@]}")
for part in "${chosen[@]}"; do
  [[ " ${names[*]} " == *" $part "* ]] ||
    { echo "test: $part: no such part, expected one of: ${names[*]}" >&2; exit 2; }
done

failed=0
lines=()
for part in "${chosen[@]}"; do
  echo "==== $part"
  begin=$SECONDS
  "run_$part"
  code=$?
  case $code in
    0) said=ok ;;
    "$skipped") said=skipped ;;
    *) said="FAILED with $code" failed=1 ;;
  esac
  lines+=("$(printf '| `%s` | %s | %s | %d:%02d |' "$part" "$(date -u +%F)" "$said" \
    $(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60)))")
done
printf '\n| part | date | result | minutes |\n|---|---|---|--:|\n'
printf '%s\n' "${lines[@]}"
exit $failed
