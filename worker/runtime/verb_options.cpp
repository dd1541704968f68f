#include "worker/runtime/verb_options.h"

#include <string>

namespace firesweep {

using namespace words;

namespace {

namespace po = boost::program_options;

constexpr const char* kPositional = "words";

constexpr std::string_view kExportHelp =
    "Usage: firesweep-worker export-model DIR [--checkpoint-dir DIR]...\n\n"
    "Reads DIR/model.json, finds that trial's weights in the checkpoint folders given and in this\n"
    "host's own, and writes DIR/model.safetensors and DIR/model.py. `firesweep export-model "
    "TRIAL`\n"
    "writes model.json and starts this.\n";

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

}  // namespace firesweep
