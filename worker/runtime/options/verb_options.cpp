#include "worker/runtime/options/verb_options.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "shared/base/program_path.h"

namespace firesweep {

using namespace words;

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kPositional = "words";

constexpr std::string_view kExportHelp =
    R"(Usage: firesweep-worker export-model DIR [--checkpoint-dir DIR]...

Reads DIR/model.json and finds that trial's weights in the named checkpoint folders or in this
host's default one. Writes DIR/model.safetensors and DIR/model.py. `firesweep export-model TRIAL`
writes model.json and runs this command.
)";

constexpr std::string_view kBenchHelp =
    R"(Usage: firesweep-worker bench [ARCHITECTURE...] [OPTIONS]

Measures how fast this host trains each architecture (default: v1 v2 v3 v4 v5): with one slot on
all cores, and with one slot per core. Also measures the latency of one image. The results are
stored and used by later workers and previews on this host. With --device cuda:N it compares one
slot of that GPU with several; these results are not stored for later use.

)";
constexpr int kMostBatch = 4096;
constexpr int kMostSlotsOfAGpu = 64;
constexpr int kMostSeconds = 3600;

po::options_description measuring_options() {
  po::options_description options("Options", 100);
  options.add_options()("batch-size", po::value<std::string>()->value_name("N"),
                        "images per training step (default: 128)")(
      "seconds", po::value<std::string>()->value_name("S"),
      "duration of each measurement (default: 4)")(
      "device", po::value<std::string>()->value_name("D"), "cpu (default) or cuda:N")(
      "help,h", "print this and exit");
  return options;
}

// Reads --batch-size, --seconds and --device, where given.
template <class Wanted>
Result<void> read_measuring(const po::variables_map& values, Wanted& wanted) {
  if (const auto word = text(values, "batch-size")) {
    const auto number = whole("--batch-size", *word, 1, kMostBatch);
    if (!number) return tl::unexpected(number.error());
    wanted.batch_size = *number;
  }
  if (const auto word = text(values, "seconds")) {
    char* end = nullptr;
    wanted.seconds = std::strtod(word->c_str(), &end);
    if (word->empty() || *end != '\0' || !(wanted.seconds > 0 && wanted.seconds <= kMostSeconds))
      return bad("--seconds", "found \"" + *word + "\", expected a number in (0, 3600]");
  }
  auto device = one_device(text(values, "device").value_or(wanted.device));
  if (!device) return tl::unexpected(device.error());
  wanted.device = *std::move(device);
  return {};
}

fs::path architectures_folder() {
  std::error_code ignored;
  for (const fs::path& folder :
       {fs::path("architectures"), program_folder().parent_path() / "architectures"}) {
    if (fs::is_directory(folder, ignored)) return folder;
  }
  return FIRESWEEP_ARCHITECTURES_DIR;
}

}  // namespace

Result<Command> parse_export(const Words& words, const Environment& environment) {
  po::options_description shown;
  shown.add_options()("checkpoint-dir", po::value<Words>()->composing())("help,h", "");
  po::options_description all;
  all.add(shown).add_options()(kPositional, po::value<Words>());
  const auto values = store(words, shown, all, kPositional, "export-model --help");
  if (!values) return tl::unexpected(values.error());
  if (values->count("help") != 0) return command::ShowText{std::string(kExportHelp)};
  const Words given =
      values->count(kPositional) != 0 ? (*values)[kPositional].as<Words>() : Words{};
  if (given.size() != 1) {
    return bad("export-model", "found " + std::to_string(given.size()) +
                                   " folders, expected the one that holds model.json");
  }
  command::ExportModel wanted{given[0], {}};
  if (values->count("checkpoint-dir") != 0) {
    for (const std::string& folder : (*values)["checkpoint-dir"].as<Words>())
      wanted.checkpoint_dirs.emplace_back(folder);
  }
  if (const auto own = checkpoint_dir(std::nullopt, environment))
    wanted.checkpoint_dirs.push_back(*own);
  return wanted;
}

Result<Command> parse_bench(const Words& words, const Environment& environment) {
  po::options_description shown = measuring_options();
  shown.add_options()("architectures", po::value<std::string>()->value_name("DIR"),
                      "folder of architecture files (default: architectures in this folder, else "
                      "beside this program's folder, else where it was built)")(
      "slots", po::value<std::string>()->value_name("N"),
      "slots of the GPU to compare with one (default: 2)")(
      "output,o", po::value<std::string>()->value_name("DIR"),
      "write variants_on_this_host.csv and .md there");
  po::options_description all;
  all.add(shown).add_options()(kPositional, po::value<Words>());
  const auto values = store(words, shown, all, kPositional, "bench --help");
  if (!values) return tl::unexpected(values.error());
  if (values->count("help") != 0) {
    std::ostringstream help;
    help << kBenchHelp << shown;
    return command::ShowText{help.str()};
  }
  command::Bench wanted;
  if (const auto read = read_measuring(*values, wanted); !read) return tl::unexpected(read.error());
  const bool gpu = wanted.device != "cpu";
  if (const auto word = text(*values, "slots")) {
    if (!gpu) {
      return bad("--slots",
                 "found this option without a GPU, expected it only with --device cuda:N; on the "
                 "CPU, bench compares one slot with one slot per core",
                 "name the GPU: --device cuda:0");
    }
    const auto number = whole("--slots", *word, 2, kMostSlotsOfAGpu);
    if (!number) return tl::unexpected(number.error());
    wanted.slots = *number;
  }
  wanted.architectures = values->count(kPositional) != 0 ? (*values)[kPositional].as<Words>()
                                                         : Words{"v1", "v2", "v3", "v4", "v5"};
  wanted.folder = text(*values, "architectures").value_or(architectures_folder().string());
  if (const auto folder = text(*values, "output")) wanted.output = *folder;
  if (gpu) return wanted;
  wanted.speeds_file = speeds_file(environment);
  return wanted;
}

Result<Command> parse_bench_slot(const Words& words) {
  po::options_description shown = measuring_options();
  shown.add_options()("threads", po::value<std::string>())("latency", "");
  po::options_description all;
  all.add(shown).add_options()(kPositional, po::value<Words>());
  const auto values = store(words, shown, all, kPositional, "bench --help");
  if (!values) return tl::unexpected(values.error());
  command::BenchSlot wanted;
  if (const auto read = read_measuring(*values, wanted); !read) return tl::unexpected(read.error());
  const auto threads = whole("--threads", text(*values, "threads").value_or(""), 1, kMostThreads);
  if (!threads) return tl::unexpected(threads.error());
  wanted.threads = *threads;
  wanted.latency = values->count("latency") != 0;
  const Words given =
      values->count(kPositional) != 0 ? (*values)[kPositional].as<Words>() : Words{};
  if (given.size() != 1) return bad("bench-slot", "expected one architecture file");
  wanted.architecture = given[0];
  return wanted;
}

}  // namespace firesweep
