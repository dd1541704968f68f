#!/usr/bin/env bash
# Makes a saved database of the schema version that a build writes: make.sh BIN_FOLDER v1.db
# The author of a migration runs it with the build before the migration; saved_database_test.cpp opens
# what it made for ever after. It holds trials that are COMPLETE, FAIL, CANCELLED (before and after
# the first lease), RUNNING and WAITING again, lost attempts, a superseded result, two boards, and an
# extended sweep.
set -euo pipefail
bin=$(realpath "$1")
out=$(realpath "$2")
folder=$(mktemp -d)
address=ipc://$folder/socket
database=$folder/saved.db
cd "$folder"

cat > done.json <<'JSON'
{"name": "saved-done", "method": "grid", "dataset": "cifar100", "trainer": "simulated",
 "parameters": {"variant": {"values": ["v1", "v3"]}, "lr": {"values": [0.001, 0.01]},
  "simulated_seconds": {"value": 0.01}, "simulated_failure_rate": {"value": 0.2},
  "epochs": {"value": 3}},
 "seeds": [1, 2, 3], "max_restarts": 0, "max_failed_trials": 50}
JSON
cat > study.json <<'JSON'
{"name": "saved-study", "method": "grid", "dataset": "cifar10", "trainer": "simulated",
 "preset": "study", "metric": {"name": "test_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"values": ["v2"]}, "lr": {"values": [0.003, 0.01]},
  "simulated_seconds": {"value": 2}, "epochs": {"value": 1}}}
JSON
cat > live.json <<'JSON'
{"name": "saved-live", "method": "grid", "dataset": "cifar100", "trainer": "simulated",
 "parameters": {"variant": {"values": ["v4", "v5"]}, "label_smoothing": {"values": [0.0, 0.1, 0.2]},
  "simulated_seconds": {"value": 0.5}, "epochs": {"value": 8}},
 "seeds": [7, 8], "max_restarts": 3}
JSON

value() { sqlite3 -readonly "$database" "$1"; }
until_is() { until [ "$(value "$2")" = "$1" ]; do sleep 0.1; done; }
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

# Ends in mid-sweep: a running trial cancelled, one handed back, one whose coordinator is killed.
"$bin/firesweep" submit live.json --coordinator "$address"
sed 's/\[7, 8\]/[7, 8, 9]/' live.json > more.json
"$bin/firesweep" extend 3 more.json --coordinator "$address"
"$bin/firesweep" cancel 3/11 --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 3 AND state = 'RUNNING'"
running=$(value "SELECT max(number) FROM trials WHERE sweep_id = 3 AND state = 'RUNNING'")
"$bin/firesweep" cancel "3/$running" --coordinator "$address"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 3 AND state = 'CANCELLED'"
until_is 2 "SELECT count(*) FROM trials WHERE sweep_id = 3 AND state = 'RUNNING'"
kill -TERM "$left"; wait "$left" || true
until_is 1 "SELECT count(*) FROM trials WHERE sweep_id = 3 AND state = 'WAITING'"
kill -9 "$serve" "$right"; wait || true

sqlite3 "$database" 'PRAGMA wal_checkpoint(TRUNCATE)'
cp "$database" "$out"
cd / && rm -r "$folder"
