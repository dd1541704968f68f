#!/usr/bin/env bash
# Prepares a Debian 12 or 13 machine to build and test firesweep. It may run again; it is quick when there is nothing
# to do.
#   - installs Debian packages (root or sudo)
#   - unpacks LibTorch (CPU) from the PyTorch wheel into .deps/torch; firesweep uses no Python at run time
#   tools/setup.sh             # what building and running needs
#   tools/setup.sh --lint      # what tools/lint.sh needs: the same packages, clang-tidy, clang-format in .deps
#   tools/setup.sh --clang     # what builds with sanitizers need: the same packages, Clang with its runtimes
# Set LIBTORCH_ROOT=/path/to/torch to use another LibTorch (wheel or zip, CPU or CUDA).
set -euo pipefail
cd "$(dirname "$0")/.."

torch_wheel='torch==2.13.0+cpu'
torch_index='https://download.pytorch.org/whl/cpu'
# Other versions format differently, so everyone uses this one.
clang_format_wheel='clang-format==19.1.7'
lint_packages=(clang-tidy-19)
clang_packages=(clang-19 libclang-rt-19-dev llvm-19)
packages=(
  g++ cmake ninja-build ccache mold git pkg-config unzip ca-certificates
  libboost-dev libboost-program-options-dev nlohmann-json3-dev libyaml-cpp-dev libspdlog-dev libexpected-dev
  protobuf-compiler libprotobuf-dev libzmq3-dev cppzmq-dev
  sqlite3 libsqlite3-dev libsqlitecpp-dev
  libeigen3-dev libcurl4-openssl-dev libarchive-dev libssl-dev zlib1g-dev
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev libvalijson-dev
  zstd
  dataset-fashion-mnist
)

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }

apt_install() {
  command -v apt-get > /dev/null || die "no apt-get here; install the equivalents of: $*"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo > /dev/null || die "neither root nor sudo; as root, run: apt-get install $*"
    as_root=(sudo)
  fi
  say "installing Debian packages: $*"
  "${as_root[@]}" apt-get update -qq ||
    die "apt-get update failed; is the Debian mirror reachable from here?"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" > /dev/null ||
    die "apt-get could not install: $*"
}

install_packages() {
  local installed package missing=()
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "$@" 2> /dev/null || true)
  for package in "$@"; do
    grep -q "^${package} ii" <<< "$installed" || missing+=("$package")
  done
  ((${#missing[@]} == 0)) || apt_install "${missing[@]}"
}

# The C++ library of a bundle (cmake/bundle.cmake) is linked anew from the objects of the installed compiler's.
install_stdcxx_objects() {
  local release
  release=$(g++ -dumpversion)
  install_packages "libstdc++-${release%%.*}-pic"
}

# Downloads a wheel, which is a zip file, for one fixed Python version. INDEX is tried after the configured index.
download_wheel() {
  local folder=$1 wheel=$2 index=${3:-}
  python3 -m pip --version > /dev/null 2>&1 || apt_install python3-pip
  local fetch=(python3 -m pip download --quiet --no-deps --dest "$folder" --only-binary=:all:
    --python-version 3.11 --implementation cp --abi cp311 --abi none
    --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64)
  "${fetch[@]}" "$wheel" 2> "$folder/pip.log" ||
    { [[ $index ]] && "${fetch[@]}" --index-url "$index" "$wheel" 2>> "$folder/pip.log"; } ||
    { cat "$folder/pip.log" >&2
      die "pip could not fetch $wheel from its configured index${index:+, nor from $index}"; }
}

install_torch() {
  if [[ -n ${LIBTORCH_ROOT:-} ]]; then
    [[ -e $LIBTORCH_ROOT/lib/libtorch.so ]] ||
      die "LIBTORCH_ROOT=$LIBTORCH_ROOT has no lib/libtorch.so; expected a wheel's torch folder or a libtorch zip's"
    return
  fi
  local stamp=.deps/torch/firesweep-wheel
  [[ -e $stamp && $(< "$stamp") == "$torch_wheel" ]] && return
  mkdir -p .deps
  local work
  work=$(mktemp -d .deps/unpack.XXXXXX)
  trap "rm -rf '$work'" EXIT
  say "downloading $torch_wheel (192 MB)"
  download_wheel "$work" "$torch_wheel" "$torch_index"
  say "unpacking it into .deps/torch (510 MB)"
  unzip -q "$work"/torch-*.whl 'torch/include/*' 'torch/lib/*' 'torch/share/*' 'torch/version.py' \
    'torch-*.dist-info/licenses/*' -d "$work"
  mv "$work"/torch-*.dist-info/licenses "$work/torch/licenses"
  echo "$torch_wheel" > "$work/torch/firesweep-wheel"
  rm -rf .deps/torch
  mv "$work/torch" .deps/torch
}

install_clang_format() {
  local stamp=.deps/clang-format/firesweep-wheel
  [[ -e $stamp && $(< "$stamp") == "$clang_format_wheel" ]] && return
  mkdir -p .deps
  local work
  work=$(mktemp -d .deps/unpack.XXXXXX)
  trap "rm -rf '$work'" EXIT
  say "downloading $clang_format_wheel (2 MB)"
  download_wheel "$work" "$clang_format_wheel"
  unzip -q -j "$work"/clang_format-*.whl clang_format/data/bin/clang-format -d "$work/new"
  chmod +x "$work/new/clang-format"
  echo "$clang_format_wheel" > "$work/new/firesweep-wheel"
  rm -rf .deps/clang-format
  mv "$work/new" .deps/clang-format
}

case ${1:-} in
  '')
    install_packages "${packages[@]}"
    install_stdcxx_objects
    install_torch
    ;;
  --lint)
    install_packages "${packages[@]}" "${lint_packages[@]}"
    install_clang_format
    ;;
  --clang)
    install_packages "${packages[@]}" "${clang_packages[@]}"
    install_stdcxx_objects
    ;;
  *) die "$1: no such option, expected --lint, --clang or nothing" ;;
esac
say "ready"
