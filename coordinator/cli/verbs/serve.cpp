#include <spdlog/spdlog.h>

#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/web.h"
#include "coordinator/server/coordinator.h"
#include "coordinator/server/doors.h"
#include "coordinator/server/scheduler_options.h"
#include "coordinator/server/signals.h"
#include "shared/base/log.h"
#include "shared/base/shell.h"
#include "shared/transport/address.h"
#include "shared/transport/reachable.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::chrono::milliseconds kLongestStep{250};
constexpr Duration kFarewell = std::chrono::seconds(10);
constexpr double kShortestBeat = 0.05;
constexpr double kLongestLease = 24 * 3600;  // what the wire can say
constexpr double kBeatsPerLease = 3;         // fewer, and one lost message costs a lease

void announce(const Coordinator& coordinator, const std::string& database, const Web& web) {
  const std::vector<std::string> ways = ways_to(coordinator.endpoint());
  const auto command = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--coordinator", ways.front()});
    return "  " + shell_command(words) + "\n";
  };
  std::cout << "firesweep is serving " << database << " at " << coordinator.endpoint() << "\n\n"
            << "Next:\n"
            << command({"firesweep-worker"})
            << command({"firesweep", "submit", "sweeps/quickstart.json"})
            << command({"firesweep", "status"});
  for (std::size_t i = 1; i < ways.size(); ++i) {
    std::cout << (i == 1 ? "Also at: " : ", ") << ways[i];
  }
  std::cout << (ways.size() > 1 ? "\n" : "");
  if (coordinator.endpoint().starts_with(kInsecurePrefix)) {
    std::cout << "INSECURE: no keys are checked. Anyone who reaches this port can submit sweeps, "
                 "read results and cancel.\n";
  } else if (coordinator.endpoint().starts_with("tcp://")) {
    std::cout << "Other hosts and users join with what `firesweep keys invite` prints.\n";
  }
  std::cout << web.told() << (web.told().empty() ? "" : "\n")
            << "Ctrl-C ends in good order: running trials write a checkpoint, workers exit.\n"
            << std::flush;
}

// Workers that were told to leave have a moment to say goodbye.
void see_off(Coordinator& coordinator) {
  const Duration start = system_now().steady;
  while (!coordinator.overview().workers.empty() && coordinator.trouble().empty() &&
         interrupts() < 2 && system_now().steady - start < kFarewell) {
    coordinator.step(kLongestStep);
  }
}

// Serves until interrupted, then drains; a second interrupt ends at once.
int serve(Coordinator& coordinator) {
  std::string told;
  while (interrupts() == 0) {
    coordinator.step(kLongestStep);
    if (coordinator.trouble() == told) continue;
    told = coordinator.trouble();
    std::cout << (told.empty() ? "the database can be written again" : "waiting: " + told) << "\n"
              << std::flush;
  }
  std::cout << "\ndraining (Ctrl-C again exits at once) …\n" << std::flush;
  coordinator.drain();
  const Duration start = system_now().steady;
  while ((!coordinator.idle() || coordinator.awaits_checkpoints()) && interrupts() < 2) {
    coordinator.step(kLongestStep);
    if (!coordinator.trouble().empty() && system_now().steady - start > kFarewell) break;
  }
  see_off(coordinator);
  if (!coordinator.trouble().empty()) {
    std::cerr << "firesweep serve: exited while " << coordinator.trouble()
              << "; the database is consistent\n";
    return kFailedWhileRunning;
  }
  std::cout << (coordinator.idle()
                    ? "drained; the database is consistent\n"
                    : "exited with trials running; they continue when a coordinator runs again\n");
  return kInterrupted;
}

Duration seconds_of(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

Result<SchedulerOptions> scheduler_options(const Parsed& parsed) {
  const double lease = parsed.value<TypedDuration>("lease").seconds;
  const double beat = parsed.value<TypedDuration>("heartbeat").seconds;
  const auto bad = [](const char* option, const char* expected) {
    return fail(ErrorCode::kBadInput, option, expected,
                "the defaults are --lease 15 --heartbeat 2");
  };
  if (!(beat >= kShortestBeat)) return bad("--heartbeat", "expected at least 0.05 seconds");
  if (!(lease >= kBeatsPerLease * beat))
    return bad("--lease", "expected at least three heartbeats");
  if (lease > kLongestLease) return bad("--lease", "expected at most 86400 seconds");
  const double stall = parsed.value<TypedDuration>("stall-after").seconds;
  if (!(stall >= 1 && stall <= kLongestLease)) {
    return fail(ErrorCode::kBadInput, "--stall-after", "expected 1 to 86400 seconds",
                "the default is --stall-after 60");
  }
  SchedulerOptions options = default_scheduler_options();
  options.stall_floor = seconds_of(stall);
  options.lease = seconds_of(lease);
  options.heartbeat_every = seconds_of(beat);
  return options;
}

// The port after a given one, any free one after "*", and a name beside an ipc path.
std::string checkpoint_address(const std::string& listen) {
  if (listen.starts_with("ipc://")) return listen + ".checkpoints";
  const std::size_t colon = listen.rfind(':');
  const std::string port = listen.substr(colon + 1);
  const bool any = port.empty() || port == "*" || port == "0" ||
                   port.find_first_not_of("0123456789") != std::string::npos;
  return listen.substr(0, colon + 1) + (any ? "*" : std::to_string(std::stol(port) + 1));
}

// What workers are told: their own way to this host, where it was bound on all interfaces.
std::string told_address(const std::string& asked, const std::string& bound) {
  const bool everywhere = asked.starts_with("tcp://*:") || asked.starts_with("tcp://0.0.0.0:") ||
                          asked.starts_with("tcp://[::]:");
  return everywhere ? "tcp://*:" + bound.substr(bound.rfind(':') + 1) : bound;
}

// Makes the folder and its server; `options` learns what workers are to be told.
Result<std::unique_ptr<CheckpointServer>> serve_checkpoints(const Parsed& parsed,
                                                            const Store& store, const Doors& doors,
                                                            SchedulerOptions& options) {
  options.checkpoint_bytes = parsed.value<std::int64_t>("checkpoint-bytes");
  if (options.checkpoint_bytes < 1) {
    return fail(ErrorCode::kBadInput, "--checkpoint-bytes", "expected at least 1",
                "the default is 20000000000 (20 GB)");
  }
  std::string address = parsed.get<std::string>("checkpoint-listen")
                            .value_or(checkpoint_address(parsed.value<std::string>("listen")));
  const std::string folder = parsed.get<std::string>("checkpoint-dir")
                                 .value_or(parsed.value<std::string>("db") + ".checkpoints");
  const auto start = [&] {
    return CheckpointServer::start(address, doors.checkpoints, folder, store.snapshot());
  };
  auto server = start();
  if (!server && !parsed.has("checkpoint-listen") && address.starts_with("tcp://")) {
    address = address.substr(0, address.rfind(':') + 1) + "*";  // somebody else has the next port
    server = start();
  }
  if (!server) {
    Error error = server.error();
    error.hint += (error.hint.empty() ? "" : "; ") + std::string("see --checkpoint-listen");
    return tl::unexpected(std::move(error));
  }
  options.checkpoints_at = told_address(address, (*server)->endpoint());
  options.checkpoint_token = (*server)->token();
  return server;
}

// Keys are read and made only where an address asks for them.
Result<Doors> doors_for(const Parsed& parsed) {
  const std::string listen = parsed.value<std::string>("listen");
  const std::string checkpoints =
      parsed.get<std::string>("checkpoint-listen").value_or(checkpoint_address(listen));
  const bool over_ipc = listen.starts_with("ipc://");
  if (over_ipc && !checkpoints.starts_with("ipc://")) {
    return fail(ErrorCode::kBadInput, "--checkpoint-listen",
                "found " + checkpoints + " beside --listen " + listen + ", expected ipc:// too",
                "workers that come over ipc show no key; listen on tcp:// with both");
  }
  if (over_ipc) return Doors{};
  if (parsed.has("insecure")) {
    spdlog::warn("event=insecure listen={} why=\"anyone who reaches this port can use it\"",
                 listen);
  }
  return open_doors(parsed.has("insecure"));
}

}  // namespace

int verb_serve(const Words& words) {
  const Usage usage{"serve", "",
                    "Runs a coordinator: it owns the database, accepts sweeps and gives trials to\n"
                    "workers, until Ctrl-C or SIGTERM.",
                    0, 0};
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "database file; created if it does not exist")(
      "listen", po::value<std::string>()->value_name("ADDR")->default_value("tcp://127.0.0.1:5555"),
      "address to listen on; port * takes a free port")(
      "lease", po::value<TypedDuration>()->value_name("DURATION")->default_value({15}),
      "after this long without a message from a worker, its trial goes to another worker")(
      "heartbeat", po::value<TypedDuration>()->value_name("DURATION")->default_value({2}),
      "how often workers send a heartbeat; at most a third of the lease")(
      "stall-after", po::value<TypedDuration>()->value_name("DURATION")->default_value({60}),
      "a trial that finishes no batch for this long, and for 10 times its longest batch, goes to "
      "another worker")(
      "checkpoint-dir", po::value<std::string>()->value_name("DIR"),
      "folder for the workers' checkpoints (default: DB.checkpoints); workers that use the same "
      "folder upload nothing")("checkpoint-listen", po::value<std::string>()->value_name("ADDR"),
                               "address for checkpoint uploads (default: the port after "
                               "--listen's, or any free one; workers are told)")(
      "checkpoint-bytes", po::value<std::int64_t>()->value_name("N")->default_value(20'000'000'000),
      "limit for all checkpoints; those of ended trials are deleted first, those of running "
      "trials never")(
      "insecure",
      "check no keys, for closed networks: anyone who reaches the port can submit sweeps, read "
      "results and cancel")("log-file",
                            po::value<std::string>()->value_name("FILE")->default_value(""),
                            "append the log here")(
      "log-level", po::value<std::string>()->value_name("LEVEL")->default_value("info"),
      "trace, debug, info, warn, error or off");
  add_http_option(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  if (const auto level = checked_log_level(parsed); !level) {
    return report_error(usage.verb, level.error());
  }
  auto scheduling = scheduler_options(parsed);
  if (!scheduling) return report_error(usage.verb, scheduling.error());
  set_up_log(parsed.value<std::string>("log-file"), parsed.value<std::string>("log-level"),
             "serve");

  const std::string database = parsed.value<std::string>("db");
  auto store = Store::open(database);
  if (!store) return report_error(usage.verb, store.error());
  const auto doors = doors_for(parsed);
  if (!doors) return report_error(usage.verb, doors.error());
  auto socket = RouterSocket::bind(parsed.value<std::string>("listen"), doors->messages);
  if (!socket) return report_error(usage.verb, socket.error());
  auto checkpoints = serve_checkpoints(parsed, *store, *doors, *scheduling);
  if (!checkpoints) return report_error(usage.verb, checkpoints.error());
  auto web = Web::start(parsed.get<std::string>("http"));
  if (!web) return report_error(usage.verb, web.error());
  catch_interrupts();
  Coordinator coordinator(std::move(*store), std::move(*socket), database, std::move(*scheduling),
                          std::move(*checkpoints), doors->allowed);
  if (web->state() != nullptr) coordinator.publish_to(*web->state());
  announce(coordinator, database, *web);
  return serve(coordinator);
}

}  // namespace firesweep
