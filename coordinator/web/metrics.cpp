#include "coordinator/web/metrics.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "shared/base/build_commit.h"
#include "shared/domain/sweep_state.h"
#include "shared/domain/trial_state.h"

namespace firesweep {
namespace {

using State = CoordinatorState;

constexpr std::array kSweepStates{
    SweepState::kRunning,   SweepState::kPaused,   SweepState::kStopping, SweepState::kStopped,
    SweepState::kCancelled, SweepState::kFinished, SweepState::kFailed};
constexpr std::array<const char*, 4> kWorkerStates{"idle", "training", "silent", "quarantined"};

double number(std::int64_t value) { return static_cast<double>(value); }

double seconds(std::chrono::duration<double> duration) { return duration.count(); }

void trials_by_state(const State& state, Samples& samples) {
  for (const auto& [name, count] : {std::pair{name_of(Waiting{}), &TrialCounts::waiting},
                                    std::pair{name_of(Assigned{}), &TrialCounts::assigned},
                                    std::pair{name_of(Running{}), &TrialCounts::running},
                                    std::pair{name_of(Stopping{}), &TrialCounts::stopping},
                                    std::pair{name_of(Complete{}), &TrialCounts::complete},
                                    std::pair{name_of(Pruned{}), &TrialCounts::pruned},
                                    std::pair{name_of(Failed{}), &TrialCounts::failed},
                                    std::pair{name_of(Cancelled{}), &TrialCounts::cancelled}}) {
    std::int64_t trials = 0;
    for (const SweepOverview& sweep : state.overview.sweeps) trials += sweep.trials.*count;
    samples.add({{"state", std::string(name)}}, number(trials));
  }
}

void waiting_trials(const State& state, Samples& samples) {
  std::int64_t trials = 0;
  for (const SweepOverview& sweep : state.overview.sweeps) {
    if (sweep.state != SweepState::kRunning || !sweep.broken.empty()) continue;
    trials += sweep.trials.waiting;
    for (const RungOverview& rung : sweep.rungs) trials -= rung.waiting - rung.ready;
  }
  samples.add(number(trials));
}

void reused_trials(const State& state, Samples& samples) {
  std::int64_t trials = 0;
  for (const SweepOverview& sweep : state.overview.sweeps) trials += sweep.trials.reused;
  samples.add(number(trials));
}

void trials_at_rungs(const State& state, Samples& samples) {
  std::int64_t trials = 0;
  for (const SweepOverview& sweep : state.overview.sweeps) trials += at_rungs(sweep);
  samples.add(number(trials));
}

void sweeps_by_state(const State& state, Samples& samples) {
  for (const SweepState each : kSweepStates) {
    samples.add({{"state", std::string(to_string(each))}}, 0);
  }
  for (const SweepOverview& sweep : state.overview.sweeps) {
    samples.add({{"state", std::string(to_string(sweep.state))}}, 1);
  }
}

void workers_by_state(const State& state, Samples& samples) {
  for (const char* each : kWorkerStates) samples.add({{"state", each}}, 0);
  for (const WorkerOverview& worker : state.overview.workers) {
    samples.add({{"state", worker.state}}, 1);
  }
}

void images_per_second(const State& state, Samples& samples) {
  for (const WorkerOverview& worker : state.overview.workers) {
    const double speed = worker.trial ? worker.live.images_per_s : 0;
    samples.add({{"worker", worker.shown}, {"device", worker.device}}, speed);
  }
}

void attempts_by_end(const State& state, Samples& samples) {
  for (std::size_t i = 0; i < kAttemptEnds.size(); ++i) {
    samples.add({{"outcome", std::string(to_string(kAttemptEnds[i]))}},
                number(state.durable.attempts_ended[i]));
  }
}

constexpr auto kCounter = MetricKind::kCounter;
constexpr auto kGauge = MetricKind::kGauge;
constexpr auto kHistogram = MetricKind::kHistogram;

constexpr std::array kMetrics{
    ExportedMetric{"firesweep_trials", kGauge, "trials", "state",
                   "Trials of all sweeps, by the state of the trial.", trials_by_state},
    ExportedMetric{
        "firesweep_waiting_trials", kGauge, "trials", "",
        "Length of the queue: WAITING trials of RUNNING sweeps, which more workers would be given. "
        "For autoscalers.",
        waiting_trials},
    ExportedMetric{"firesweep_reused_trials", kGauge, "trials", "",
                   "COMPLETE trials that took the result of equal work and were not trained.",
                   reused_trials},
    ExportedMetric{
        "firesweep_trials_at_rung", kGauge, "trials", "",
        "Of the WAITING trials, those that wait at a rung of early_terminate for their promotion.",
        trials_at_rungs},
    ExportedMetric{"firesweep_sweeps", kGauge, "sweeps", "state",
                   "Sweeps, by the state of the sweep.", sweeps_by_state},
    ExportedMetric{
        "firesweep_workers", kGauge, "workers", "state",
        "Connected workers: idle, training, silent (heartbeats are missing) or quarantined.",
        workers_by_state},
    ExportedMetric{
        "firesweep_worker_images_per_second", kGauge, "images per second", "worker, device",
        "Training speed of each connected worker, 0 while it has no trial.", images_per_second},
    ExportedMetric{
        "firesweep_attempts_opened_total", kCounter, "attempts", "",
        "Leases of a trial to a worker.",
        [](const State& s, Samples& out) { out.add(number(s.durable.attempts_opened)); }},
    ExportedMetric{
        "firesweep_attempts_ended_total", kCounter, "attempts", "outcome",
        "Attempts that ended, by outcome. LOST: the worker was silent or stalled and lost its "
        "lease. UNSTARTED: the trial went back before it began.",
        attempts_by_end},
    ExportedMetric{"firesweep_epochs_total", kCounter, "epochs", "",
                   "Epochs whose metrics became durable.",
                   [](const State& s, Samples& out) { out.add(number(s.durable.epochs)); }},
    ExportedMetric{"firesweep_checkpoints_stored_total", kCounter, "checkpoints", "",
                   "Checkpoints that workers uploaded and that became durable.",
                   [](const State& s, Samples& out) { out.add(number(s.durable.checkpoints)); }},
    ExportedMetric{"firesweep_reports_total", kCounter, "reports", "",
                   "Reports of workers about their trials, also those that they repeat.",
                   [](const State& s, Samples& out) { out.add(number(s.counters.reports)); }},
    ExportedMetric{"firesweep_messages_total", kCounter, "messages", "",
                   "Messages received from workers and clients.",
                   [](const State& s, Samples& out) { out.add(number(s.counters.frames)); }},
    ExportedMetric{"firesweep_malformed_messages_total", kCounter, "messages", "",
                   "Messages that were refused because they are not in the protocol's form.",
                   [](const State& s, Samples& out) { out.add(number(s.counters.malformed)); }},
    ExportedMetric{
        "firesweep_ignored_messages_total", kCounter, "messages", "",
        "Messages that were dropped unread because their sender had sent too many bad ones.",
        [](const State& s, Samples& out) { out.add(number(s.counters.ignored)); }},
    ExportedMetric{"firesweep_commit_seconds", kHistogram, "seconds", "le",
                   "How long durable commits to the database took.",
                   [](const State& s, Samples& out) {
                     out.add_histogram(LatencyHistogram::kBounds, s.commit_seconds.counts(),
                                       s.commit_seconds.sum());
                   }},
    ExportedMetric{"firesweep_committed_records_total", kCounter, "records", "",
                   "Records in durable commits.",
                   [](const State& s, Samples& out) { out.add(number(s.counters.records)); }},
    ExportedMetric{
        "firesweep_failed_commits_total", kCounter, "commits", "",
        "Commits that failed, for example on a full disk.",
        [](const State& s, Samples& out) { out.add(number(s.counters.failed_commits)); }},
    ExportedMetric{
        "firesweep_refused_events_total", kCounter, "events", "",
        "Events that the database refused because they contradict what it holds.",
        [](const State& s, Samples& out) { out.add(number(s.counters.quarantined_events)); }},
    ExportedMetric{
        "firesweep_wal_bytes", kGauge, "bytes", "",
        "Size of what is committed and not yet moved from the WAL into the database file.",
        [](const State& s, Samples& out) { out.add(number(s.wal_bytes)); }},
    ExportedMetric{
        "firesweep_database_writable", kGauge, "0 or 1", "",
        "0 while the coordinator waits for a database that cannot be written.",
        [](const State& s, Samples& out) { out.add(s.overview.trouble.empty() ? 1 : 0); }},
    ExportedMetric{"firesweep_draining", kGauge, "0 or 1", "",
                   "1 once the coordinator was told to end and hands its trials back.",
                   [](const State& s, Samples& out) { out.add(s.draining ? 1 : 0); }},
    ExportedMetric{"firesweep_state_timestamp_seconds", kGauge, "seconds", "",
                   "Unix time of these values. They are renewed once a second.",
                   [](const State& s, Samples& out) { out.add(seconds(s.at.utc)); }},
    ExportedMetric{"firesweep_uptime_seconds", kGauge, "seconds", "",
                   "How long this coordinator has been running.",
                   [](const State& s, Samples& out) { out.add(seconds(s.uptime)); }},
    ExportedMetric{
        "firesweep_build_info", kGauge, "1", "commit",
        "The commit that the program was built from.",
        [](const State&, Samples& out) { out.add({{"commit", std::string(build_commit())}}, 1); }},
};

constexpr const char* kDocumentHead =
    R"(# Metrics

`firesweep serve --http PORT` answers these on `/metrics`. [Deployment](deployment.md#metrics) tells how to scrape them.
`firesweep schema metrics` prints this page.

- Values are renewed once a second. A scrape never makes the coordinator wait.
- Counters begin at 0 when the coordinator starts. Use `rate()`.
- No label has unbounded values: states and outcomes are fixed, `worker` and `device` are those of connected workers.

| metric | type | unit | labels | meaning |
|---|---|---|---|---|
)";

}  // namespace

std::span<const ExportedMetric> metric_table() { return kMetrics; }

std::string metrics_text(const CoordinatorState& state) {
  Exposition text;
  for (const ExportedMetric& metric : kMetrics) {
    Samples samples;
    metric.measure(state, samples);
    text.add(metric.name, metric.kind, metric.help, samples);
  }
  return text.take();
}

std::string metrics_document() {
  std::string page = kDocumentHead;
  for (const ExportedMetric& metric : kMetrics) {
    page.append("| `").append(metric.name).append("` | ").append(to_string(metric.kind));
    page.append(" | ").append(metric.unit).append(" | ").append(metric.labels).append(" | ");
    page.append(metric.help).append(" |\n");
  }
  return page;
}

}  // namespace firesweep
