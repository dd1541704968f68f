#include <cassert>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "coordinator/store/lock.h"
#include "shared/transport/address.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

void print_sweep(const Json& sweep) {
  const Letters letters =
      letters_for(std::getenv("TERM"), std::getenv("LC_ALL"), std::getenv("LC_CTYPE"));
  const auto count = [&](const char* name) { return sweep.at(name).get<std::int64_t>(); };
  std::cout << "sweep " << count("sweep") << "  " << sweep.at("name").get<std::string>() << "  "
            << sweep.at("state").get<std::string>() << "  "
            << bar(sweep.at("done_share").get<double>(), 20, letters) << " " << count("complete")
            << "/" << count("total") << " complete, " << count("running") + count("stopping")
            << " running, " << count("waiting") + count("assigned") << " waiting";
  if (count("failed") > 0) std::cout << ", " << count("failed") << " failed";
  if (!sweep.at("best_accuracy").is_null())
    std::cout << ", best " << human_percent(sweep.at("best_accuracy").get<double>());
  if (!sweep.at("seconds_left").is_null())
    std::cout << ", ETA " << clock_time(sweep.at("seconds_left").get<double>());
  std::cout << "\n";
  if (const std::string broken = sweep.value("broken", ""); !broken.empty()) {
    std::cout << "  broken: " << broken << "\n";
  }
  const std::string blocked = sweep.at("blocked").get<std::string>();
  if (!blocked.empty()) std::cout << "  waiting: " << blocked << "\n";
}

void print_worker(const Json& worker) {
  std::cout << "worker " << worker.at("worker").get<std::string>() << "  "
            << worker.at("device").get<std::string>() << "  "
            << worker.at("state").get<std::string>();
  if (!worker.at("trial").is_null()) {
    std::cout << "  trial " << worker.at("trial").get<std::string>() << " "
              << worker.at("config").get<std::string>();
    if (worker.at("epochs").get<std::int64_t>() == 0) {
      std::cout << "  starting";
    } else {
      std::cout << "  epoch " << worker.at("epoch") << "/" << worker.at("epochs") << " batch "
                << worker.at("batch") << "/" << worker.at("batches") << "  "
                << human_number(worker.at("images_per_s").get<double>()) << " img/s";
    }
  }
  std::cout << "  " << worker.at("trials_done") << " trials done\n";
}

void print_status(const Json& status) {
  const Json& coordinator = status.at("coordinator");
  std::cout << "coordinator " << coordinator.at("endpoint").get<std::string>() << "  frames "
            << coordinator.at("frames") << "  malformed " << coordinator.at("malformed")
            << "  commits " << coordinator.at("commits") << "  failed commits "
            << coordinator.at("failed_commits") << "  WAL "
            << human_number(coordinator.at("wal_bytes").get<double>()) << " bytes\n";
  if (coordinator.at("endpoint").get<std::string>().starts_with(kInsecurePrefix)) {
    std::cout
        << "INSECURE: anyone who reaches this port can submit work, read results and cancel\n";
  }
  if (const std::string trouble = coordinator.value("trouble", ""); !trouble.empty()) {
    std::cout << "waiting: " << trouble << "\n";
  }
  for (const Json& sweep : status.at("sweeps")) print_sweep(sweep);
  for (const Json& worker : status.at("workers")) print_worker(worker);
  if (status.at("workers").empty()) std::cout << "no worker is attached\n";
}

}  // namespace

int verb_status(const Words& words) {
  const Usage usage{
      "status", "",
      "What is running now, on which workers, and what the coordinator has counted. Where no\n"
      "coordinator owns the database, the sweeps in it.",
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
    std::cout << *list;
    return kDone;
  }
  assert(coordinator);
  const auto text = ask(*coordinator, ClientRequest{kProtocolVersion, request::Status{}});
  if (!text) return report_error(usage.verb, text.error());
  if (*format == "json") {
    std::cout << *text << "\n";
  } else {
    print_status(Json::parse(*text));
  }
  return kDone;
}

}  // namespace firesweep
