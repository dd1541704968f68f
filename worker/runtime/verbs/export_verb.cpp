#include "worker/runtime/verbs/export_verb.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "shared/codec/architecture_codec.h"
#include "shared/codec/model_card.h"
#include "shared/domain/class_names.h"
#include "worker/runtime/checkpoints/checkpoint_folders.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/report_error.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

Result<ModelCard> read_card(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return fail(ErrorCode::kNotFound, path.string(), "cannot be read, expected a model's card",
                "`firesweep export-model TRIAL` writes it");
  }
  return decode_model_card(text.str(), path.string());
}

Result<fs::path> find_checkpoint(const ModelCard& card, const std::vector<fs::path>& roots) {
  std::string searched;
  for (const fs::path& root : roots) {
    if (auto found = CheckpointFolders(root).selected(card.config_hash, card.config.seed))
      return *std::move(found);
    searched += (searched.empty() ? "" : ", ") + root.string();
  }
  return fail(ErrorCode::kNotFound, "trial " + card.trial,
              "its weights are not on this host, expected " +
                  CheckpointFolders::name_of(card.config_hash, card.config.seed) +
                  "/selected.safetensors in one of: " + searched,
              "worker " + card.worker +
                  " trained it: export there, or name its checkpoint folder with "
                  "--checkpoint-dir; a sweep's \"checkpoint\" may have let them go");
}

Result<ResolvedArchitecture> architecture_of(const ModelCard& card) {
  const auto architecture = decode_architecture(card.architecture, card.config.variant + ".json");
  if (!architecture) return tl::unexpected(architecture.error());
  auto resolved =
      resolve(*architecture, card.classes, card.config.arch_params, card.config.dropout);
  if (resolved) resolved->name = card.config.variant;
  return resolved;
}

std::string about(const ModelCard& card) {
  std::ostringstream line;
  line.precision(4);
  line << card.config.variant << ", trial " << card.trial << " of a firesweep sweep on "
       << card.dataset << ": epoch " << card.selected_epoch << ", test accuracy "
       << card.test_accuracy;
  return line.str();
}

std::map<std::string, std::string> metadata_of(const ModelCard& card) {
  const auto number = [](double value) {
    std::ostringstream text;
    text << value;
    return text.str();
  };
  const auto triple = [&](const std::array<float, 3>& values) {
    return number(values[0]) + " " + number(values[1]) + " " + number(values[2]);
  };
  std::map<std::string, std::string> facts = {{"format", "pt"},
                                              {"trial", card.trial},
                                              {"variant", card.config.variant},
                                              {"seed", std::to_string(card.config.seed)},
                                              {"config_hash", card.config_hash},
                                              {"dataset", card.dataset},
                                              {"classes", std::to_string(card.classes)},
                                              {"mean", triple(card.mean)},
                                              {"stddev", triple(card.stddev)},
                                              {"epoch", std::to_string(card.selected_epoch)},
                                              {"test_accuracy", number(card.test_accuracy)}};
  if (card.val_accuracy) facts["val_accuracy"] = number(*card.val_accuracy);
  return facts;
}

}  // namespace

int export_verb(const command::ExportModel& wanted, const TorchTraining& torch) {
  if (!torch) {
    return report_error(
        {ErrorCode::kUnavailable, "export-model", "this build has no LibTorch", ""});
  }
  const auto card = read_card(wanted.folder / "model.json");
  if (!card) return report_error(card.error());
  const auto architecture = architecture_of(*card);
  if (!architecture) return report_error(architecture.error());
  const auto checkpoint = find_checkpoint(*card, wanted.checkpoint_dirs);
  if (!checkpoint) return report_error(checkpoint.error());
  const auto exported = torch.export_model({.architecture = *architecture,
                                            .moments = {card->mean, card->stddev},
                                            .class_names = class_names(card->dataset),
                                            .about = about(*card),
                                            .metadata = metadata_of(*card),
                                            .config_hash = card->config_hash,
                                            .seed = card->config.seed,
                                            .batch_size = card->config.batch_size,
                                            .checkpoint = *checkpoint,
                                            .folder = wanted.folder});
  if (!exported) return report_error(exported.error());
  for (const char* const name : {"model.safetensors", "model.py"})
    std::cout << (wanted.folder / name).string() << "\n";
  std::cout << std::flush;
  return kWorkerDone;
}

}  // namespace firesweep
