#!/usr/bin/env bash
# docker-compose.yml with a Docker daemon of its own, whose base image is made by debootstrap: the images' sizes, keys
# as secrets, an arbitrary user, HTTP, a sweep submitted from the host by an invited key, a worker that is killed, a
# coordinator that restarts, down and up again, SIGTERM. The programs are those of the bundle, LibTorch that of .deps.
#   --from-source   builds both by the stages of deploy/Dockerfile: an hour. FIRESWEEP_TORCH_INDEX says
#                   where pip finds LibTorch, if not at PyTorch's own index.
. "$(dirname "$0")/common.sh"

from_source=false
[[ ${1:-} != --from-source ]] || from_source=true
most_bytes=$((700 * 1000 * 1000))

needs_root
needs debootstrap dockerd docker sqlite3
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
cd "$repository"
export DOCKER_HOST=unix://$work/socket DOCKER_BUILDKIT=1 COMPOSE_PROJECT_NAME=firesweep
export PROGRAMS=firesweep-programs SITE=firesweep-site

dockerd --host "$DOCKER_HOST" --data-root "$docker_root" --exec-root "$work/exec" --pidfile "$work/pid" \
  > "$work/dockerd.log" 2>&1 &
daemon=$!
until docker info > /dev/null 2>&1; do
  kill -0 $daemon 2> /dev/null || { daemon=''; skip "dockerd does not run here: $(tail -1 "$work/dockerd.log")"; }
  sleep 0.2
done

# Without what debian:12-slim leaves out; it keeps who holds the rights.
bare_root bookworm || die 'debootstrap could not make a root'
slim() {
  cd "$roots/bookworm"
  find . \( -path './usr/share/man/*' -o -path './usr/share/locale/*' -o -path './var/cache/apt/*' \
    -o -path './var/lib/apt/lists/*' \) -prune -o -path './usr/share/doc/*' ! -type d ! -name copyright -o -print0 |
    tar --null --no-recursion --files-from=- -c
}
(slim) | docker import - debian:12-slim > /dev/null
if $from_source; then
  stage() {
    say "building the stage $1 of deploy/Dockerfile"
    docker build --network host --file deploy/Dockerfile --target "$1" --tag "firesweep-$1" "${@:2}" . \
      > "$work/$1.log" 2>&1 || { tail -20 "$work/$1.log" >&2; die "the stage $1 was not built"; }
  }
  stage site ${FIRESWEEP_TORCH_INDEX:+--build-arg "INDEX=$FIRESWEEP_TORCH_INDEX"}
  stage programs --build-arg SITE=$SITE
else
  make_bundle
  mkdir -p "$work/programs/opt/firesweep"
  tar -xf "$bundle" --strip-components=1 -C "$work/programs/opt/firesweep"
  tar -C "$work/programs" -c opt | docker import - $PROGRAMS > /dev/null
  tar -C "$torch/.." --transform 's|^|site/|' -c torch/lib torch/version.py torch/licenses |
    docker import - $SITE > /dev/null
fi
"${compose[@]}" build > "$work/build.log" 2>&1 || { tail -20 "$work/build.log" >&2; die 'the images were not built'; }
programs=$work/host
mkdir "$programs"
docker run --rm --entrypoint tar firesweep -C /opt/firesweep -c . | tar -x -C "$programs"
base_bytes=$(docker image inspect --format '{{.Size}}' debian:12-slim)
for image in firesweep firesweep-worker; do
  bytes=$(docker image inspect --format '{{.Size}}' $image)
  say "image $image: $((bytes / 1000000)) MB, $(((bytes - base_bytes) / 1000000)) MB of it above the base"
  ((bytes <= most_bytes)) || die "$image: found $bytes bytes, expected at most $most_bytes"
done

# The keys of a user of the host, of whom the images know nothing.
user=12345
firesweep() { PATH=$programs/bin:$PATH command firesweep "$@"; }
XDG_CONFIG_HOME=$work/keys firesweep keys make > /dev/null
export FIRESWEEP_KEYS=$work/secrets FIRESWEEP_USER=$user
mkdir "$FIRESWEEP_KEYS"
install --owner=$user --mode=600 --target-directory="$FIRESWEEP_KEYS" "$work"/keys/firesweep/*.key

up() {
  "${compose[@]}" up --detach --no-build --scale worker=2 > "$work/up.log" 2>&1 || die "up: $(cat "$work/up.log")"
}
ids() { "${compose[@]}" ps -q "$1"; }
health() { docker inspect --format '{{.State.Health.Status}}' "$1"; }
healthy() {
  local id
  for id in "${@:-$(ids coordinator) $(ids worker)}"; do
    for id in $id; do [[ $(health "$id") == healthy ]] || return; done
  done
}
# A person of the host, by the folder of that person's keys.
host() { XDG_CONFIG_HOME=$work/$1 firesweep "${@:2}" --coordinator tcp://127.0.0.1:5555; }
invitation() {
  docker exec "$(ids coordinator)" firesweep keys invite --role client --coordinator tcp://127.0.0.1:5555 |
    grep -o 'keys join [^ ]*' | cut -d' ' -f3
}
ask() { sqlite3 -cmd '.timeout 5000' "file:$docker_root/volumes/firesweep_database/_data/sweeps.db?mode=ro" "$1"; }
becomes() { [[ $(ask "$1") == "$2" ]]; }
at_least() { (($(ask 'SELECT count(*) FROM results') >= $1)); }

up
eventually healthy
for container in $(ids coordinator) $(ids worker); do
  says 'Read-only file system' docker exec "$container" touch /opt/firesweep/x
  says "uid=$user gid=0" docker exec "$container" id
done
says ok page http://127.0.0.1:5557 /healthz
says ok page http://127.0.0.1:5557 /readyz
says 'firesweep_workers{state="idle"} 2' page http://127.0.0.1:5557 /metrics
says 'No sweeps yet' host keys list
say "keys as secrets, user $user, read-only root; /healthz and /readyz answer: $(health "$(ids coordinator)")"

! host stranger list 2> "$work/stranger.txt" || die 'a stranger was let in'
says 'keys invite' cat "$work/stranger.txt"
host friend keys join "$(invitation)" > "$work/joined" || die "keys join: $(cat "$work/joined")"

# sweep NAME TRIALS EPOCHS
sweep() {
  cat << END
{"name": "$1", "method": "grid", "trainer": "simulated",
 "metric": {"name": "val_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"value": "v3"},
                "label_smoothing": {"values": [$(seq -s ', ' -f '0.%03g' 1 "$2")]},
                "epochs": {"value": $3}, "simulated_seconds": {"value": 0.1}}}
END
}
trials=60
sweep containers $trials 10 > "$work/sweep.json"
host friend submit "$work/sweep.json" > /dev/null
eventually at_least 5
killed=$(ids worker | head -1)
kill -KILL "$(docker inspect --format '{{.State.Pid}}' "$killed")"
eventually at_least 12
eventually test "$(docker inspect --format '{{.State.Running}}' "$killed")" = true
docker restart --time 60 "$(ids coordinator)" > /dev/null
eventually at_least 20
"${compose[@]}" down > "$work/down.log" 2>&1
up
host friend wait 1 --timeout 120 > "$work/wait"
says "$trials complete, 0 failed" cat "$work/wait"
docker exec "$(ids coordinator)" firesweep check database/sweeps.db || die 'the database contradicts itself'
eventually healthy
say "a sweep of $trials trials outlived a killed worker, a restart of the coordinator, down and up: $(cat "$work/wait")"

# SIGTERM: `docker stop` sends it, and SIGKILL after the grace period.
stopped() {
  docker stop --time "$2" "$1" > /dev/null
  says 0 docker inspect --format '{{.State.ExitCode}}' "$1"
}
sweep drained 2 600 > "$work/drained.json"
host friend submit "$work/drained.json" > /dev/null
attempts='SELECT count(*) FROM attempts WHERE trial_id >> 40 = 2 AND '
eventually becomes "$attempts ended IS NULL AND started_ms IS NOT NULL" 2
stopped "$(ids worker | head -1)" 30
says 1 ask "$attempts ended = 'HANDED_BACK' AND NOT charged"
stopped "$(ids coordinator)" 90
says 2 ask "$attempts ended = 'HANDED_BACK' AND NOT charged"
says 0 ask "$attempts ended IS NULL"
say 'SIGTERM: a worker handed its trial back, then the coordinator the other one; both left with 0, nothing is charged'

# Without compose, as yet another user, who has no secrets: keys are made in the volume.
docker run --detach --name plain --init --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
  --user 54321 -v plain-keys:/var/lib/firesweep/keys -v plain-database:/var/lib/firesweep/database \
  -v plain-checkpoints:/var/lib/firesweep/checkpoints firesweep > /dev/null
eventually healthy plain
says 'uid=54321 gid=0' docker exec plain id
says 'No sweeps yet' docker exec plain firesweep list --coordinator tcp://127.0.0.1:5555
stopped plain 60
docker rm --volumes plain > /dev/null
says 'uid=10001' docker run --rm --entrypoint id firesweep-worker
say 'docker run --user 54321: healthy, answers, leaves with 0; without --user it is 10001'
