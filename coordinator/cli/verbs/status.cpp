#include <algorithm>
#include <cassert>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "coordinator/store/lock.h"
#include "shared/base/letters.h"
#include "shared/transport/address.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

void print_sweep(std::ostream& out, const Json& sweep) {
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
  if (count("pruned") > 0) out << ", " << count("pruned") << " pruned";
  if (count("failed") > 0) out << ", " << count("failed") << " failed";
  if (!sweep.at("best_accuracy").is_null())
    out << ", best " << human_percent(sweep.at("best_accuracy").get<double>());
  if (!sweep.at("seconds_left").is_null())
    out << ", ETA " << clock_time(sweep.at("seconds_left").get<double>());
  // Below a second nobody could have used it.
  if (const double idle = sweep.value("idle_seconds", 0.0); idle >= 1) {
    out << ", workers idle at the end " << human_fixed(idle, 0, " s");
  }
  out << "\n";
  if (const std::string broken = sweep.value("broken", ""); !broken.empty()) {
    out << "  broken: " << broken << "\n";
  }
  const std::string blocked = sweep.at("blocked").get<std::string>();
  if (!blocked.empty()) out << "  waiting: " << blocked << "\n";
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

void print_status(const Json& status) {
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
  for (const Json& sweep : status.at("sweeps")) print_sweep(out, sweep);
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

}  // namespace

int verb_status(const Words& words) {
  const Usage usage{"status", "",
                    "DisplayKind what runs now, on which workers, and the coordinator's counters. "
                    "If no coordinator\n"
                    "owns the database, it lists the sweeps.",
                    0, 0};
  po::options_description options("Options");
  options.add_options()("format,f", po::value<std::string>()->value_name("FORMAT"),
                        "table or json (default: table)");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto format = checked_format(parsed, {"table", "json"});
  if (!format) return report_error(usage.verb, format.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  std::optional<std::string> coordinator = target->coordinator;
  if (const auto& database = target->database) {
    const auto owner = find_owner(*database);
    if (owner && !owner->address.empty()) coordinator = owner->address;
  }
  if (const auto& database = target->database; database && !coordinator) {
    const auto list = query(*target, {"list", *format, std::nullopt, std::nullopt, {}});
    if (!list) return report_error(usage.verb, list.error());
    if (*format == "table") std::cout << "no coordinator owns " << database->string() << " now\n";
    std::cout << (*format == "table" ? for_this_terminal(*list) : *list);
    return kDone;
  }
  assert(coordinator);
  const auto status = answer_of<reply::Rendered>(
      ask(*coordinator, ClientRequest{kClientProtocolVersion, request::Status{}}));
  if (!status) return report_error(usage.verb, status.error());
  if (*format == "json") {
    std::cout << status->text << "\n";
  } else {
    print_status(Json::parse(status->text));
  }
  return kDone;
}

}  // namespace firesweep
