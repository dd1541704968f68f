// The command line of firesweep-worker: turns words and environment into one checked command.
// Starts nothing and reads no file.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/error.h"
#include "worker/datasets/dataset.h"
#include "worker/runtime/options/leave_when.h"

namespace firesweep {

// The value of an environment variable; none if it is unset or empty. A parameter, so that tests
// need no setenv.
using Environment = std::function<std::optional<std::string>(const char*)>;
std::optional<std::string> process_environment(const char* name);

struct WorkerOptions {
  std::string coordinator;                // "tcp://host:port" or "ipc://path"
  std::optional<std::string> invitation;  // of `firesweep keys invite`; not a slot's
  std::optional<int> slots;     // none: as plan_slots decides; of a slot: those of its device
  std::optional<int> threads;   // per slot
  std::string device = "auto";  // "auto", "cpu", "cuda", "cuda:N"
  bool start_mps = true;        // where slots share a GPU and no MPS runs
  Locations data;
  std::filesystem::path checkpoint_dir;
  std::chrono::seconds stall_after{60};  // without a unit of work, or 10 × the longest seen
  LeaveWhen leave;                       // the supervisor's
  std::string name;      // of this host, for people; empty: what the host calls itself
  std::string log_file;  // empty: standard error
  std::string log_level = "info";
  bool check_only = false;  // hidden: say what is wrong with these options, and start nothing
};

namespace command {
struct ShowText {  // help or version
  std::string text;
};
struct Supervise {
  WorkerOptions options;
};
struct RunSlot {  // hidden: what the supervisor starts
  int slot = 0;
  WorkerOptions options;
};
struct ListCudaDevices {};  // hidden: the short-lived probe
struct FetchDataset {
  std::string name;
  std::filesystem::path target_dir;
};
struct CheckDataset {
  std::string name;
  Locations data;
};
struct ExportModel {
  std::filesystem::path folder;                        // holds model.json
  std::vector<std::filesystem::path> checkpoint_dirs;  // searched in this order
};
struct VerifyResume {
  std::string dataset = "fashion_mnist";
  Locations data;
  std::string device = "cpu";
  std::optional<int> threads;
  std::optional<std::uint64_t> seed;
};
struct TrainToVerify {  // hidden: its child
  VerifyResume verify;
  std::filesystem::path folder;
  std::int64_t kill_at = 0;
};
struct Bench {
  std::vector<std::string> architectures;  // names, or files
  std::filesystem::path folder;            // of architecture files
  std::int64_t batch_size = 128;
  double seconds = 4;
  std::string device = "cpu";                        // or "cuda:N"
  int slots = 2;                                     // on a GPU, compared with one
  std::optional<std::filesystem::path> output;       // folder for the tables
  std::optional<std::filesystem::path> speeds_file;  // where the CPU's figures are kept
};
struct BenchProbe {                                  // hidden: what `firesweep preview` starts
  WorkerOptions options;                             // device, slots and threads of them
  double seconds = 2;                                // of measuring in all
  std::optional<std::filesystem::path> speeds_file;  // where the figures are kept
};
struct BenchSlot {           // hidden: what bench starts
  std::string architecture;  // a file
  std::string device = "cpu";
  int threads = 1;
  std::int64_t batch_size = 128;
  double seconds = 4;
  bool latency = false;
};
}  // namespace command

using Command = std::variant<command::ShowText, command::Supervise, command::RunSlot,
                             command::ListCudaDevices, command::FetchDataset, command::CheckDataset,
                             command::ExportModel, command::VerifyResume, command::TrainToVerify,
                             command::Bench, command::BenchSlot, command::BenchProbe>;

// Parses the words after the program's name. The first mistake is the error: it names the option,
// what was found and what was expected, with a suggestion. Pure, given the environment.
Result<Command> parse_command(const std::vector<std::string>& words,
                              const Environment& environment);

// The words for which parse_command returns RunSlot{slot, options}.
std::vector<std::string> slot_words(int slot, const WorkerOptions& options);
// The words for which it returns TrainToVerify{verify, folder, kill_at}.
std::vector<std::string> train_to_verify_words(const command::VerifyResume& verify,
                                               const std::filesystem::path& folder,
                                               std::int64_t kill_at);
// The words for which it returns ListCudaDevices.
std::vector<std::string> probe_words();

}  // namespace firesweep
