#!/usr/bin/env bash
# Makes Debian packages of the bundle of tools/package.sh, for any distribution with glibc 2.34 or newer:
#   firesweep_VERSION_amd64.deb                      the coordinator, its verbs and its service
#   firesweep-worker_VERSION+torchX.Y.Z_amd64.deb    the worker and its service; LibTorch is not in it
# Each stands alone, and has what the bundle has in /usr/lib/PACKAGE. Units and settings are in deploy/.
#
#   tools/package_deb.sh                  # of a bundle made now
#   tools/package_deb.sh --bundle FILE    # of a bundle that is there
#   tools/package_deb.sh -o DIR           # writes them into DIR instead of this folder
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."

die() { echo "package_deb: $*" >&2; exit 1; }

bundle_file='' output=$here
while (($# > 0)); do
  case $1 in
    --bundle | -o)
      (($# > 1)) || die "$1: found no value, expected a path"
      value=$(cd "$here" && realpath -m -- "$2")
      if [[ $1 == -o ]]; then output=$value; else bundle_file=$value; fi
      shift 2
      ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "$1: no such option, expected --bundle FILE or -o DIR" ;;
  esac
done

umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z $bundle_file ]]; then
  bundle_file=$work/bundle.tar.zst
  tools/package.sh -o "$bundle_file"
fi
mkdir "$work/unpacked"
tar -xf "$bundle_file" -C "$work/unpacked" || die "$bundle_file: not a bundle of tools/package.sh"
bundle=$(echo "$work"/unpacked/firesweep-*)
version=$(awk '$1 == "firesweep" {print $2}' "$bundle/versions")
libtorch=$(awk '$1 == "libtorch" {print $2}' "$bundle/versions")

# Copies programs with those of the bundle's libraries that they load.
copy_programs() {
  local to=$1 program library path _
  shift
  mkdir -p "$to/lib"
  for program in "$@"; do
    install -D "$bundle/$program" "$to/$program"
    while read -r library _ path _; do
      [[ $path != "$bundle"/* ]] || cp -n "$bundle/lib/$library" "$to/lib"
    done < <(ldd "$bundle/$program")
  done
  cp -R "$bundle"/{architectures,versions} "$to"
}

# What is compiled into a program has its licence in each package; a library's goes where the library goes.
copy_licences() {
  local root=$1 doc=$2 library other
  mkdir -p "$doc/licences"
  cp -R "$bundle"/licences/. "$doc/licences"
  for library in "$bundle"/lib/*; do
    [[ ! -e $root/lib/$(basename "$library") ]] || continue
    other=$(dpkg-query -S "*/$(basename "$library")" | sed -n '1s/:.*//p')
    rm -rf "$doc/licences/$other"
  done
}

# Fills in the control files and writes the package of $work/PACKAGE.
pack() {
  local package=$1 its_version=$2 summary=$3 description=$4 root=$work/$1 script
  local doc=$root/usr/share/doc/$package
  install -D -m 644 "deploy/systemd/$package.service" "$root/usr/lib/systemd/system/$package.service"
  install -D -m 644 "deploy/debian/$package.default" "$root/etc/default/$package"
  mkdir -p "$root/usr/bin" "$root/DEBIAN"
  ln -s "../lib/$package/bin/$package" "$root/usr/bin/$package"
  copy_licences "$root/usr/lib/$package" "$doc"
  echo "/etc/default/$package" > "$root/DEBIAN/conffiles"
  for script in postinst prerm postrm; do
    sed "s/@PACKAGE@/$package/" "deploy/debian/$script" > "$root/DEBIAN/$script"
    chmod 755 "$root/DEBIAN/$script"
  done
  cat > "$root/DEBIAN/control" << END
Package: $package
Version: $its_version
Architecture: amd64
Maintainer: The firesweep authors <firesweep@localhost>
Section: science
Priority: optional
Installed-Size: $(du -sk "$root" | cut -f1)
Pre-Depends: init-system-helpers (>= 1.54~)
Depends: libc6 (>= 2.34), libgcc-s1, passwd
Description: $summary
$(sed 's/^/ /' <<< "$description")
END
  (cd "$root" && find etc usr -type f -exec md5sum {} + > DEBIAN/md5sums)
  local file=$output/${package}_${its_version}_amd64.deb
  dpkg-deb --root-owner-group -Zxz --build "$root" "$file" > /dev/null
  echo "package_deb: $file: $(stat -c %s "$file") bytes, $(du -sb "$root/usr" | cut -f1) installed"
}

mkdir -p "$output"
copy_programs "$work/firesweep/usr/lib/firesweep" bin/firesweep
cp -R "$bundle/sweeps" "$work/firesweep/usr/lib/firesweep"
pack firesweep "$version" 'hyperparameter sweeps ranked by accuracy against parameter count' \
'The coordinator takes sweep files, leases their trials to workers, survives crashes and
keeps everything in one SQLite file. The service listens on 127.0.0.1:5555.'

copy_programs "$work/firesweep-worker/usr/lib/firesweep-worker" bin/firesweep-worker libexec/firesweep-worker
pack firesweep-worker "$version+torch$libtorch" 'trains the trials that a firesweep coordinator hands out' \
"A slot for each GPU, or for each core without one. It needs LibTorch $libtorch, which is not
in this package; it says where it looks, and what to type, where there is none."
