#!/usr/bin/env bash
# A real Prometheus scrapes a coordinator while two workers train: the target is up, its values are those of the sweep,
# promtool finds nothing in the text, and every query of the dashboard has an answer.
# Programs: those of the bundle, or of build/release.
. "$(dirname "$0")/common.sh"

needs prometheus promtool
use_programs

started=()
leave() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null || true; done
  rm -rf --one-file-system "$work"
}
trap leave EXIT
cd "$work"

export FIRESWEEP_ARCHITECTURES=$repository/architectures
trials=60
cat > sweep.json << END
{"name": "scraped", "method": "grid", "trainer": "simulated",
 "metric": {"name": "val_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"value": "v3"},
                "label_smoothing": {"values": [$(seq -s ', ' -f '0.%03g' 1 $trials)]},
                "epochs": {"value": 4}, "simulated_seconds": {"value": 0.1}}}
END
firesweep serve --db sweeps.db --listen 'tcp://127.0.0.1:*' --http 0 > serve.out 2>&1 &
started+=($!)
eventually grep -q '^Ctrl-C' serve.out
coordinator=$(sed -n 's/^firesweep is serving .* at //p' serve.out)
pages=$(sed -n 's/^Metrics: \(.*\)\/metrics,.*/\1/p' serve.out)

config=$repository/deploy/prometheus/prometheus.yml
promtool check config "$config" > check.out 2>&1 || die "$(cat check.out)"
sed "s/127.0.0.1:5557/${pages#http://}/; s/15s/1s/" "$config" > prometheus.yml
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:0 \
  > prometheus.log 2>&1 &
prometheus_pid=$!
started+=("$prometheus_pid")
# It does not say which port it took.
address() {
  ss --listening --tcp --numeric --no-header --processes | awk -v pid="pid=$prometheus_pid," '$0 ~ pid {print $4}'
}
eventually sh -c "ss --listening --tcp --processes | grep -q 'pid=$prometheus_pid,'"
api=http://$(address)
query() { promtool query instant "$api" "$1"; }
# "{…} => 60 @[…]" is an answer of 60.
is() { [[ $(query "$1" | sed 's/.* => \(.*\) @.*/\1/') == "$2" ]]; }

eventually is 'up{job="firesweep"}' 1
say "target ${pages#http://} is up: $(prometheus --version 2>&1 | sed -n 's/^\(prometheus, version [^ ]*\).*/\1/p')"
firesweep submit sweep.json --coordinator "$coordinator" > submit.out || die "$(cat submit.out)"
eventually is firesweep_waiting_trials $trials
firesweep-worker --coordinator "$coordinator" --slots 2 > worker.out 2>&1 &
started+=($!)
eventually is 'firesweep_workers{state="training"}' 2
eventually is 'firesweep_trials{state="COMPLETE"}' $trials
for value in "firesweep_sweeps{state=\"FINISHED\"} 1" "firesweep_epochs_total $((4 * trials))" \
  "firesweep_attempts_ended_total{outcome=\"FINISHED\"} $trials" "firesweep_database_writable 1" \
  "count(firesweep_worker_images_per_second) 2" "max_over_time(up[1m]) 1" "min_over_time(up[1m]) 1"; do
  eventually is "${value% *}" "${value##* }"
done
series=$(query 'count({__name__=~"firesweep_.*"})' | sed 's/.* => \(.*\) @.*/\1/')
say "values: $trials trials COMPLETE, $((4 * trials)) epochs, $series series"

page "$pages" /metrics > metrics.txt
promtool check metrics < metrics.txt > check.out 2>&1 || die "promtool check metrics: $(cat check.out)"
[[ ! -s check.out ]] || die "promtool check metrics: $(cat check.out)"
say "promtool check metrics: nothing found in $(wc -l < metrics.txt) lines"

asked=0
while IFS= read -r expression; do
  expression=${expression//\$job/.*}
  expression=${expression//\$instance/.*}
  expression=${expression//\$__rate_interval/1m}
  [[ -n $(query "$expression") ]] || die "the dashboard's query has no answer: $expression"
  asked=$((asked + 1))
done < <(sed -n 's/^ *"expr": "\(.*\)",$/\1/p' "$repository/deploy/grafana/firesweep.json" | sed 's/\\"/"/g')
((asked >= 10)) || die "found $asked queries in the dashboard, expected 10 or more"
say "dashboard: $asked queries, each has an answer"
