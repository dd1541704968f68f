// import-wandb: a sweep file of W&B as a sweep file of ours.
#include <filesystem>
#include <iostream>
#include <set>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/new_file.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "shared/base/shell.h"
#include "shared/codec/wandb_sweep.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// The networks that a sweep may name, by the files beside it.
std::vector<std::string> architecture_names(const std::optional<std::string>& chosen,
                                            const fs::path& file) {
  std::set<std::string> names;
  for (const fs::path& folder : architecture_folders(chosen, file)) {
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
      if (entry.path().extension() == ".json") names.insert(entry.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

// The sweep is JSON, whatever the file is called.
Result<void> check_output(const std::string& file) {
  const std::string ending = fs::path(file).extension().string();
  if (ending != ".yaml" && ending != ".yml") return {};
  return fail(ErrorCode::kBadInput, file, "found a name of a YAML file, expected one of JSON",
              "name it " + fs::path(file).replace_extension(".json").string());
}

}  // namespace

int verb_import_wandb(const Words& words) {
  const Usage usage{
      "import-wandb", "FILE",
      "Turns a sweep file of W&B (YAML or JSON) into one of ours and prints it. On standard error\n"
      "it says what was carried over and under which name, what was changed or added, and what\n"
      "was left out, why, and what to do.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("output,o", po::value<std::string>()->value_name("OUT"),
                        "write it to this new file instead");
  add_architectures_option(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const std::string& file = parsed.positional[0];
  const auto output = parsed.get<std::string>("output");
  if (output) {
    if (const auto good = check_output(*output); !good)
      return report_error(usage.verb, good.error());
  }
  const auto text = read_text_file(file);
  if (!text) return report_error(usage.verb, text.error());
  const auto names = architecture_names(parsed.get<std::string>("architectures"), file);
  const auto imported = import_wandb(*text, file, names);
  if (!imported) return report_error(usage.verb, imported.error());
  for (const ImportNote& note : imported->notes) std::cerr << to_string(note) << "\n";
  if (imported->text.empty()) {
    return report_error(usage.verb, {ErrorCode::kBadInput, file,
                                     "found none of the hyperparameters that are trained here, "
                                     "expected at least one",
                                     "`firesweep explain` lists them"});
  }
  if (!output) {
    std::cout << imported->text;
    return kDone;
  }
  if (const auto written = write_new_file(*output, imported->text, "file"); !written)
    return report_error(usage.verb, written.error());
  std::cout << "wrote " << *output << "\n\nNext:\n  "
            << shell_command({"firesweep", "preview", *output}) << "\n";
  return kDone;
}

}  // namespace firesweep
