#include "coordinator/web/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tests/places.h"

namespace firesweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string file_text(const std::string& name) {
  std::ifstream file(source_dir() / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

SweepOverview sweep(int number, SweepState state, TrialCounts trials) {
  SweepOverview sweep;
  sweep.sweep = SweepId{number};
  sweep.state = state;
  sweep.trials = trials;
  return sweep;
}

WorkerOverview worker(const std::string& name, const std::string& state, double images_per_s) {
  WorkerOverview worker;
  worker.name = worker.shown = name;
  worker.device = "cuda:0";
  worker.state = state;
  if (state == "training") worker.trial = TrialKey{};
  worker.live.images_per_s = images_per_s;
  return worker;
}

CoordinatorState busy() {
  TrialCounts trials;
  trials.waiting = 6;
  trials.running = 1;
  trials.complete = 3;
  trials.reused = 2;
  CoordinatorState state;
  state.overview.sweeps = {sweep(1, SweepState::kRunning, trials),
                           sweep(2, SweepState::kPaused, trials),
                           sweep(3, SweepState::kRunning, trials)};
  state.overview.sweeps[2].broken = "made by a newer firesweep";
  state.overview.workers = {worker("h/0", "training", 1500.5),
                            worker("h/1", "idle", 99)};  // of the trial before
  state.durable.attempts_ended = {7, 0, 2, 0, 0};
  state.counters.reports = 41;
  state.wal_bytes = 4096;
  state.commit_seconds.add(std::chrono::milliseconds(3));
  state.commit_seconds.add(std::chrono::seconds(60));
  return state;
}

TEST(Metrics, NamesAndUnitsAreAsPrometheusAsks) {
  std::set<std::string_view> names;
  for (const ExportedMetric& metric : metric_table()) {
    const std::string name(metric.name);
    EXPECT_TRUE(names.insert(metric.name).second) << name << " twice";
    EXPECT_TRUE(std::regex_match(name, std::regex("firesweep_[a-z][a-z_]*[a-z]"))) << name;
    EXPECT_EQ(name.ends_with("_total"), metric.kind == MetricKind::kCounter) << name;
    for (const std::string unit : {"seconds", "bytes"}) {
      EXPECT_EQ(metric.unit == unit, std::regex_match(name, std::regex(".*_" + unit + "(_total)?")))
          << name;
    }
    EXPECT_FALSE(metric.help.empty() || metric.unit.empty()) << name;
    EXPECT_EQ(metric.help.find('|'), std::string_view::npos) << name << ": the page is a table";
  }
}

TEST(Metrics, EachIsThereWithoutSweepsAndWorkers) {
  const std::string text = metrics_text({});
  for (const ExportedMetric& metric : metric_table()) {
    EXPECT_THAT(text, HasSubstr("# TYPE " + std::string(metric.name) + " "));
    if (metric.name == "firesweep_worker_images_per_second") continue;  // one for each worker
    EXPECT_TRUE(std::regex_search(
        text, std::regex("\n" + std::string(metric.name) + "(_count)?(\\{[^}]*\\})? [0-9]")))
        << metric.name;
  }
}

TEST(Metrics, ValuesAreThoseOfTheState) {
  const std::string text = metrics_text(busy());
  for (const char* line :
       {"firesweep_trials{state=\"WAITING\"} 18", "firesweep_trials{state=\"COMPLETE\"} 9",
        "firesweep_trials{state=\"FAIL\"} 0", "firesweep_reused_trials 6",
        "firesweep_sweeps{state=\"RUNNING\"} 2", "firesweep_sweeps{state=\"FINISHED\"} 0",
        "firesweep_workers{state=\"training\"} 1",
        "firesweep_worker_images_per_second{worker=\"h/0\",device=\"cuda:0\"} 1500.5",
        "firesweep_worker_images_per_second{worker=\"h/1\",device=\"cuda:0\"} 0",
        "firesweep_attempts_ended_total{outcome=\"LOST\"} 2", "firesweep_reports_total 41",
        "firesweep_wal_bytes 4096", "firesweep_commit_seconds_bucket{le=\"0.0025\"} 0",
        "firesweep_commit_seconds_bucket{le=\"0.005\"} 1",
        "firesweep_commit_seconds_bucket{le=\"2.5\"} 1",
        "firesweep_commit_seconds_bucket{le=\"+Inf\"} 2", "firesweep_commit_seconds_sum 60.003",
        "firesweep_database_writable 1"}) {
    EXPECT_THAT(text, HasSubstr("\n" + std::string(line) + "\n"));
  }
}

TEST(Metrics, TheQueueIsWhatMoreWorkersWouldBeGiven) {
  EXPECT_THAT(metrics_text(busy()), HasSubstr("\nfiresweep_waiting_trials 6\n"))
      << "neither the trials of a paused sweep nor those that this build cannot run";
}

// What waits at a rung is no work for more workers, except those that are to go on.
TEST(Metrics, TrialsAtRungsAreNoQueue) {
  CoordinatorState state = busy();
  state.overview.sweeps[0].rungs = {{.epoch = 1, .waiting = 3, .ready = 1},
                                    {.epoch = 3, .waiting = 2, .ready = 0}};
  const std::string text = metrics_text(state);
  EXPECT_THAT(text, HasSubstr("\nfiresweep_waiting_trials 2\n"));
  EXPECT_THAT(text, HasSubstr("\nfiresweep_trials_at_rung 5\n"));
}

TEST(Metrics, SeriesOfAWorkerAreThoseOfThePresent) {
  CoordinatorState state = busy();
  state.overview.workers.erase(state.overview.workers.begin());
  EXPECT_THAT(metrics_text(state), Not(HasSubstr("worker=\"h/0\"")));
}

TEST(Metrics, AFullDiskIsSeen) {
  CoordinatorState state = busy();
  state.overview.trouble = "the disk of sweeps.db is full";
  EXPECT_THAT(metrics_text(state), HasSubstr("\nfiresweep_database_writable 0\n"));
}

TEST(Metrics, DurableRecordsAreCountedByKind) {
  DurableCounts counts;
  record::AttemptEnded lost;
  lost.end = AttemptEnd::kLost;
  record::AttemptEnded unstarted;
  unstarted.end = AttemptEnd::kUnstarted;
  const std::vector<Record> records{
      record::AttemptOpened{}, record::EpochRecorded{}, record::EpochRecorded{}, lost, unstarted,
      record::TrialChanged{}};
  counts.add(records);
  EXPECT_EQ(counts.attempts_opened, 1);
  EXPECT_EQ(counts.epochs, 2);
  EXPECT_EQ(counts.attempts_ended, (std::array<std::int64_t, 5>{0, 0, 1, 0, 1}));
}

TEST(Metrics, ThePageListsThem) {
  EXPECT_EQ(file_text("docs/metrics.md"), metrics_document())
      << "type: build/release/bin/firesweep schema metrics > docs/metrics.md";
}

// Every query of a panel, however deep it lies.
void collect_queries(const nlohmann::json& node, std::vector<std::string>& queries) {
  if (node.is_object() && node.contains("expr")) queries.push_back(node.at("expr"));
  if (!node.is_structured()) return;
  for (const auto& child : node) collect_queries(child, queries);
}

std::set<std::string> series_names() {
  std::set<std::string> names;
  for (const ExportedMetric& metric : metric_table()) {
    const std::string name(metric.name);
    if (metric.kind != MetricKind::kHistogram) names.insert(name);
    if (metric.kind != MetricKind::kHistogram) continue;
    for (const char* part : {"_bucket", "_sum", "_count"}) names.insert(name + part);
  }
  return names;
}

TEST(Dashboard, QueriesOnlyMetricsThatThereAre) {
  std::vector<std::string> queries;
  collect_queries(nlohmann::json::parse(file_text("deploy/grafana/firesweep.json")), queries);
  ASSERT_GE(queries.size(), 10u);
  const std::set<std::string> known = series_names();
  const std::regex name("firesweep_\\w+");
  for (const std::string& query : queries) {
    const std::sregex_iterator begin(query.begin(), query.end(), name);
    EXPECT_NE(begin, std::sregex_iterator()) << query;
    for (auto found = begin; found != std::sregex_iterator(); ++found) {
      EXPECT_TRUE(known.contains(found->str())) << found->str() << " in " << query;
    }
  }
}

TEST(Dashboard, PanelsHaveNumbersAndPlacesOfTheirOwn) {
  const auto dashboard = nlohmann::json::parse(file_text("deploy/grafana/firesweep.json"));
  std::set<int> numbers;
  std::set<std::pair<int, int>> places;
  for (const auto& panel : dashboard.at("panels")) {
    EXPECT_TRUE(numbers.insert(panel.at("id").get<int>()).second) << panel.at("title");
    const auto& at = panel.at("gridPos");
    for (int x = at.at("x"); x < at.at("x").get<int>() + at.at("w").get<int>(); ++x) {
      for (int y = at.at("y"); y < at.at("y").get<int>() + at.at("h").get<int>(); ++y) {
        EXPECT_TRUE(places.emplace(x, y).second) << panel.at("title") << " covers another";
        EXPECT_LT(x, 24) << panel.at("title");
      }
    }
  }
}

}  // namespace
}  // namespace firesweep
