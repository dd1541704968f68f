#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/run_ending.h"
#include "coordinator/cli/target.h"
#include "coordinator/store/lock.h"
#include "shared/base/shell.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{500};

// The sweep's row of `list`.
Result<nlohmann::json> look(const Target& target, SweepId sweep) {
  const auto text = query(target, {"list", "json", std::nullopt, std::nullopt, {}});
  if (!text) return tl::unexpected(text.error());
  for (auto& row : nlohmann::json::parse(*text)) {
    if (row.at("sweep").get<std::int64_t>() == sweep.value) return std::move(row);
  }
  return fail(ErrorCode::kNotFound, "sweep " + std::to_string(sweep.value), "no such sweep",
              "`firesweep list` shows them");
}

int report_end(const nlohmann::json& row, const Target& target) {
  const SweepEnding ending{
      SweepId{row.at("sweep").get<std::int64_t>()}, row.at("state").get<std::string>(),
      row.at("trials").get<std::int64_t>(),         row.at("complete").get<std::int64_t>(),
      row.at("failed").get<std::int64_t>(),         std::nullopt};
  std::cout << "sweep " << ending.sweep.value << " is " << ending.state << ": " << ending.complete
            << " complete, " << ending.failed << " failed\n";
  const auto ask = [&] { return query(target, {"failures", "json", ending.sweep, {}, {}}); };
  print_failures(std::cout, ending, ask, words_to(target));
  return exit_code_of(ending);
}

// Why this build will never bring the sweep to its end; empty where it may.
std::string why_broken(const nlohmann::json& row, const std::string& state) {
  const auto broken = row.find("broken");
  if (state == "STOPPING" || broken == row.end() || broken->is_null()) return {};
  return broken->get<std::string>();
}

// Who could bring the sweep to its end, where nobody does; empty where somebody may.
std::string why_nothing_moves(const Target& target, const std::string& state,
                              const std::string& sweep) {
  std::vector<std::string> resume{"firesweep", "resume", sweep};
  for (const std::string& word : words_to(target)) resume.push_back(word);
  if (state == "PAUSED") return "it is PAUSED; `" + shell_command(resume) + "` continues it";
  if (!target.database || find_owner(*target.database)) return {};
  return "no coordinator serves " + target.database->string() +
         "; to continue: `firesweep run` with its file, or `firesweep serve` with workers";
}

}  // namespace

int verb_wait(const Words& words) {
  const Usage usage{
      "wait", "SWEEP",
      "Waits until a sweep ends. Exit codes: 0 the sweep is FINISHED; 3 it is FAILED, or no trial\n"
      "succeeded; 1 it is STOPPED, CANCELLED or broken, or --timeout has passed.",
      1, 1};
  po::options_description options("Options");
  options.add_options()(
      "timeout", po::value<TypedDuration>()->value_name("DURATION"),
      "longest time to wait, such as 90 (seconds), 90m or 1h30m (default: no limit)");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto sweep = parse_sweep(parsed.positional[0]);
  if (!sweep) return report_error(usage.verb, sweep.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  const auto timeout = parsed.get<TypedDuration>("timeout");
  std::string told;
  const auto start = Clock::now();
  const auto waited = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (bool found = false;; found = true) {
    const auto row = look(*target, *sweep);
    // Once found, a coordinator that is away is waited for.
    if (!row && (!found || row.error().code != ErrorCode::kUnavailable)) {
      return report_error(usage.verb, row.error());
    }
    if (row) {
      const std::string state = row->at("state").get<std::string>();
      if (state != "RUNNING" && state != "PAUSED" && state != "STOPPING") {
        return report_end(*row, *target);
      }
      if (const std::string broken = why_broken(*row, state); !broken.empty()) {
        std::cerr
            << "firesweep wait: sweep " << sweep->value << " is broken: " << broken
            << "; continue it with the firesweep version that began it, or stop or cancel it\n";
        return kFailedWhileRunning;
      }
      const std::string why = why_nothing_moves(*target, state, parsed.positional[0]);
      if (!why.empty() && why != told) std::cerr << "firesweep wait: " << why << "\n";
      told = why;
    }
    if (timeout && waited() >= timeout->seconds) {
      std::cerr << "firesweep wait: sweep " << sweep->value << " has not ended after "
                << timeout->seconds << " s\n";
      return kFailedWhileRunning;
    }
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace firesweep
