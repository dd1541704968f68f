#!/usr/bin/env bash
# Makes a table with one row per variant on this host: parameters, MACs, model size, latency, training speed and peak
# memory (all measured by `firesweep-worker bench`), and the accuracy of the sweep's best trial by validation accuracy.
#   tools/variants_table.sh DB SWEEP [DIR]     writes DIR/variants.csv and DIR/variants.md (default: docs/results)
set -euo pipefail
db=$(realpath "${1:?DB, the database of a sweep over the variants}") sweep=${2:?SWEEP, its number in DB}
cd "$(dirname "$0")/.."
folder=${3:-docs/results}
measured=$(mktemp -d)
trap 'rm -r "$measured"' EXIT

variants=$(sqlite3 "$db" "SELECT DISTINCT variant FROM leaderboard WHERE sweep = $((sweep)) ORDER BY variant")
[[ $variants ]] || { echo "$db: sweep $sweep has no ranked trials" >&2; exit 1; }
# shellcheck disable=SC2086  # a word a variant
build/release/bin/firesweep-worker bench $variants -o "$measured"

for mode in csv markdown; do
  sqlite3 :memory: <<EOF > "$folder/variants.${mode/markdown/md}"
.import --csv $measured/variants_on_this_host.csv bench
ATTACH 'file:$db?mode=ro' AS done;
.mode $mode
.headers on
SELECT bench.*, train_size, epochs, max(val_accuracy) AS val_accuracy, test_accuracy, lr, label_smoothing
FROM bench JOIN done.leaderboard USING (variant) WHERE sweep = $((sweep)) GROUP BY variant;
EOF
done
cat "$folder/variants.md"
echo "wrote $folder/variants.csv and $folder/variants.md"
