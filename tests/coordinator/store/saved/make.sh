#!/usr/bin/env bash
# Makes a saved database of the schema version that a build writes: make.sh BIN_FOLDER v1.db
# The author of a migration runs it with the build before the migration; saved_database_test.cpp opens
# what it made for ever after. It holds trials that are COMPLETE, FAIL, CANCELLED (before and after
# the first lease), RUNNING and WAITING again, lost attempts, a superseded result, two boards, an
# extended sweep, and, since version 5, sweeps in every state: a random one paused half-way (3), a
# STOPPED, a CANCELLED, a FAILED one.
set -euo pipefail
bin=$(realpath "$1")
out=$(realpath "$2")
sweeps=$(realpath "$(dirname "$0")/sweeps")
folder=$(mktemp -d)
address=ipc://$folder/socket
database=$folder/saved.db
cd "$folder"
cp "$sweeps"/*.json .

for name in stopped cancelled; do
  sed "s/saved-live/saved-$name/" live.json > $name.json
done

# Since version 8, sweep 1 stops its weaker trials early.
if "$bin/firesweep" explain early_terminate > explained.txt 2>&1; then
  sed -i 's/"max_restarts": 0/"early_terminate": {"type": "asha", "min_iter": 1, "eta": 2}, &/' done.json
fi
# Since version 10, they wait at their rungs.
if grep -q promotion explained.txt; then sed -i 's/"eta": 2}/"eta": 2, "promotion": true}/' done.json; fi

# Since version 9, sweep 3 learns from its results.
if "$bin/firesweep" explain tpe > explained.txt 2>&1; then
  sed -i 's/"method": "random"/"method": "tpe"/' random.json
fi

# Since version 9, sweep 3 learns from its results.
if "$bin/firesweep" explain tpe > explained.txt 2>&1; then
  sed -i 's/"method": "random"/"method": "tpe"/' random.json
fi

value() { sqlite3 -readonly "$database" "$1"; }
until_is() { until [ "$(value "$2")" = "$1" ]; do sleep 0.1; done; }
until_at_least() { until [ "$(value "$2")" -ge "$1" ]; do sleep 0.1; done; }
work() {
  "$bin/firesweep-worker" --coordinator "$address" --slots 1 --threads 1 --name "$1" \
    --checkpoint-dir checkpoints --log-file worker.log &
}

"$bin/firesweep" serve --db "$database" --listen "$address" --lease 2 --heartbeat 0.5 \
  --log-file serve.log > serve.out & serve=$!
until [ -S "$folder/socket" ]; do sleep 0.1; done
work left; left=$!
work right; right=$!

"$bin/firesweep" submit done.json --coordinator "$address"
until_is FINISHED "SELECT state FROM sweeps WHERE sweep_id = 1"

# A worker asleep past its lease delivers what another has delivered by then.
"$bin/firesweep" submit study.json --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 2 AND state = 'RUNNING'"
slot=$(value "SELECT pid FROM workers WHERE name LIKE 'left%'")
kill -STOP "$slot"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 2 AND state = 'COMPLETE'"
kill -CONT "$slot"
until_is 1 "SELECT count(*) FROM superseded_results"
# It may have failed at two trials before: trusted again, it shares what follows.
"$bin/firesweep" release left/0 --coordinator "$address" || true

"$bin/firesweep" submit random.json --coordinator "$address"
until_at_least 3 "SELECT count(*) FROM trials WHERE sweep_id = 3 AND state = 'COMPLETE'"
"$bin/firesweep" pause 3 --coordinator "$address"
until_is 0 "SELECT count(*) FROM trials WHERE sweep_id = 3 AND state IN ('ASSIGNED', 'RUNNING')"

"$bin/firesweep" submit stopped.json --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 4 AND state = 'RUNNING'"
"$bin/firesweep" stop 4 --coordinator "$address"
until_is STOPPED "SELECT state FROM sweeps WHERE sweep_id = 4"
"$bin/firesweep" submit cancelled.json --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 5 AND state = 'RUNNING'"
"$bin/firesweep" cancel 5 --coordinator "$address"
until_is 0 "SELECT count(*) FROM trials WHERE sweep_id = 5 AND state IN ('RUNNING', 'STOPPING')"
"$bin/firesweep" submit failed.json --coordinator "$address"
until_is FAILED "SELECT state FROM sweeps WHERE sweep_id = 6"

# Ends in mid-sweep: a running trial cancelled, one handed back, one whose coordinator is killed.
"$bin/firesweep" submit live.json --coordinator "$address"
sed 's/\[7, 8\]/[7, 8, 9]/' live.json > more.json
"$bin/firesweep" extend 7 more.json --coordinator "$address"
"$bin/firesweep" cancel 7/11 --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 7 AND state = 'RUNNING'"
running=$(value "SELECT max(number) FROM trials WHERE sweep_id = 7 AND state = 'RUNNING'")
"$bin/firesweep" cancel "7/$running" --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 7 AND state = 'CANCELLED'"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 7 AND state = 'RUNNING'"
kill -TERM "$left"; wait "$left" || true
until_is 1 "SELECT count(*) FROM trials WHERE sweep_id = 7 AND state = 'WAITING'"
kill -9 "$serve" "$right"; wait || true

sqlite3 "$database" 'PRAGMA wal_checkpoint(TRUNCATE)'
cp "$database" "$out"
cd / && rm -r "$folder"
