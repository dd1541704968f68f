#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "coordinator/server/status_json.h"
#include "coordinator/server/stored_rungs.h"
#include "coordinator/store/lock.h"
#include "shared/base/letters.h"
#include "shared/transport/address.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

// "at rungs: 25 after epoch 3, of which 2 may go on; 6 after epoch 9". Then, where the sweep was
// asked for, its trials there.
void print_rungs(std::ostream& out, const Json& sweep, bool details) {
  const Json rungs = sweep.value("rungs", Json::array());
  if (rungs.empty()) return;
  out << "  waiting to be promoted: ";
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    const Json& rung = rungs[i];
    out << (i == 0 ? "" : "; ") << rung.at("waiting") << " after epoch " << rung.at("epoch");
    const auto ready = rung.at("ready").get<std::int64_t>();
    if (ready > 0) out << ", of which " << ready << " may go on now";
  }
  if (!details) out << "  (`firesweep status " << sweep.at("sweep") << "` names them)";
  out << "\n";
  if (!details) return;
  for (const Json& rung : rungs) {
    for (const Json& one : rung.at("trials")) {
      out << "    trial " << one.at("trial").get<std::string>() << "  after epoch "
          << rung.at("epoch") << "  " << human_percent(one.at("score").get<double>()) << "  rank "
          << one.at("rank") << " of " << one.at("of") << "\n";
    }
    const std::int64_t unnamed =
        rung.at("waiting").get<std::int64_t>() - std::ssize(rung.at("trials"));
    if (unnamed > 0)
      out << "    and " << unnamed << " more after epoch " << rung.at("epoch") << "\n";
  }
}

void print_sweep(std::ostream& out, const Json& sweep, bool details) {
  const auto count = [&](const char* name) { return sweep.at(name).get<std::int64_t>(); };
  out << "sweep " << count("sweep") << "  " << sweep.at("name").get<std::string>() << "  "
      << sweep.at("state").get<std::string>() << "  "
      << bar(sweep.at("done_share").get<double>(), 20) << " " << count("complete") << "/"
      << count("total") << " complete";
  // An older coordinator does not tell it.
  if (const auto reused = sweep.value("reused", std::int64_t{0}); reused > 0) {
    out << " (" << reused << " reused)";
  }
  out << ", " << count("running") + count("stopping") << " running, "
      << count("waiting") + count("assigned") << " waiting";
  if (const auto rungs = sweep.value("at_rung", std::int64_t{0}); rungs > 0) {
    out << " (" << rungs << " at a rung)";
  }
  if (count("pruned") > 0) out << ", " << count("pruned") << " pruned";
  if (count("failed") > 0) out << ", " << count("failed") << " failed";
  if (!sweep.at("best_accuracy").is_null())
    out << ", best " << human_percent(sweep.at("best_accuracy").get<double>());
  if (!sweep.at("seconds_left").is_null())
    out << ", ETA " << clock_time(sweep.at("seconds_left").get<double>());
  if (const auto idle = idle_at_end(sweep.value("idle_seconds", 0.0)); !idle.empty()) {
    out << ", " << idle;
  }
  out << "\n";
  if (const std::string broken = sweep.value("broken", ""); !broken.empty()) {
    out << "  broken: " << broken << "\n";
  }
  const std::string blocked = sweep.at("blocked").get<std::string>();
  if (!blocked.empty()) out << "  waiting: " << blocked << "\n";
  print_rungs(out, sweep, details);
}

// A slot is a GPU where a worker has one slot on each. An older coordinator tells no cost.
void print_cost(std::ostream& out, const Json& attended) {
  const double present = attended.value("present_s", 0.0);
  if (present <= 0) return;
  out << ", " << human_fixed(present / 3600, 2) << " slot-hours, idle "
      << human_percent(1 - attended.value("trained_s", 0.0) / present, 0);
}

void print_worker(std::ostream& out, const Json& worker) {
  out << "worker " << worker.at("worker").get<std::string>() << "  "
      << worker.at("device").get<std::string>() << "  " << worker.at("state").get<std::string>();
  if (!worker.at("trial").is_null()) {
    out << "  trial " << worker.at("trial").get<std::string>() << " "
        << worker.at("config").get<std::string>();
    if (worker.at("epochs").get<std::int64_t>() == 0) {
      out << "  starting";
    } else {
      out << "  epoch " << worker.at("epoch") << "/" << worker.at("epochs") << " batch "
          << worker.at("batch") << "/" << worker.at("batches") << "  "
          << human_number(worker.at("images_per_s").get<double>()) << " img/s";
    }
  }
  out << "  " << worker.at("trials_done") << " trials done";
  print_cost(out, worker);
  out << "\n";
}

// The worst; the others are in the JSON.
constexpr std::size_t kBadPeersPrinted = 5;

void print_bad_peers(std::ostream& out, const Json& peers) {
  for (std::size_t i = 0; i < std::min(peers.size(), kBadPeersPrinted); ++i) {
    const Json& peer = peers[i];
    out << "bad messages from " << peer.at("sender").get<std::string>() << "  "
        << peer.at("refused") << " refused, " << peer.at("ignored") << " ignored"
        << (peer.at("silenced").get<bool>() ? ", ignored now" : "") << "\n";
  }
  if (peers.size() > kBadPeersPrinted) {
    out << "and from " << peers.size() - kBadPeersPrinted << " more: `firesweep status -f json`\n";
  }
}

void print_status(const Json& status, bool details) {
  std::ostringstream out;
  const Json& coordinator = status.at("coordinator");
  const auto endpoint = coordinator.at("endpoint").get<std::string>();
  out << "coordinator " << endpoint << "  frames " << coordinator.at("frames") << "  malformed "
      << coordinator.at("malformed") << "  commits " << coordinator.at("commits")
      << "  failed commits " << coordinator.at("failed_commits") << "  WAL "
      << human_number(coordinator.at("wal_bytes").get<double>()) << " bytes\n";
  if (endpoint.starts_with(kInsecurePrefix)) {
    out << "INSECURE: anyone who reaches this port can submit sweeps, read results and cancel\n";
  }
  // What is known of workers is old while the database waits.
  const std::string trouble = coordinator.value("trouble", "");
  if (!trouble.empty()) out << "waiting: " << trouble << "\n";
  for (const Json& sweep : status.at("sweeps")) print_sweep(out, sweep, details);
  for (const Json& worker : status.at("workers")) print_worker(out, worker);
  if (const auto gone = status.find("workers_gone");
      gone != status.end() && gone->at("workers").get<std::int64_t>() > 0) {
    out << "gone  " << gone->at("workers") << " workers";
    print_cost(out, *gone);
    out << "\n";
  }
  if (status.at("workers").empty() && trouble.empty()) out << "no worker is attached\n";
  print_bad_peers(out, status.value("bad_peers", Json::array()));
  std::cout << for_this_terminal(out.str());
}

// Nothing but the sweep that was asked for. kNotFound where there is none.
Result<void> keep_only(Json& sweeps, std::optional<SweepId> wanted) {
  if (!wanted) return {};
  Json kept = Json::array();
  for (Json& sweep : sweeps) {
    if (sweep.at("sweep").get<std::int64_t>() == wanted->value) kept.push_back(std::move(sweep));
  }
  sweeps = std::move(kept);
  if (!sweeps.empty()) return {};
  return fail(ErrorCode::kNotFound, "sweep " + std::to_string(wanted->value), "no such sweep",
              "`firesweep list` shows the sweeps");
}

// Of a database that no coordinator owns: the list of its sweeps, or the one that was asked for,
// and who waits at rungs.
Result<void> print_stored(const Target& target, const std::filesystem::path& database,
                          const std::string& format, std::optional<SweepId> wanted) {
  const auto listed = query(target, {"list", "json", wanted, std::nullopt, {}});
  if (!listed) return tl::unexpected(listed.error());
  const auto promoting = stored_rungs(database);
  if (!promoting) return tl::unexpected(promoting.error());
  Json sweeps = Json::parse(*listed);
  for (Json& sweep : sweeps) {
    sweep["at_rung"] = 0;
    sweep["rungs"] = Json::array();
    for (const SweepOverview& one : *promoting) {
      if (sweep.at("sweep").get<std::int64_t>() != one.sweep.value) continue;
      sweep["at_rung"] = at_rungs(one);
      sweep["rungs"] = rungs_json(one);
    }
  }
  if (format == "json") {
    std::cout << sweeps.dump(2) << "\n";
    return {};
  }
  const auto table = query(target, {"list", "table", wanted, std::nullopt, {}});
  if (!table) return tl::unexpected(table.error());
  std::ostringstream out;
  out << "no coordinator owns " << database.string() << " now\n" << *table;
  for (const Json& sweep : sweeps) {
    if (sweep.at("rungs").empty()) continue;
    out << "sweep " << sweep.at("sweep") << ": of the waiting trials " << sweep.at("at_rung")
        << " are at a rung\n";
    print_rungs(out, sweep, wanted.has_value());
  }
  std::cout << for_this_terminal(out.str());
  return {};
}

}  // namespace

int verb_status(const Words& words) {
  const Usage usage{"status", "[SWEEP]",
                    "Displays what runs now, on which workers, and the coordinator's counters. If "
                    "no coordinator\n"
                    "owns the database, it lists the sweeps. Of one sweep it also names the trials "
                    "that wait at a\n"
                    "rung for their promotion (early_terminate).",
                    0, 1};
  po::options_description options("Options");
  options.add_options()("format,f", po::value<std::string>()->value_name("FORMAT"),
                        "table or json (default: table)");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto format = checked_format(parsed, {"table", "json"});
  if (!format) return report_error(usage.verb, format.error());
  std::optional<SweepId> wanted;
  if (!parsed.positional.empty()) {
    const auto id = parse_sweep(parsed.positional[0]);
    if (!id) return report_error(usage.verb, id.error());
    wanted = *id;
  }
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  std::optional<std::string> coordinator = target->coordinator;
  if (const auto& database = target->database) {
    const auto owner = find_owner(*database);
    if (owner && !owner->address.empty()) coordinator = owner->address;
  }
  if (!coordinator) {
    const auto printed = print_stored(*target, target->database.value_or(""), *format, wanted);
    return printed ? kDone : report_error(usage.verb, printed.error());
  }
  const auto status = answer_of<reply::Rendered>(
      ask(*coordinator, ClientRequest{kClientProtocolVersion, request::Status{}}));
  if (!status) return report_error(usage.verb, status.error());
  if (*format == "json" && !wanted) {
    std::cout << status->text << "\n";
    return kDone;
  }
  Json shown = Json::parse(status->text);
  if (const auto found = keep_only(shown.at("sweeps"), wanted); !found) {
    return report_error(usage.verb, found.error());
  }
  if (*format == "json") {
    std::cout << shown.dump(2) << "\n";
  } else {
    print_status(shown, wanted.has_value());
  }
  return kDone;
}

}  // namespace firesweep
