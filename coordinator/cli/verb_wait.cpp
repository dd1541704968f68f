#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{500};

// The sweep's row of `list`.
Result<nlohmann::json> look(const Target& target, SweepId sweep) {
  const auto text = query(target, {"list", "json", std::nullopt, std::nullopt});
  if (!text) return tl::unexpected(text.error());
  for (auto& row : nlohmann::json::parse(*text)) {
    if (row.at("sweep").get<std::int64_t>() == sweep.value) return std::move(row);
  }
  return fail(ErrorCode::kNotFound, "sweep " + std::to_string(sweep.value), "no such sweep",
              "`firesweep list` shows them");
}

int report_end(const nlohmann::json& row) {
  const std::string state = row.at("state").get<std::string>();
  std::cout << "sweep " << row.at("sweep") << " is " << state << ": " << row.at("complete")
            << " complete, " << row.at("failed") << " failed\n";
  if (state == "FINISHED") return kDone;
  return state == "FAILED" ? kSweepFailed : kFailedWhileRunning;
}

}  // namespace

int verb_wait(const Words& words) {
  const Usage usage{"wait", "SWEEP",
                    "Returns when a sweep has come to its end: 0 FINISHED, 3 FAILED, 1 STOPPED or\n"
                    "CANCELLED, or --timeout has passed.",
                    1, 1};
  po::options_description options("Options");
  options.add_options()("timeout", po::value<double>()->value_name("SECONDS"),
                        "wait no longer (default: for ever)");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto sweep = parse_sweep(parsed.positional[0]);
  if (!sweep) return report_error(usage.verb, sweep.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  const auto timeout = parsed.get<double>("timeout");
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
      if (state != "RUNNING" && state != "PAUSED" && state != "STOPPING") return report_end(*row);
    }
    if (timeout && waited() >= *timeout) {
      std::cerr << "firesweep wait: sweep " << sweep->value << " is not at its end after "
                << *timeout << " s\n";
      return kFailedWhileRunning;
    }
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace firesweep
