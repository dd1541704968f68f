#!/usr/bin/env bash
# docker-compose.yml with a Docker daemon of its own, whose base image is made by debootstrap: the images' sizes, a
# sweep submitted from the host, a worker that is killed, a coordinator that restarts, down and up again. The programs
# are those of the bundle and LibTorch that of .deps; deploy/Dockerfile builds both where nobody names them.
. "$(dirname "$0")/common.sh"

most_bytes=$((700 * 1000 * 1000))

needs_root
needs debootstrap dockerd docker
if docker compose version > /dev/null 2>&1; then compose=(docker compose); else
  needs docker-compose
  compose=(docker-compose)
  export COMPOSE_DOCKER_CLI_BUILD=1
fi
torch=$(realpath "$repository/.deps/torch")
[[ -e $torch/lib/libtorch.so ]] || skip "$torch has no lib/libtorch.so; tools/setup.sh fetches it"

# Not in /tmp, which may be a file system without layers.
docker_root=$(mktemp -d /var/tmp/firesweep-docker.XXXXXX)
daemon=''
leave() {
  if [[ $daemon ]]; then
    "${compose[@]}" down --timeout 5 > /dev/null 2>&1 || true
    kill "$daemon" && wait "$daemon" || true
  fi
  rm -rf --one-file-system "$work" "$docker_root"
}
trap leave EXIT
export DOCKER_HOST=unix://$work/socket DOCKER_BUILDKIT=1 COMPOSE_PROJECT_NAME=firesweep
export PROGRAMS=firesweep-programs SITE=firesweep-site

dockerd --host "$DOCKER_HOST" --data-root "$docker_root" --exec-root "$work/exec" --pidfile "$work/pid" \
  > "$work/dockerd.log" 2>&1 &
daemon=$!
until docker info > /dev/null 2>&1; do
  kill -0 $daemon 2> /dev/null || { daemon=''; skip "dockerd does not run here: $(tail -1 "$work/dockerd.log")"; }
  sleep 0.2
done

# What debian:12-slim leaves out.
bare_root bookworm || die 'debootstrap could not make a root'
tar -C "$roots/bookworm" --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
  --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' -c . | docker import - debian:12-slim > /dev/null
make_bundle
mkdir -p "$work/programs/opt/firesweep"
tar -xf "$bundle" --strip-components=1 -C "$work/programs/opt/firesweep"
tar -C "$work/programs" -c opt | docker import - $PROGRAMS > /dev/null
tar -C "$torch/.." --transform 's|^|site/|' -c torch/lib torch/version.py torch/licenses |
  docker import - $SITE > /dev/null

cd "$repository"
"${compose[@]}" build > "$work/build.log" 2>&1 || { tail -20 "$work/build.log" >&2; die 'the images were not built'; }
base_bytes=$(docker image inspect --format '{{.Size}}' debian:12-slim)
for image in firesweep firesweep-worker; do
  bytes=$(docker image inspect --format '{{.Size}}' $image)
  say "image $image: $((bytes / 1000000)) MB, $(((bytes - base_bytes) / 1000000)) MB of it above the base"
  ((bytes <= most_bytes)) || die "$image: found $bytes bytes, expected at most $most_bytes"
done

up() {
  "${compose[@]}" up --detach --no-build --scale worker=2 > "$work/up.log" 2>&1 || die "up: $(cat "$work/up.log")"
}
ids() { "${compose[@]}" ps -q "$1"; }
healthy() {
  local id
  for id in $(ids coordinator) $(ids worker); do
    [[ $(docker inspect --format '{{.State.Health.Status}}' "$id") == healthy ]] || return
  done
}
export XDG_CONFIG_HOME=$work/config
host() { PATH=$work/programs/opt/firesweep/bin:$PATH "$@" --coordinator tcp://127.0.0.1:5555; }
invitation() {
  docker exec "$(ids coordinator)" firesweep keys invite --role client --db database/sweeps.db |
    grep -o 'keys join [^ ]*' | cut -d' ' -f3
}
complete() { host firesweep list -f json | sed -n 's/.*"complete": *\([0-9]*\).*/\1/p'; }
at_least() { (($(complete) >= $1)); }

up
eventually healthy
for container in $(ids coordinator) $(ids worker); do
  says 'Read-only file system' docker exec "$container" touch /opt/firesweep/x
  says 'uid=10001' docker exec "$container" id
done
says ok page http://127.0.0.1:5557 /readyz
says 'firesweep_workers{state="idle"} 2' page http://127.0.0.1:5557 /metrics

! host firesweep list 2> "$work/stranger" || die 'a stranger was let in'
says 'keys invite' cat "$work/stranger"
host firesweep keys join "$(invitation)" > "$work/joined" || die "keys join: $(cat "$work/joined")"

trials=60
values=$(seq -s ', ' -f '0.%03g' 1 $trials)
cat > "$work/sweep.json" << END
{"name": "containers", "method": "grid", "trainer": "simulated",
 "metric": {"name": "val_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"value": "v3"}, "label_smoothing": {"values": [$values]},
                "epochs": {"value": 10}, "simulated_seconds": {"value": 0.1}}}
END
host firesweep submit "$work/sweep.json" > /dev/null
eventually at_least 5
killed=$(ids worker | head -1)
kill -KILL "$(docker inspect --format '{{.State.Pid}}' "$killed")"
eventually at_least 12
eventually test "$(docker inspect --format '{{.State.Running}}' "$killed")" = true
docker restart --time 60 "$(ids coordinator)" > /dev/null
eventually at_least 20
"${compose[@]}" down > "$work/down.log" 2>&1
up
host firesweep wait 1 --timeout 120 > "$work/wait"
says "$trials complete, 0 failed" cat "$work/wait"
docker exec "$(ids coordinator)" firesweep check database/sweeps.db || die 'the database contradicts itself'
eventually healthy
say "a sweep of $trials trials outlived a killed worker, a restart of the coordinator, down and up: $(cat "$work/wait")"
