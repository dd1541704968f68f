#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/worker_process.h"
#include "coordinator/report/trained_model.h"
#include "shared/base/shell.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr const char* kCardName = "model.json";

Result<void> write_card(const fs::path& folder, const ModelCard& card) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::kIo, folder.string(), "cannot be made: " + error.message());
  std::ofstream file(folder / kCardName, std::ios::binary);
  file << encode_model_card(card);
  file.close();
  if (!file) return fail(ErrorCode::kIo, (folder / kCardName).string(), "cannot be written");
  return {};
}

}  // namespace

int verb_export_model(const Words& words) {
  const Usage usage{
      "export-model", "TRIAL",
      "Writes a finished trial's network for Python: DIR/model.safetensors (weights), "
      "DIR/model.py\n"
      "(the network in plain PyTorch, with load() and a small program that classifies images) and\n"
      "DIR/model.json (its description). TRIAL is SWEEP/NUMBER, as the leaderboard shows it. Run\n"
      "this command on the host that trained the trial.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("output,o", po::value<std::string>()->value_name("DIR"),
                        "folder to write to (default: VARIANT-SWEEP-NUMBER in this folder)")(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "database file")("checkpoint-dir", po::value<std::string>()->value_name("DIR"),
                       "the worker's checkpoint folder (DB.checkpoints and the worker's default "
                       "folder are searched too)");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto trial = parse_trial(parsed.positional[0]);
  if (!trial) return report_error(usage.verb, trial.error());
  const std::string database = parsed.value<std::string>("db");
  const auto card = trained_model(database, *trial);
  if (!card) return report_error(usage.verb, card.error());

  const fs::path folder = parsed.get<std::string>("output").value_or(
      card->config.variant + "-" + std::to_string(sweep_of(*trial).value) + "-" +
      std::to_string(number_of(*trial)));
  if (const auto written = write_card(folder, *card); !written)
    return report_error(usage.verb, written.error());
  Words order{"export-model", folder.string()};
  if (const auto chosen = parsed.get<std::string>("checkpoint-dir"))
    order.insert(order.end(), {"--checkpoint-dir", *chosen});
  order.insert(order.end(), {"--checkpoint-dir", database + ".checkpoints"});
  auto worker = WorkerProcess::start(order);
  if (!worker) return report_error(usage.verb, worker.error());
  const int code = worker->wait();
  if (code != 0) return code == 2 ? kNothingBegan : kFailedWhileRunning;
  std::cout << (folder / kCardName).string() << "\n\nNext:\n  python "
            << shell_quoted((folder / "model.py").string())
            << " PICTURE      # needs torch, safetensors, pillow\n";
  return kDone;
}

}  // namespace firesweep
