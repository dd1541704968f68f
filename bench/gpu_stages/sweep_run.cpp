#include "bench/gpu_stages/sweep_run.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/root.h"

namespace firesweep::bench {
namespace {

constexpr std::chrono::seconds kKeptForTelling{2};

std::filesystem::path written(const std::filesystem::path& path, const Facts& sweep) {
  std::ofstream(path) << sweep.dump(2) << "\n";
  return path;
}

}  // namespace

Facts sweep_of(const std::string& name, const Facts& parameters, const Facts& seeds) {
  return {{"name", name},
          {"method", "grid"},
          {"metric", {{"name", "val_accuracy"}, {"goal", "maximize"}}},
          {"dataset", "cifar100"},
          {"parameters", parameters},
          {"seeds", seeds}};
}

SweepRun::SweepRun(const Task& task, const std::string& name, const std::filesystem::path& sweep,
                   int workers)
    : task_(task),
      database_(task.options.scratch / (name + ".db")),
      out_(task.options.scratch / (name + ".out")) {
  const std::filesystem::path program = find_program("firesweep");
  if (program.empty()) throw std::runtime_error("no program firesweep beside this one");
  std::vector<std::string> words = {program.string(),
                                    "run",
                                    sweep.string(),
                                    "--db",
                                    database_.string(),
                                    "--workers",
                                    std::to_string(workers),
                                    "--device",
                                    task.options.device,
                                    "--data-dir",
                                    folder_of_images(task).string(),
                                    "--architectures",
                                    (root_dir() / "architectures").string(),
                                    "--quiet",
                                    "--yes"};
  if (task.options.device == "cpu") {
    const int threads = std::max(1, task.options.threads / workers);
    words.insert(words.end(), {"--threads", std::to_string(threads)});
  }
  child_ = std::make_unique<Child>(words, out_, out_);
}

SweepRun::SweepRun(const Task& task, const std::string& name, const Facts& sweep, int workers)
    : SweepRun(task, name, written(task.options.scratch / (name + ".json"), sweep), workers) {}

std::string SweepRun::finish(double margin) {
  const auto interrupt_at =
      task_.deadline - std::chrono::milliseconds(static_cast<int>(margin * 1000));
  if (const auto status = wait_until(interrupt_at)) return Child::describe(*status);
  child_->signal(SIGINT);
  if (wait_until(task_.deadline - kKeptForTelling)) return "interrupted for want of time";
  child_.reset();
  return "killed for want of time";
}

std::string SweepRun::ask(const std::string& sql) const {
  try {
    SQLite::Database database(database_.string(), SQLite::OPEN_READONLY, /*busy ms=*/2000);
    SQLite::Statement statement(database, sql);
    if (!statement.executeStep()) return {};
    std::string text;
    for (int i = 0; i < statement.getColumnCount(); ++i)
      text += (i == 0 ? "" : " ") + statement.getColumn(i).getString();
    return text;
  } catch (const SQLite::Exception&) {
    return {};  // it is only just being made
  }
}

double SweepRun::ask_number(const std::string& sql) const {
  const std::string text = ask(sql);
  return text.empty() ? 0 : std::stod(text);
}

std::string SweepRun::log() const {
  std::ifstream file(database_.string() + ".log");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string SweepRun::said() const { return tail_of(out_, 300); }

int count_of(const std::string& all, const std::string& text) {
  int count = 0;
  for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
    ++count;
  return count;
}

}  // namespace firesweep::bench
