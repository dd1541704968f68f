// Sweeps over architectures and recipes while minutes are left, with the database, the leaderboard
// and the front in the results after every minute.
#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/sweep_run.h"
#include "bench/root.h"

namespace firesweep::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kMargin = 15;  // seconds before the end at which trials are drained
constexpr std::chrono::seconds kBetweenExports{60};
constexpr std::chrono::seconds kExportLimit{10};

// Every architecture at hand, where no sweep file was named.
Facts default_sweep(const Task& task) {
  Facts variants = Facts::array();
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(root_dir() / "architectures"))
    names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  for (const std::string& name : names) variants.push_back(name);
  if (task.options.small) variants = {"v2", "v3"};
  Facts parameters = {{"variant", {{"values", variants}}},
                      {"lr", {{"values", {0.003, 0.006}}}},
                      {"label_smoothing", {{"values", {0.0, 0.1}}}},
                      {"epochs", {{"value", 15}}}};
  if (task.options.small) {
    parameters["lr"] = {{"value", 0.003}};
    parameters["label_smoothing"] = {{"value", 0.1}};
    parameters["epochs"] = {{"value", 1}};
    for (const char* size : {"train_size", "val_size", "test_size"})
      parameters[size] = {{"value", 64}};
    parameters["batch_size"] = {{"value", 16}};
  }
  return sweep_of("frontier", parameters, task.options.small ? Facts{1} : Facts{1, 2, 3});
}

Facts read_sweep(const std::string& path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error(path + ": cannot be read");
  return Facts::parse(text, nullptr, true, /*ignore_comments=*/true);
}

// The same sweep once more with the next seeds: as many as it had, `round` times further.
Facts with_next_seeds(Facts sweep, int round) {
  if (round == 0) return sweep;
  const Facts before = sweep.value("seeds", Facts{1});
  Facts seeds = Facts::array();
  std::int64_t highest = 0;
  for (const auto& seed : before) highest = std::max(highest, seed.get<std::int64_t>());
  for (const auto& seed : before) seeds.push_back(seed.get<std::int64_t>() + round * highest);
  sweep["seeds"] = seeds;
  return sweep;
}

// Copies the database as one whole file and writes the reports beside it. What cannot be had now
// comes with the next call.
void bring_out(const Task& task, const fs::path& database) {
  const fs::path& output = task.options.output;
  const fs::path part = task.options.scratch / "frontier.copy.db";
  try {
    fs::remove(part);
    SQLite::Database source(database.string(), SQLite::OPEN_READONLY, 2000);
    SQLite::Database copy(part.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup(copy, source).executeStep();
    copy.exec("PRAGMA journal_mode = DELETE");  // one file, without a log beside it
    fs::copy_file(part, output / "frontier.db", fs::copy_options::overwrite_existing);
  } catch (const std::exception& error) {
    tell(task, "no copy of the database", {{"why", error.what()}});
    return;
  }
  struct Report {
    const char *verb, *format, *file;
  };
  for (const Report& report :
       {Report{"leaderboard", "csv", "leaderboard.csv"}, Report{"pareto", "csv", "pareto.csv"},
        Report{"pareto", "svg", "pareto.svg"}}) {
    Child child({find_program("firesweep").string(), report.verb, "--db", part.string(), "-f",
                 report.format, "-o", (output / report.file).string()},
                "/dev/null", {});
    child.wait_until(Clock::now() + kExportLimit);
  }
}

void tell_progress(const Task& task, const SweepRun& run, const std::string& what,
                   const std::string& end) {
  tell(task, what,
       {{"ended", end},
        {"images", kind_of_images(task)},
        {"trials", run.ask_number("SELECT count(*) FROM results")},
        {"best", run.ask(R"(
          SELECT variant, round(100 * val_accuracy, 2) || ' % of', params
          FROM leaderboard
          ORDER BY val_accuracy DESC
          LIMIT 1)")},
        {"front", run.ask_number("SELECT count(*) FROM pareto_front")},
        {"said", end == "ok" ? "" : run.said()}});
}

}  // namespace

void measure_frontier(const Task& task) {
  if (!task.options.data_dir && !task.options.small) {
    tell(task, "skipped", {{"why", "accuracies of made-up images say nothing; give --data-dir"}});
    return;
  }
  std::vector<Facts> sweeps;
  for (const std::string& path : task.options.sweeps) sweeps.push_back(read_sweep(path));
  if (sweeps.empty()) sweeps.push_back(default_sweep(task));
  const int rounds = task.options.small ? 1 : 1000;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < sweeps.size(); ++i) {
      if (task.seconds_left() < 2 * kMargin) return;
      const Facts sweep = with_next_seeds(sweeps[i], round);
      const std::string what = sweep.value("name", "sweep") + " round " + std::to_string(round + 1);
      std::ofstream(task.options.scratch / "frontier.json") << sweep.dump(2) << "\n";
      SweepRun run(task, "frontier", task.options.scratch / "frontier.json", task.options.workers);
      const auto last = task.deadline - std::chrono::milliseconds(static_cast<int>(1000 * kMargin));
      while (Clock::now() + kBetweenExports < last &&
             !run.wait_until(Clock::now() + kBetweenExports))
        bring_out(task, run.database());
      const std::string end = run.finish(kMargin);
      bring_out(task, run.database());
      tell_progress(task, run, what, end);
      if (end != "ok") return;
    }
  }
}

}  // namespace firesweep::bench
