#!/usr/bin/env bash
# Checks the format of every source file (.clang-format) and runs clang-tidy on the torch-free rooms (.clang-tidy).
# Fails if it finds anything.
#   tools/lint.sh              # clang-tidy checks the files changed since the merge-base with origin/main
#   tools/lint.sh --since REV  # clang-tidy checks the files changed since REV
#   tools/lint.sh --all        # clang-tidy checks every file
#   tools/lint.sh --format     # checks only the format
#   tools/lint.sh --fix        # formats the files and checks nothing
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "lint: $*" >&2; exit 1; }

# On main the merge-base is HEAD itself; then the base is the commit before it. Prints nothing if the clone is too
# shallow to have that commit.
base_of_this_work() {
  local base
  base=$(git merge-base HEAD origin/main 2> /dev/null || true)
  [[ $base && $base != "$(git rev-parse HEAD)" ]] || base=HEAD~
  git rev-parse --verify --quiet "$base^{commit}" || true
}

since=''
what=${1:---changed}
case $what in
  --changed) since=$(base_of_this_work) ;;
  --since) since=$(git rev-parse --verify "${2:?--since needs a revision}^{commit}") ;;
  --all | --format | --fix) ;;
  *) die "$what: no such option, expected --since REV, --all, --format or --fix" ;;
esac

tools/setup.sh --lint
clang_format=.deps/clang-format/clang-format
mapfile -t sources < <(git ls-files --cached --others --exclude-standard --deduplicate -- '*.cpp' '*.h' '*.cu' |
  while read -r file; do [[ ! -e $file ]] || echo "$file"; done)
if [[ $what == --fix ]]; then exec "$clang_format" -i "${sources[@]}"; fi
"$clang_format" --dry-run -Werror "${sources[@]}" || die "the files above are not formatted; tools/lint.sh --fix formats them"
echo "lint: ${#sources[@]} files are formatted"
[[ $what != --format ]] || exit 0

# clang-tidy needs the compile commands and the generated headers.
build=build/tidy
cmake --preset tidy > /dev/null
ninja -C $build -t targets rule CUSTOM_COMMAND | grep '\.h$' | xargs ninja -C $build --quiet
compiled=$(sed -n "s|^ *\"file\": \"$PWD/\(.*\)\"|\1|p" $build/compile_commands.json |
  grep -E '^(shared|coordinator|worker)/')

# Changed headers are checked on their own, too, with the compile command of a source file near them.
candidates() {
  if [[ ! $since ]]; then echo "$compiled"; return; fi
  { git diff --name-only --diff-filter=d "$since"; git ls-files --others --exclude-standard; } |
    grep -E "^($(sed 's|/[^/]*$||' <<< "$compiled" | sort -u | paste -sd '|'))/[^/]*\.h$|^($(paste -sd '|' <<< "$compiled"))$" |
    sort -u || true
}
mapfile -t chosen < <(candidates)
((${#chosen[@]} > 0)) || { echo "lint: no file that clang-tidy checks has changed since $since"; exit 0; }

echo "lint: clang-tidy checks ${#chosen[@]} files"
printf '%s\0' "${chosen[@]}" |
  xargs -0 -n 1 -P "${LINT_JOBS:-$(nproc)}" clang-tidy-19 -p $build --quiet \
    --extra-arg=-Wno-pragma-once-outside-header 2> >(grep -v 'warnings\? generated' >&2) ||
  die "clang-tidy found the problems above; .clang-tidy lists the checks"
echo "lint: clang-tidy finds nothing"
