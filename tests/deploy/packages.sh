#!/usr/bin/env bash
# The Debian packages in bare systems made by debootstrap, booted with systemd: installed, started, used, killed,
# removed. Debian 12, Debian 13 and Ubuntu 24.04.
. "$(dirname "$0")/common.sh"

needs_root
needs debootstrap systemd-nspawn dpkg-deb nsenter
torch=$(realpath "$repository/.deps/torch")
[[ -e $torch/lib/libtorch.so ]] || skip "$torch has no lib/libtorch.so; tools/setup.sh fetches it"
root=$work/root nspawn=''
leave() {
  [[ -z $nspawn ]] || { kill "$nspawn" 2> /dev/null && wait "$nspawn" 2> /dev/null; } || true
  rm -rf --one-file-system "$work"
}
trap leave EXIT

inside() { nsenter --target "$leader" --mount --uts --ipc --net --pid -- "$@"; }
here=(--coordinator tcp://127.0.0.1:5555)
# As the user whose keys the services have.
asks() {
  inside setpriv --reuid firesweep --regid firesweep --init-groups \
    env XDG_CONFIG_HOME=/var/lib/firesweep/.config firesweep "$@" "${here[@]}"
}

boot() {
  systemd-nspawn --quiet --register=no --keep-unit --private-network --machine "firesweep-$$" --directory "$root" \
    --bind-ro="$torch:/opt/torch" --boot > "$work/console" 2>&1 < /dev/null &
  nspawn=$!
  eventually pgrep --parent $nspawn
  leader=$(pgrep --parent $nspawn)
  eventually inside systemctl is-active --quiet multi-user.target
}

try_packages() {
  local suite=$1
  rm -rf --one-file-system "$root"
  cp -a "$roots/$suite" "$root"
  cp "$work"/debs/*.deb "$root/root"
  boot

  inside sh -c 'dpkg -i /root/*.deb' > "$work/install" 2>&1 || die "$suite: dpkg -i: $(cat "$work/install")"
  says 'not found; looked in LIBTORCH_ROOT (not set)' cat "$work/install"
  says 'firesweep-worker is installed but not started' cat "$work/install"
  says inactive inside systemctl is-active firesweep-worker
  says enabled inside systemctl is-enabled firesweep firesweep-worker
  eventually asks list

  # root has other keys, until it is invited.
  ! inside firesweep list "${here[@]}" 2> "$work/stranger" || die "$suite: a stranger was let in"
  says 'keys invite' cat "$work/stranger"

  inside sh -c 'echo LIBTORCH_ROOT=/opt/torch >> /etc/default/firesweep-worker'
  inside systemctl restart firesweep-worker
  asks submit /usr/lib/firesweep/sweeps/simulated_1000.json > /dev/null
  inside systemctl kill --signal=SIGKILL firesweep
  eventually asks list
  asks wait 1 --timeout 120 > "$work/wait"
  says '1000 complete, 0 failed' cat "$work/wait"
  says firesweep inside stat --format %U /var/lib/firesweep/sweeps.db

  # A coordinator that stops in good order sends its workers away; they come back with it.
  inside systemctl restart firesweep
  worker_is_there() { asks status | grep -q '^worker'; }
  eventually worker_is_there
  inside systemctl stop firesweep
  says inactive inside systemctl is-active firesweep

  inside dpkg --remove firesweep firesweep-worker > /dev/null
  says inactive inside systemctl is-active firesweep-worker
  [[ ! -e $root/usr/lib/firesweep && ! -e $root/usr/lib/firesweep-worker ]] || die "$suite: programs are left"
  inside dpkg --purge firesweep firesweep-worker > "$work/purge"
  says '/var/lib/firesweep is left as it is' cat "$work/purge"
  [[ ! -e $root/etc/default/firesweep && -e $root/var/lib/firesweep/sweeps.db ]] ||
    die "$suite: purge took the wrong files"
  kill "$nspawn" && wait "$nspawn" || true
  nspawn=''
  # shellcheck source=/dev/null
  say "$(. "$root/etc/os-release" && echo "$PRETTY_NAME"): installed, started, killed, used, removed"
}

make_bundle
"$repository/tools/package_deb.sh" --bundle "$bundle" -o "$work/debs"
for suite in bookworm trixie noble; do
  bare_root "$suite" || die "$suite: debootstrap could not make a root"
  try_packages "$suite"
done
