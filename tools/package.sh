#!/usr/bin/env bash
# Makes a bundle, firesweep-VERSION-linux-x86_64-torchX.Y[+cuNNN].tar.zst. Unpack it on any x86-64 Linux with glibc 2.34
# or newer and run bin/firesweep, without root and without packages. The bundle does not contain LibTorch; workers
# search for it when they start.
#
#   tools/package.sh                 # for the LibTorch in .deps (CPU)
#   tools/package.sh --torch DIR     # for another LibTorch: a wheel's torch folder or an unpacked zip, CPU or CUDA
#   tools/package.sh --build DIR     # packs the result of `cmake --build DIR --target bundle`
#   tools/package.sh -o FILE         # writes FILE; the default is a file in this folder
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
root=$PWD

max_bytes=$((25 * 1000 * 1000))
# What every host has: glibc, and libgcc_s.so.1, which glibc itself loads and LibTorch needs too.
host_libraries='^(linux-vdso|ld-linux-x86-64|libc|libm|libpthread|libdl|librt|libresolv|libutil|libanl|libgcc_s)\.so'
# Compiled into the programs, so that no file of theirs names their package.
packages_inside=(libsqlitecpp-dev nlohmann-json3-dev libexpected-dev cppzmq-dev libboost1.74-dev gcc-12-base)

die() { echo "package: $*" >&2; exit 1; }

torch='' build='' output=''
while (($# > 0)); do
  case $1 in
    --torch | --build | -o)
      (($# > 1)) || die "$1: found no value, expected a path"
      value=$(cd "$here" && realpath -m -- "$2")
      case $1 in
        --torch) torch=$value ;;
        --build) build=$value ;;
        -o) output=$value ;;
      esac
      shift 2
      ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "$1: no such option, expected --torch DIR, --build DIR or -o FILE" ;;
  esac
done
[[ -z $torch || -z $build ]] || die "--torch and --build: found both, expected one; a build folder has its LibTorch"

if [[ -z $build ]]; then
  if [[ -n $torch ]]; then
    export LIBTORCH_ROOT=$torch
    tools/setup.sh
    build=$root/build/bundle-$(cat "$torch"/{version.py,build-version} 2> /dev/null |
      sed -n "s/^__version__ = ['\"]\(.*\)['\"]/\1/p; s/^\([0-9.]*+.*\)/\1/p" | head -1 || true)
    cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLIBTORCH_ROOT="$torch" > /dev/null
  else
    build=$root/build/release
    tools/setup.sh
    cmake --preset release > /dev/null
  fi
  cmake --build "$build" --target bundle
fi
made=$build/bundle
for file in versions bin/firesweep bin/firesweep-worker libexec/firesweep-worker lib/libstdc++.so.6; do
  [[ -e $made/$file ]] || die "$made/$file: not found; type: cmake --build $build --target bundle"
done

version=$(awk '$1 == "firesweep" {print $2}' "$made/versions")
libtorch=$(awk '$1 == "libtorch" {print $2}' "$made/versions")
tag=torch$(cut -d. -f1,2 <<< "$libtorch")
[[ $libtorch != *+cu* ]] || tag+=+cu${libtorch##*+cu}
name=firesweep-$version-linux-x86_64-$tag
output=${output:-$here/$name.tar.zst}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$work/$name
mkdir -p "$bundle"/{lib,licences}
cp -R "$made"/{bin,libexec,versions} architectures sweeps "$bundle"
cp THIRD_PARTY.md "$bundle/licences"
cat > "$bundle/README" << EOF
firesweep $version, built against LibTorch $libtorch.

  bin/firesweep run sweeps/quickstart.json --workers 2 --data-dir DIR
  bin/firesweep-worker --coordinator tcp://HOST:5555

The worker looks for LibTorch $libtorch in \$LIBTORCH_ROOT, in the torch package of python3 on PATH, and in .deps/torch
in this folder or beside it. bin/firesweep itself needs none. Data sets are not downloaded: name the folder of
their files with --data-dir or FIRESWEEP_DATA.
EOF

# The libraries that the programs name, and those that these name. LibTorch's are the host's.
mapfile -t programs < <(find "$made/bin" "$made/libexec" -type f)
while read -r library arrow path _; do
  [[ $arrow == '=>' && ! $library =~ $host_libraries && ! $library =~ ^lib(torch|c10)(_|\.) ]] || continue
  [[ $path != not ]] || die "$library: not found on this machine, expected what $build was linked with"
  [[ -e $bundle/lib/$library ]] || cp -L "$path" "$bundle/lib/$library"
done < <(ldd "${programs[@]}")
find "$bundle"/{bin,libexec,lib} -type f -exec strip --strip-unneeded {} +

licence_of() {
  local package=$1
  [[ -e /usr/share/doc/$package/copyright ]] || die "/usr/share/doc/$package/copyright: not found; run tools/setup.sh"
  mkdir -p "$bundle/licences/$package"
  cp -L "/usr/share/doc/$package/copyright" "$bundle/licences/$package"
}
for package in "${packages_inside[@]}"; do licence_of "$package"; done
for library in "$bundle"/lib/*; do
  owner=$(dpkg-query -S "*/$(basename "$library")" | sed -n '1s/:.*//p')
  [[ -n $owner ]] || die "$library: no Debian package owns it, expected one with a copyright file"
  licence_of "$owner"
done
cp -L /usr/share/common-licenses/{Apache-2.0,GPL-2,GPL-3,LGPL-2.1,LGPL-3} "$bundle/licences"

tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner "$name" |
  zstd --quiet --force -19 -T0 -o "$output"
bytes=$(stat -c %s "$output")
((bytes <= max_bytes)) || die "$output: found $bytes bytes, expected at most $max_bytes"
echo "package: $output: $bytes bytes, $(du -sb "$bundle" | cut -f1) unpacked, for LibTorch $libtorch"
