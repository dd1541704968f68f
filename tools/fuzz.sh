#!/usr/bin/env bash
# Feeds the fuzz targets (tests/fuzz) with variations of their kept inputs, after tools/setup.sh --clang and a build of
# the CMake preset `fuzz`. A target ends at its first find, which stays in build/fuzz/finds. Prints a line per target.
#   tools/fuzz.sh                      # 20 seconds per target
#   tools/fuzz.sh --seconds N TARGET...
# FUZZ_JOBS: how many targets run at the same time (default: one per core). FUZZ_SEED: 1 unless set, so that a change is
# not failed by chance; 0 draws one.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(wire sweep_json sweep_yaml wandb architecture checkpoint dataset database)
seconds=20
if [[ ${1:-} == --seconds ]]; then
  seconds=${2:?--seconds needs a number}
  shift 2
fi
chosen=("$@")
(($# > 0)) || chosen=("${all[@]}")
for target in "${chosen[@]}"; do
  [[ " ${all[*]} " == *" $target "* ]] ||
    { echo "fuzz: $target: no such target, expected one of: ${all[*]}" >&2; exit 2; }
done

tools/setup.sh --clang
cmake --preset fuzz
cmake --build --preset fuzz

# An input that takes a minute or a gigabyte is a find too. New inputs stay in build/fuzz/corpus for later runs.
try_target() {
  local seconds=$1 target=$2 folder=build/fuzz log begin=$SECONDS code=0
  local kept=tests/fuzz/corpus/$target new=$folder/corpus/$target finds=$folder/finds/$target words=()
  log=$folder/$target.log
  mkdir -p "$new" "$finds"
  [[ ! -e tests/fuzz/$target.dict ]] || words=(-dict="tests/fuzz/$target.dict")
  # A database is a file of pages; nothing else needs to be long.
  local longest=8192
  [[ $target != database ]] || longest=32768
  UBSAN_OPTIONS=print_stacktrace=1 $folder/bin/firesweep-fuzz --target="$target" -max_total_time="$seconds" \
    -timeout=60 -rss_limit_mb=1024 -max_len=$longest -artifact_prefix="$finds/" -print_final_stats=1 \
    -seed="${FUZZ_SEED:-1}" "${words[@]}" \
    "$new" "$kept" > "$log" 2>&1 || code=$?
  local runs coverage
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o ' cov: [0-9]*' "$log" | tail -1 | tr -dc 0-9)
  printf '%-13s %10s runs  %6s edges  %4d s  %s\n' "$target" "${runs:-?}" "${coverage:-?}" $((SECONDS - begin)) \
    "$([[ $code == 0 ]] && echo 'no find' || echo "FIND: $log, $finds")"
  return $code
}
export -f try_target

printf '%s\0' "${chosen[@]}" | xargs -0 -n 1 -P "${FUZZ_JOBS:-$(nproc)}" bash -c 'try_target "$0" "$1"' "$seconds"
