#include "worker/runtime/options/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <sstream>
#include <string_view>

#include "shared/base/build_commit.h"
#include "shared/base/clock.h"
#include "shared/base/duration.h"
#include "shared/base/near_miss.h"
#include "shared/domain/names.h"
#include "shared/transport/address.h"
#include "shared/transport/joining.h"
#include "worker/runtime/options/option_words.h"
#include "worker/runtime/options/verb_options.h"

namespace firesweep {

using namespace words;

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr int kMostSlots = 1024;
constexpr int kMostTrials = 1'000'000'000;
constexpr int kLongestStallSeconds = 86'400;
constexpr std::array<std::string_view, 3> kSchemes{"tcp://", "ipc://", "insecure-tcp://"};
constexpr std::array<std::string_view, 3> kDevices{"auto", "cpu", "cuda"};
constexpr std::array<std::string_view, 2> kMps{"auto", "off"};
constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info", "warn", "error", "off"};

constexpr std::string_view kHead = R"(Usage: firesweep-worker --coordinator ADDR [OPTIONS]
       firesweep-worker dataset fetch|check NAME [--data-dir DIR]
       firesweep-worker export-model DIR [--checkpoint-dir DIR]...
       firesweep-worker verify-resume [--dataset NAME] [--device D] [--seed N]
       firesweep-worker bench [ARCHITECTURE...] [-o DIR]

Trains trials for a coordinator. It runs one process per slot and restarts a process that dies. If
the coordinator cannot be reached, it keeps trying. On Ctrl-C, SIGTERM, SIGHUP, SIGUSR1 or SIGUSR2
running trials finish their batch, write a checkpoint and are handed back, and the worker exits. A
second Ctrl-C ends everything at once. --idle-exit, --until and --notice-command end the worker in
the same way of its own accord, --max-trials after the trials that it has begun.

)";
constexpr std::string_view kTail = R"(
Examples:
  firesweep-worker --coordinator tcp://127.0.0.1:5555        one slot per GPU, or per CPU core
  firesweep-worker --coordinator tcp://head:5555 --slots 1   one trial at a time, on all cores
  firesweep-worker --coordinator tcp://head:5555 --idle-exit 10m --until 18:00   until then at most
  firesweep-worker dataset fetch cifar100                    download, verify and unpack the images

Exit codes: 0 left in good order (a signal, --idle-exit, --max-trials, --until, a notice, or the
coordinator stopped); 1 something was not delivered or not ended in time; 2 wrong options, or
refused by the coordinator (nothing began); 130 Ctrl-C.
)";
constexpr std::string_view kDatasetHelp =
    R"(Usage: firesweep-worker dataset fetch NAME [--data-dir DIR]
       firesweep-worker dataset check NAME [--data-dir DIR]

fetch  downloads a dataset from its official site, verifies it and unpacks it into DIR (default:
       $FIRESWEEP_DATA, else the cache folder). If interrupted, the same command continues.
check  finds a dataset as a worker would, verifies its files, and says where they are or what is
       wrong.

Names: )";

po::options_description shown_options() {
  po::options_description options("Options", 100);
  options.add_options()("coordinator", po::value<std::string>()->value_name("ADDR"),
                        "address of the coordinator: tcp://HOST:PORT or ipc://PATH (default: "
                        "$FIRESWEEP_COORDINATOR); insecure-tcp://HOST:PORT if it was started "
                        "with --insecure")(
      "join", po::value<std::string>()->value_name("INVITATION"),
      "what `firesweep keys invite` printed on the coordinator's host: makes this user's key known "
      "there, once and for all")(
      "slots", po::value<std::string>()->value_name("N"),
      "number of trials to train at the same time, one process each (default: one per GPU, or one "
      "per core if there is no GPU); more slots than GPUs share the GPUs and their memory")(
      "threads", po::value<std::string>()->value_name("N"),
      "CPU threads per slot (default: the cores divided among the slots)")(
      "device", po::value<std::string>()->value_name("D"), "auto (default), cpu, cuda or cuda:N")(
      "mps", po::value<std::string>()->value_name("M"),
      "auto (default): if slots share a GPU, start CUDA's Multi-Process Service (MPS) for them, "
      "unless it runs already or is not installed; off: do not start it")(
      "data-dir", po::value<std::string>()->value_name("DIR"),
      "folder with the images, searched first (default: $FIRESWEEP_DATA, the cache folder, "
      "/usr/share/datasets)")(
      "checkpoint-dir", po::value<std::string>()->value_name("DIR"),
      "folder for checkpoints, from which later attempts resume (default: "
      "$XDG_STATE_HOME/firesweep/checkpoints or ~/.local/state/firesweep/checkpoints)")(
      "stall-after", po::value<std::string>()->value_name("SECONDS"),
      "restart a slot whose trainer finishes no batch for this long and for 10 times its longest "
      "batch (default: 60)")(
      "idle-exit", po::value<std::string>()->value_name("TIME"),
      "leave when no slot had a trial for so long, as in 10m or 1h30m (default: stay)")(
      "max-trials", po::value<std::string>()->value_name("N"),
      "leave after N trials have ended, over all slots; trials that have begun are ended first")(
      "until", po::value<std::string>()->value_name("TIME"),
      "leave by then: 18:00, 2026-11-27T18:00 (local time), seconds since 1970 or 3h50m (from "
      "now); "
      "trials are handed back from a minute before")(
      "notice-command", po::value<std::string>()->value_name("CMD"),
      "shell command, run every 5 seconds for at most 10: exit code 0 means that this host is "
      "about "
      "to be taken away; the line it prints is logged as the reason")(
      "name", po::value<std::string>()->value_name("HOST"),
      "name of this host in reports (default: its host name)")(
      "log-file", po::value<std::string>()->value_name("F"),
      "append log lines to F (default: standard error)")(
      "log-level", po::value<std::string>()->value_name("L"),
      "trace, debug, info (default), warn, error or off")("version", "print the version and exit")(
      "help,h", "print this and exit");
  return options;
}

po::options_description hidden_options() {
  po::options_description options;
  options.add_options()("slot", po::value<std::string>())("list-cuda-devices", "")("check-only",
                                                                                   "");
  return options;
}

Result<std::string> checked_coordinator(const std::string& where, const std::string& text) {
  const auto address = parse_address(text, false);
  if (address) return text;
  std::string hint = address.error().hint;
  const std::size_t colon = text.find("://");
  if (parse_address("tcp://" + text, false)) {
    hint = "did you mean \"tcp://" + text + "\"?";
  } else if (colon != std::string::npos) {
    const std::string scheme = text.substr(0, colon + 3);
    const bool known = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
    if (const auto near = did_you_mean(scheme, kSchemes); !known && !near.empty()) hint = near;
  }
  return bad(where + " " + text, address.error().what, hint);
}

Result<std::string> checked_device(const std::string& device) {
  if (std::find(kDevices.begin(), kDevices.end(), device) != kDevices.end()) return device;
  if (one_device(device)) return device;
  const bool gpu = folded(device).starts_with("gpu") || folded(device).starts_with("nvidia");
  return bad("--device", "found \"" + device + "\", expected auto, cpu, cuda or cuda:N",
             gpu ? "a GPU is called cuda here" : did_you_mean(device, kDevices));
}

Result<std::string> checked_level(const std::string& level) {
  if (std::find(kLevels.begin(), kLevels.end(), level) != kLevels.end()) return level;
  return bad("--log-level", "found \"" + level + "\", expected one of " + one_of(kLevels),
             did_you_mean(level, kLevels));
}

// Reads --slots, --threads and --device, where given.
Result<void> read_share(const po::variables_map& values, WorkerOptions& options) {
  if (const auto word = text(values, "slots")) {
    const auto number = whole("--slots", *word, 1, kMostSlots);
    if (!number) return tl::unexpected(number.error());
    options.slots = *number;
  }
  if (const auto word = text(values, "threads")) {
    const auto number = whole("--threads", *word, 1, kMostThreads);
    if (!number) return tl::unexpected(number.error());
    options.threads = *number;
  }
  if (const auto word = text(values, "device")) {
    auto device = checked_device(*word);
    if (!device) return tl::unexpected(device.error());
    options.device = std::move(*device);
  }
  return {};
}

// When the worker leaves of its own accord. Reads the clock for --until.
Result<void> read_leave(const po::variables_map& values, LeaveWhen& leave) {
  if (const auto word = text(values, "idle-exit")) {
    leave.idle_exit = parse_duration(*word);
    if (!leave.idle_exit || *leave.idle_exit < std::chrono::seconds(1)) {
      return bad("--idle-exit", "found \"" + *word + "\", expected a duration from one second",
                 "as in 10m, 90s or 1h30m");
    }
  }
  if (const auto word = text(values, "max-trials")) {
    const auto number = whole("--max-trials", *word, 1, kMostTrials);
    if (!number) return tl::unexpected(number.error());
    leave.max_trials = *number;
  }
  if (const auto word = text(values, "until")) {
    const auto time = parse_until(*word, system_now().utc);
    if (!time) return tl::unexpected(time.error());
    leave.until = *time;
  }
  leave.notice_command = text(values, "notice-command").value_or("");
  if (values.count("notice-command") != 0 && leave.notice_command.empty())
    return bad("--notice-command", "found nothing, expected a shell command");
  return {};
}

Result<WorkerOptions> worker_options(const po::variables_map& values,
                                     const Environment& environment) {
  WorkerOptions options;
  const auto given = text(values, "coordinator");
  const auto inherited = environment("FIRESWEEP_COORDINATOR");
  if (!given && !inherited) {
    return bad("--coordinator", "missing",
               "give ADDR as in tcp://127.0.0.1:5555, or set FIRESWEEP_COORDINATOR");
  }
  auto address = checked_coordinator(given ? "--coordinator" : "FIRESWEEP_COORDINATOR",
                                     given ? *given : *inherited);
  if (!address) return tl::unexpected(address.error());
  options.coordinator = std::move(*address);
  options.invitation = text(values, "join");
  if (options.invitation) {
    if (const auto invitation = parse_invitation(*options.invitation); !invitation) {
      return bad("--join", invitation.error().what, invitation.error().hint);
    }
  }
  if (const auto read = read_share(values, options); !read) return tl::unexpected(read.error());
  if (const auto word = text(values, "mps")) {
    if (std::find(kMps.begin(), kMps.end(), *word) == kMps.end()) {
      return bad("--mps", "found \"" + *word + "\", expected one of " + one_of(kMps),
                 did_you_mean(*word, kMps));
    }
    options.start_mps = *word == "auto";
  }
  auto data = locations(text(values, "data-dir"), environment);
  if (!data) return tl::unexpected(data.error());
  options.data = std::move(*data);
  options.check_only = values.count("check-only") != 0;
  auto checkpoints = checkpoint_dir(text(values, "checkpoint-dir"), environment);
  if (!checkpoints) return tl::unexpected(checkpoints.error());
  options.checkpoint_dir = std::move(*checkpoints);
  if (const auto word = text(values, "stall-after")) {
    const auto number = whole("--stall-after", *word, 1, kLongestStallSeconds);
    if (!number) return tl::unexpected(number.error());
    options.stall_after = std::chrono::seconds(*number);
  }
  if (const auto read = read_leave(values, options.leave); !read)
    return tl::unexpected(read.error());
  options.name = text(values, "name").value_or("");
  if (const auto mistake = mistake_in_name(options.name); mistake && !options.name.empty()) {
    return bad("--name", *mistake);
  }
  if (options.name.find('/') != std::string::npos) {
    return bad("--name", "found \"" + options.name + "\", expected a name without /",
               "workers are shown as NAME/SLOT");
  }
  options.log_file = text(values, "log-file").value_or("");
  if (const auto word = text(values, "log-level")) {
    auto level = checked_level(*word);
    if (!level) return tl::unexpected(level.error());
    options.log_level = std::move(*level);
  }
  return options;
}

// The words after "bench-probe".
Result<Command> parse_bench_probe(const Words& words, const Environment& environment) {
  po::options_description all;
  for (const char* name : {"device", "slots", "threads"}) {
    all.add_options()(name, po::value<std::string>());
  }
  const auto values = store(words, all, all, nullptr, "--help");
  if (!values) return tl::unexpected(values.error());
  command::BenchProbe wanted;
  if (const auto read = read_share(*values, wanted.options); !read)
    return tl::unexpected(read.error());
  wanted.speeds_file = speeds_file(environment);
  return wanted;
}

Result<Command> parse_dataset(const Words& words, const Environment& environment) {
  constexpr std::array<std::string_view, 2> kVerbs{"fetch", "check"};
  constexpr const char* kPositional = "words";
  po::options_description shown;
  shown.add_options()("data-dir", po::value<std::string>())("help,h", "");
  po::options_description all;
  all.add(shown).add_options()(kPositional, po::value<Words>());
  const auto values = store(words, shown, all, kPositional, "dataset --help");
  if (!values) return tl::unexpected(values.error());
  if (values->count("help") != 0) {
    return command::ShowText{std::string(kDatasetHelp) + one_of(kWordsOf<DatasetName>) + "\n"};
  }
  const Words given =
      values->count(kPositional) != 0 ? (*values)[kPositional].as<Words>() : Words{};
  if (given.empty()) return bad("dataset", "found no verb, expected fetch or check");
  if (std::find(kVerbs.begin(), kVerbs.end(), given[0]) == kVerbs.end()) {
    return bad("dataset", "found \"" + given[0] + "\", expected fetch or check",
               did_you_mean(given[0], kVerbs));
  }
  const std::string where = "dataset " + given[0];
  if (given.size() < 2)
    return bad(where, "found no name, expected one of " + one_of(kWordsOf<DatasetName>));
  if (given.size() > 2)
    return bad(where, "found \"" + given[2] + "\", expected nothing after the name");
  if (find_dataset(given[1]) == nullptr) {
    return bad(where,
               "found \"" + given[1] + "\", expected one of " + one_of(kWordsOf<DatasetName>),
               did_you_mean(given[1], kWordsOf<DatasetName>));
  }
  const auto located = locations(text(*values, "data-dir"), environment);
  if (!located) return tl::unexpected(located.error());
  const Locations& places = *located;
  if (given[0] == "check") return command::CheckDataset{given[1], places};
  for (const auto& folder : {places.data_dir, places.environment_dir, places.cache_dir}) {
    if (folder) return command::FetchDataset{given[1], *folder};
  }
  return bad("--data-dir",
             "not given, and none of FIRESWEEP_DATA, XDG_CACHE_HOME and HOME names a folder");
}

Result<Command> parse_verify(const Words& words, const Environment& environment) {
  constexpr std::string_view kHelp =
      R"(Usage: firesweep-worker verify-resume [--dataset NAME] [--data-dir DIR] [--device cpu|cuda:N]
                                      [--threads N] [--seed N]

Trains a small trial, trains it again, kills that training at a random batch and resumes it.
Compares weights, metrics and result of both bit for bit. Exit codes: 0 equal, 1 different,
2 nothing began.
)";
  po::options_description shown;
  for (const char* name : {"dataset", "data-dir", "device", "threads", "seed"}) {
    shown.add_options()(name, po::value<std::string>());
  }
  shown.add_options()("help,h", "");
  po::options_description all;
  all.add(shown).add_options()("folder", po::value<std::string>())("kill-at",
                                                                   po::value<std::string>());
  const auto values = store(words, shown, all, nullptr, "verify-resume --help");
  if (!values) return tl::unexpected(values.error());
  if (values->count("help") != 0) return command::ShowText{std::string(kHelp)};
  command::VerifyResume verify;
  verify.dataset = text(*values, "dataset").value_or(verify.dataset);
  if (find_dataset(verify.dataset) == nullptr) {
    return bad("--dataset",
               "found \"" + verify.dataset + "\", expected one of " + one_of(kWordsOf<DatasetName>),
               did_you_mean(verify.dataset, kWordsOf<DatasetName>));
  }
  auto data = locations(text(*values, "data-dir"), environment);
  if (!data) return tl::unexpected(data.error());
  verify.data = std::move(*data);
  auto device = one_device(text(*values, "device").value_or(verify.device));
  if (!device) return tl::unexpected(device.error());
  verify.device = *std::move(device);
  if (const auto word = text(*values, "threads")) {
    const auto number = whole("--threads", *word, 1, kMostThreads);
    if (!number) return tl::unexpected(number.error());
    verify.threads = *number;
  }
  constexpr int kMostNumber = 2'147'483'647;
  if (const auto word = text(*values, "seed")) {
    const auto number = whole("--seed", *word, 0, kMostNumber);
    if (!number) return tl::unexpected(number.error());
    verify.seed = static_cast<std::uint64_t>(*number);
  }
  const auto folder = text(*values, "folder");
  if (!folder) return verify;
  const auto kill_at = whole("--kill-at", text(*values, "kill-at").value_or("0"), 0, kMostNumber);
  if (!kill_at) return tl::unexpected(kill_at.error());
  return command::TrainToVerify{std::move(verify), *folder, *kill_at};
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Result<Command> parse_command(const std::vector<std::string>& words,
                              const Environment& environment) {
  constexpr std::array<std::string_view, 4> kVerbs{"dataset", "bench", "export-model",
                                                   "verify-resume"};
  if (!words.empty()) {
    const Words rest(words.begin() + 1, words.end());
    if (words[0] == "dataset") return parse_dataset(rest, environment);
    if (words[0] == "verify-resume") return parse_verify(rest, environment);
    if (words[0] == "export-model") return parse_export(rest, environment);
    if (words[0] == "bench") return parse_bench(rest, environment);
    if (words[0] == "bench-slot") return parse_bench_slot(rest);
    if (words[0] == "bench-probe") return parse_bench_probe(rest, environment);
  }
  if (!words.empty() && !words[0].starts_with("-")) {
    const std::string near = did_you_mean(words[0], kVerbs);
    return bad("", "found \"" + words[0] + "\", expected options or a verb: " + one_of(kVerbs),
               near.empty() ? "`firesweep-worker --help` lists the options" : near);
  }
  const po::options_description shown = shown_options();
  po::options_description all;
  all.add(shown).add(hidden_options());
  const auto values = store(words, shown, all, nullptr, "--help");
  if (!values) return tl::unexpected(values.error());
  if (values->count("help") != 0) {
    std::ostringstream text;
    text << kHead << shown << kTail;
    return command::ShowText{text.str()};
  }
  if (values->count("version") != 0)
    return command::ShowText{"firesweep-worker " + std::string(build_commit()) + "\n"};
  if (values->count("list-cuda-devices") != 0) return command::ListCudaDevices{};
  auto options = worker_options(*values, environment);
  if (!options) return tl::unexpected(options.error());
  const auto slot = text(*values, "slot");
  if (!slot) return command::Supervise{std::move(*options)};
  const auto number = whole("--slot", *slot, 0, kMostSlots - 1);
  if (!number) return tl::unexpected(number.error());
  return command::RunSlot{*number, std::move(*options)};
}

std::vector<std::string> slot_words(int slot, const WorkerOptions& options) {
  Words words;
  const auto add = [&words](const char* option, const std::string& value) {
    words.push_back(option);
    words.push_back(value);
  };
  add("--slot", std::to_string(slot));
  add("--coordinator", options.coordinator);
  add("--device", options.device);
  add("--checkpoint-dir", options.checkpoint_dir.string());
  add("--stall-after", std::to_string(options.stall_after.count()));
  add("--log-level", options.log_level);
  if (options.slots) add("--slots", std::to_string(*options.slots));
  if (options.threads) add("--threads", std::to_string(*options.threads));
  if (options.data.data_dir) add("--data-dir", options.data.data_dir->string());
  if (!options.name.empty()) add("--name", options.name);
  if (!options.log_file.empty()) add("--log-file", options.log_file);
  return words;
}

std::vector<std::string> train_to_verify_words(const command::VerifyResume& verify,
                                               const fs::path& folder, std::int64_t kill_at) {
  Words words{"verify-resume", "--dataset",   verify.dataset,
              "--device",      verify.device, "--folder",
              folder.string(), "--kill-at",   std::to_string(kill_at)};
  if (verify.data.data_dir) {
    words.insert(words.end(), {"--data-dir", verify.data.data_dir->string()});
  }
  if (verify.threads) words.insert(words.end(), {"--threads", std::to_string(*verify.threads)});
  return words;
}

std::vector<std::string> probe_words() { return {"--list-cuda-devices"}; }

}  // namespace firesweep
