#!/usr/bin/env bash
# `firesweep slurm` on a real Slurm of one node, started here by hand: jobs that are preempted, near their time limit,
# cancelled, requeued on a drained node. Every trial has one result, and no attempt is charged.
# Programs: those of the bundle, or of build/release.
. "$(dirname "$0")/common.sh"

needs_root
needs munged slurmctld slurmd sbatch sqlite3
use_programs

started=()
leave() {
  scancel --full --signal=KILL --user root 2> /dev/null || true
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null || true; done
  rm -rf --one-file-system "$work"
}
trap leave EXIT
cd "$work"
chmod 711 "$work"
mkdir munge state spool

node=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
cat > "$SLURM_CONF" << END
ClusterName=firesweep
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket,cred_expire=5
SlurmUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=sched_interval=2,bf_interval=2
ReturnToService=2
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SlurmdParameters=config_overrides
NodeName=$node NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=low Nodes=$node Default=YES PriorityTier=1
PartitionName=high Nodes=$node PriorityTier=10 PreemptMode=OFF
END
dd if=/dev/urandom of=munge/key bs=1 count=1024 status=none
chmod 400 munge/key
munged --foreground --force --key-file "$work/munge/key" --socket "$work/munge/socket" --pid-file "$work/munge/pid" \
  --log-file "$work/munge/log" --seed-file "$work/munge/seed" > munged.out 2>&1 &
started+=($!)
eventually test -S munge/socket
slurmctld -D > slurmctld.out 2>&1 &
started+=($!)
slurmd -D > slurmd.out 2>&1 &
started+=($!)
eventually sh -c "sinfo --noheader --format=%T | grep -qx idle"

sweep() {
  local name=$1 trials=$2
  cat << END
{"name": "$name", "method": "grid", "trainer": "simulated",
 "metric": {"name": "val_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"value": "v3"},
                "label_smoothing": {"values": [$(seq -s ', ' -f '0.%03g' 1 "$trials")]},
                "epochs": {"value": 20}, "simulated_seconds": {"value": 0.4}}}
END
}
ask() { sqlite3 -cmd '.timeout 5000' "file:$work/$1?mode=ro" "$2"; }
handed_back() { ask sweeps.db "SELECT count(*) FROM attempts WHERE ended = 'HANDED_BACK'"; }
at_least() { (($(handed_back) >= $1)); }
running() { [[ $(squeue --noheader --states=RUNNING --partition=low | wc -l) == "$1" ]]; }
training() {
  [[ $(ask sweeps.db 'SELECT count(*) FROM attempts WHERE ended IS NULL AND started_ms IS NOT NULL') == "$1" ]]
}
queue_is_empty() { [[ -z $(squeue --noheader) ]]; }
state() { scontrol show job "$1" | grep -o 'JobState=[A-Z]*'; }
every_trial_once() {
  says "$2" ask "$1" 'SELECT count(*) FROM results'
  says 0 ask "$1" 'SELECT count(*) FROM superseded_results'
  says 0 ask "$1" 'SELECT count(*) FROM attempts WHERE charged'
  says FINISHED ask "$1" 'SELECT state FROM sweeps'
}

export FIRESWEEP_ARCHITECTURES=$repository/architectures
trials=36
sweep cluster $trials > cluster.json
firesweep serve --db sweeps.db --listen 'tcp://127.0.0.1:*' > serve.out 2>&1 &
started+=($!)
eventually grep -q 'serving' serve.out
coordinator=$(sed -n 's/^firesweep is serving .* at //p' serve.out)

firesweep slurm cluster.json --gpus 0 --cores 1 --array 2 --time 2 --partition low --coordinator "$coordinator" \
  --submit > submit.out || die "$(cat submit.out)"
job=$(sed -n 's/^Submitted batch job //p' submit.out)
eventually running 2
eventually training 2

sbatch --partition=high --exclusive --output=/dev/null --wrap 'sleep 5' > /dev/null
eventually at_least 2
say "preempted: $(handed_back) trials were handed back"
eventually running 2
eventually training 2

before=$(handed_back)
scancel "${job}_2"
eventually at_least $((before + 1))
eventually running 1
say "scancel: $(state "${job}_2"), $(($(handed_back) - before)) trial was handed back"

before=$(handed_back)
scontrol update NodeName="$node" State=DRAIN Reason=test
scontrol requeue "${job}_1"
eventually at_least $((before + 1))
eventually sh -c "squeue --noheader --format=%T | grep -qx PENDING"
scontrol update NodeName="$node" State=RESUME
eventually running 1
eventually training 1
say "requeued on a drained node: it goes on once the node is back"

before=$(handed_back)
limit=$((SECONDS + 120))
until at_least $((before + 1)); do ((SECONDS < limit)) || die 'no signal before the time limit'; sleep 0.5; done
eventually running 1
says 'JobState=RUNNING' state "${job}_1"
restarts=$(scontrol show job "${job}_1" | grep -o 'Restarts=[0-9]*')
say "near its time limit: $(($(handed_back) - before)) trial was handed back; $restarts"

sbatch cluster.sbatch > /dev/null
firesweep wait 1 --coordinator "$coordinator" --timeout 400 > wait.out || die "$(cat wait.out)"
eventually queue_is_empty
says 'JobState=COMPLETED' state "${job}_1"
every_trial_once sweeps.db $trials
attempts=$(ask sweeps.db 'SELECT count(*) FROM attempts')
say "workers: $(cat wait.out); $attempts attempts, $(handed_back) handed back, none charged"

sweep alone 6 > alone.json
firesweep slurm alone.json --gpus 0 --cores 2 --standalone --db alone.db --submit > submit.out
job=$(sed -n 's/^Submitted batch job //p' submit.out)
eventually sh -c "sqlite3 'file:$work/alone.db?mode=ro' 'SELECT count(*) FROM epochs' | grep -qx '[5-9]'"
scancel --batch --signal=USR1 "$job"
eventually sh -c "scontrol show job $job | grep -q Restarts=1"
limit=$((SECONDS + 120))
until queue_is_empty; do ((SECONDS < limit)) || die "$(squeue)"; sleep 0.5; done
says 'JobState=COMPLETED' state "$job"
every_trial_once alone.db 6
back=$(ask alone.db "SELECT count(*) FROM attempts WHERE ended = 'HANDED_BACK'")
say "standalone: 6 trials complete, $back handed back by the signal"
