#include "coordinator/cli/run_session.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "coordinator/cli/differences.h"
#include "coordinator/cli/displays.h"
#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/hand_in.h"
#include "coordinator/cli/private_folder.h"
#include "coordinator/cli/run_ending.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/text.h"
#include "coordinator/cli/web.h"
#include "coordinator/cli/worker_process.h"
#include "coordinator/report/query.h"
#include "coordinator/report/stored_sweeps.h"
#include "coordinator/server/coordinator.h"
#include "coordinator/server/scheduler_options.h"
#include "coordinator/server/signals.h"
#include "shared/base/letters.h"
#include "shared/base/log.h"
#include "shared/base/shell.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kDisplayStep{100};
constexpr Duration kWorkerLeaveTime = std::chrono::seconds(30);
constexpr Duration kTroubleTime = std::chrono::seconds(10);  // a signal is seldom given more
constexpr std::int64_t kRowsShown = 15;

std::vector<std::string> dataset_arguments(const RunSettings& settings) {
  if (!settings.data_folder) return {};
  return {"--data-dir", *settings.data_folder};
}

// Asks the sibling program whether the dataset can be used; it says by itself what is wrong.
Result<bool> dataset_usable(const SweepSpec& spec, const RunSettings& settings) {
  if (spec.trainer == Trainer::kSimulated) return true;
  std::vector<std::string> words{"dataset", "check", std::string(to_string(spec.dataset))};
  for (std::string& word : dataset_arguments(settings)) words.push_back(std::move(word));
  auto check = WorkerProcess::start(words);
  if (!check) return tl::unexpected(check.error());
  return check->wait() == 0;
}

std::vector<std::string> worker_words(const std::string& endpoint, const RunSettings& settings) {
  std::vector<std::string> words{"--coordinator",    endpoint,
                                 "--checkpoint-dir", settings.checkpoint_folder,
                                 "--log-file",       settings.database + ".log",
                                 "--log-level",      settings.log_level};
  for (std::string& word : dataset_arguments(settings)) words.push_back(std::move(word));
  if (settings.workers) words.insert(words.end(), {"--slots", std::to_string(*settings.workers)});
  if (settings.threads) words.insert(words.end(), {"--threads", std::to_string(*settings.threads)});
  if (settings.device) words.insert(words.end(), {"--device", *settings.device});
  return words;
}

// Asks the sibling program whether it would take its options; it says by itself what is wrong.
Result<bool> options_usable(const std::string& endpoint, const RunSettings& settings) {
  const bool from_environment = std::getenv("FIRESWEEP_DATA") != nullptr;
  if (!settings.device && !settings.threads && !settings.data_folder && !from_environment) {
    return true;
  }
  std::vector<std::string> words = worker_words(endpoint, settings);
  words.push_back("--check-only");
  auto check = WorkerProcess::start(words);
  if (!check) return tl::unexpected(check.error());
  return check->wait() == 0;
}

const SweepOverview* find_sweep(const Overview& overview, SweepId sweep) {
  const auto it =
      std::find_if(overview.sweeps.begin(), overview.sweeps.end(),
                   [&](const SweepOverview& candidate) { return candidate.sweep == sweep; });
  return it == overview.sweeps.end() ? nullptr : &*it;
}

enum class Ending { kFinished, kInterrupted, kWorkersGone };

// Steps until the sweep ends, somebody interrupts or the workers are gone.
Ending follow(Coordinator& coordinator, WorkerProcess& workers, SweepId sweep, Display& display) {
  for (;;) {
    coordinator.step(kDisplayStep);
    const Overview overview = coordinator.overview();
    display.refresh(overview);
    const SweepOverview* own = find_sweep(overview, sweep);
    if (own == nullptr || !is_unfinished(own->state)) return Ending::kFinished;
    if (interrupts() > 0) return Ending::kInterrupted;
    if (workers.ended()) return Ending::kWorkersGone;
  }
}

// Drains the trials and lets the workers leave; a second interrupt, or too long a wait, kills them.
// A database that cannot be written is waited for a while: what was not acknowledged is trained
// again, from checkpoints that are there.
void close(Coordinator& coordinator, WorkerProcess& workers, Display& display) {
  coordinator.drain();
  const int interrupts_before = interrupts();
  const Duration start = system_now().steady;
  while (!workers.ended()) {
    coordinator.step(kDisplayStep);
    display.refresh(coordinator.overview());
    const bool impatient = interrupts() > interrupts_before;
    const Duration waited = system_now().steady - start;
    const bool troubled = !coordinator.trouble().empty() && waited > kTroubleTime;
    if (impatient || troubled || (coordinator.idle() && waited > kWorkerLeaveTime)) {
      workers.kill_now();
    }
  }
  coordinator.step(std::chrono::milliseconds(0));
}

// A refit has no front of its own: its number is the mean over the seeds.
void print_results(const RunSettings& settings, SweepId sweep, const SweepSpec& spec) {
  const auto leaderboard = run_query(settings.database, "leaderboard", "table", sweep, kRowsShown);
  if (leaderboard) std::cout << "\nLeaderboard\n" << for_this_terminal(*leaderboard);
  if (spec.base.protocol == Protocol::kRefit) {
    const auto points = run_query(settings.database, "points", "table", sweep, kRowsShown);
    if (points) std::cout << "\nOver the seeds\n" << for_this_terminal(*points);
    return;
  }
  const auto front = run_query(settings.database, "pareto", "table", sweep, std::nullopt);
  if (front) std::cout << "\n" << for_this_terminal(*front);
}

// Where another sweep of that name is in the database: which, and in what this file differs.
std::string namesake(const RunSettings& settings, SweepId sweep, const FrozenSweep& frozen) {
  const auto other = find_namesake(settings.database, sweep, frozen.spec.name);
  if (!other) return {};
  const auto differing = differences(other->canonical, frozen.canonical);
  return "the database has another sweep of this name: " + std::to_string(other->sweep.value) +
         "; this file differs in " +
         (differing.empty() ? std::string("its architecture files") : differing) +
         ", so it starts a new sweep (`firesweep extend` adds trials to an existing one)";
}

std::vector<std::string> words_to(const RunSettings& settings) {
  if (settings.database == kDefaultDatabase) return {};
  return {"--db", settings.database};
}

void print_next(const RunSettings& settings, SweepId sweep) {
  const auto command = [&](std::vector<std::string> words,
                           const std::vector<std::string>& more = {}) {
    for (const auto& part : {words_to(settings), more}) {
      words.insert(words.end(), part.begin(), part.end());
    }
    return "  " + shell_command(words) + "\n";
  };
  const std::string id = std::to_string(sweep.value);
  std::cout << "\nThe results are in " << fs::absolute(settings.database).string() << "\n\nNext:\n"
            << command({"firesweep", "leaderboard", id})
            << command({"firesweep", "pareto", id}, {"-f", "svg", "-o", "pareto.svg"})
            << "  sqlite3 " << shell_quoted(settings.database)
            << " 'SELECT rank, variant, lr, label_smoothing, params, val_accuracy, test_accuracy "
               "FROM leaderboard'\n";
}

SweepEnding ending_of(const SweepOverview& sweep, const SweepSpec& spec) {
  return {sweep.sweep,         std::string(to_string(sweep.state)),
          sweep.trials.total,  sweep.trials.complete,
          sweep.trials.failed, spec.max_failed_trials};
}

// What can be done with a sweep that has nothing left to run.
std::string said_of_finished(const RunSettings& settings, SweepId sweep) {
  std::vector<std::string> extend{"firesweep", "extend", std::to_string(sweep.value), "--seeds",
                                  "4,5"};
  for (const std::string& word : words_to(settings)) extend.push_back(word);
  return "it is FINISHED and nothing runs twice; to add seeds: `" + shell_command(extend) +
         "`, to add values: `firesweep extend " + std::to_string(sweep.value) +
         " EDITED_COPY.json`, to run all of it again: a copy with another name";
}

}  // namespace

Result<int> run_session(const Plan& plan, const RunSettings& settings) {
  const auto usable = dataset_usable(plan.frozen->spec, settings);
  if (!usable) return tl::unexpected(usable.error());
  if (!*usable) return kNothingBegan;
  const auto folder = PrivateFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  const auto taken = options_usable(folder->endpoint(), settings);
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return kNothingBegan;
  auto store = Store::open(settings.database);
  if (!store) return tl::unexpected(store.error());
  set_up_log(settings.database + ".log", settings.log_level, "run");
  auto socket = RouterSocket::bind(folder->endpoint());
  if (!socket) return tl::unexpected(socket.error());
  auto web = Web::start(settings.http);
  if (!web) return tl::unexpected(web.error());
  catch_interrupts();

  SchedulerOptions options = default_scheduler_options();
  options.only_submitted = true;
  Coordinator coordinator(std::move(*store), std::move(*socket), settings.database, options);
  const auto display = make_display(settings.quiet   ? DisplayKind::kNothing
                                    : settings.plain ? DisplayKind::kPlainLines
                                                     : DisplayKind::kPicture);
  coordinator.observe(display.get());
  if (web->state() != nullptr) coordinator.publish_to(*web->state());
  const auto submitted = answer_of<reply::Submitted>(coordinator.submit(plan.frozen));
  if (!submitted) return tl::unexpected(submitted.error());
  const SweepId sweep = submitted->sweep;
  display->knows(sweep, plan.frozen);
  display->say((submitted->resumed ? "resuming sweep " : "starting sweep ") +
               std::to_string(sweep.value) + " in " + settings.database);

  if (submitted->resumed && submitted->state == SweepState::kFinished) {
    display->say(said_of_finished(settings, sweep));
  }
  const std::string woken = said_of_woken(*submitted, words_to(settings));
  if (!woken.empty()) display->say(woken);
  if (const std::string told = web->told(); !told.empty()) display->say(told);
  if (!submitted->resumed) {
    const std::string other = namesake(settings, sweep, *plan.frozen);
    if (!other.empty()) display->say(other);
  }

  auto workers = WorkerProcess::start(worker_words(coordinator.endpoint(), settings));
  if (!workers) return tl::unexpected(workers.error());
  const Ending ending = follow(coordinator, *workers, sweep, *display);
  if (ending == Ending::kInterrupted)
    display->say("interrupted: draining (Ctrl-C again exits at once) …");
  close(coordinator, *workers, *display);
  const Overview last = coordinator.overview();
  display->close();

  const SweepOverview* own = find_sweep(last, sweep);
  if (ending == Ending::kWorkersGone) {
    std::cerr << "firesweep run: the workers ended with code " << workers->ended().value_or(0)
              << "; see " << settings.database << ".log\n";
  }
  print_results(settings, sweep, plan.frozen->spec);
  if (own != nullptr) {
    std::cout << "\n";
    print_failures(
        std::cout, ending_of(*own, plan.frozen->spec),
        [&] { return run_query(settings.database, "failures", "json", sweep, std::nullopt); },
        words_to(settings));
    if (const auto idle = idle_at_end(own->idle_seconds);
        own->state == SweepState::kFinished && !idle.empty()) {
      std::cout << idle << "\n";
    }
  }
  for (const SweepOverview& other : last.sweeps) {
    if (other.sweep == sweep || !is_unfinished(other.state)) continue;
    std::cout << "\nSweep " << other.sweep.value << " (" << other.name
              << ") was submitted meanwhile and is " << to_string(other.state)
              << "; it does not run now. To run it: `firesweep run` with its file.\n";
  }
  print_next(settings, sweep);
  if (!last.trouble.empty()) {
    std::cerr << "firesweep run: exited while " << last.trouble
              << "; the database is consistent, and the same command continues from there\n";
    return kFailedWhileRunning;
  }
  if (ending == Ending::kInterrupted) {
    std::cout << "Interrupted; the same command continues where it stopped.\n";
    return kInterrupted;
  }
  if (ending == Ending::kWorkersGone || own == nullptr) return kFailedWhileRunning;
  return exit_code_of(ending_of(*own, plan.frozen->spec));
}

}  // namespace firesweep
