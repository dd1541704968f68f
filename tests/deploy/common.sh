# Sourced by the scripts beside it, which try what deploy/ and tools/package*.sh make on real systems. Each takes
#   --bundle FILE   a bundle of tools/package.sh; without it, one is made of build/release
# and leaves with 77 where this machine lacks what it needs, saying so.
set -euo pipefail
name=$(basename "$0" .sh)
repository=$(cd "$(dirname "$0")/../.." && pwd)
# Roots made by debootstrap are kept here: a run changes only copies.
roots=${FIRESWEEP_ROOTS:-/var/tmp/firesweep-roots}

say() { echo "$name: $*"; }
die() { echo "$name: $*" >&2; exit 1; }
skip() { echo "$name: skipped: $*" >&2; exit 77; }

needs_root() { ((EUID == 0)) || skip "it needs root"; }

needs() {
  local program
  for program; do
    command -v "$program" > /dev/null || skip "$program is not here; type: apt-get install debootstrap" \
      "systemd-container docker.io docker-compose tini slurm-wlm munge prometheus iproute2"
  done
}

# Waits at most a minute until the command succeeds.
eventually() {
  local limit=$((SECONDS + 60))
  until "$@" > /dev/null 2>&1; do
    ((SECONDS < limit)) || die "not so within 60 s: $*"
    sleep 0.2
  done
}

# says WANTED COMMAND...: the command's output holds it.
says() {
  local wanted=$1 said
  shift
  said=$("$@" 2>&1) || true
  [[ $said == *"$wanted"* ]] || die "$*: found: $said"$'\n'"expected: $wanted"
}

# page URL PATH: what an HTTP server answers there.
page() {
  local host_port=${1#http://}
  exec 3<> "/dev/tcp/${host_port%:*}/${host_port##*:}"
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
  sed '1,/^\r$/d' <&3
  exec 3>&-
}

work=$(mktemp -d)
bundle=''
[[ ${1:-} != --bundle ]] || bundle=$(realpath "$2")

make_bundle() {
  [[ -z $bundle ]] || return 0
  bundle=$work/bundle.tar.zst
  "$repository/tools/package.sh" -o "$bundle"
}

# Puts the programs of the bundle, if one is given, or of build/release on PATH.
use_programs() {
  local programs=$repository/build/release/bin
  if [[ $bundle ]]; then
    mkdir "$work/bundle"
    tar -xf "$bundle" --strip-components=1 -C "$work/bundle"
    programs=$work/bundle/bin
    LIBTORCH_ROOT=$(realpath "$repository/.deps/torch")
    export LIBTORCH_ROOT
  fi
  [[ -x $programs/firesweep ]] || skip "$programs has no firesweep; type: tools/build.sh firesweep firesweep-worker"
  PATH=$programs:$PATH
}

# bare_root SUITE: makes $roots/SUITE, a system with systemd and no more, where it is not there yet.
bare_root() {
  local suite=$1 mirror=http://deb.debian.org/debian script='' unsigned=()
  [[ ! -e $roots/$suite ]] || return 0
  mkdir -p "$roots"
  if [[ $suite == noble ]]; then
    mirror=http://archive.ubuntu.com/ubuntu script=/usr/share/debootstrap/scripts/gutsy
    [[ -e /usr/share/keyrings/ubuntu-archive-keyring.gpg ]] || unsigned=(--no-check-gpg)
  fi
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus "${unsigned[@]}" "$suite" "$roots/$suite.new" \
    "$mirror" $script > "$roots/$suite.log" 2>&1 || { tail -3 "$roots/$suite.log" >&2; return 1; }
  mv "$roots/$suite.new" "$roots/$suite"
}
