#include <filesystem>
#include <iostream>
#include <set>
#include <span>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/report/render/render.h"
#include "coordinator/report/table.h"
#include "shared/base/letters.h"
#include "shared/base/near_miss.h"
#include "shared/codec/architecture_codec.h"
#include "shared/domain/dataset_info.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

std::string near_or_all(const std::string& word, std::span<const std::string_view> names) {
  std::string near = did_you_mean(word, names);
  if (!near.empty()) return near;
  std::string all;
  for (const std::string_view name : std::set<std::string_view>(names.begin(), names.end())) {
    all += (all.empty() ? "there are: " : ", ") + std::string(name);
  }
  return all;
}

// "v5", found in the architecture folders, or a path to a file.
Result<fs::path> find_architecture(const std::string& word,
                                   const std::optional<std::string>& chosen) {
  if (fs::is_regular_file(word)) return fs::path(word);
  std::vector<std::string> known;
  for (const fs::path& folder : architecture_folders(chosen, "sweep.json")) {
    fs::path file = folder / (word + ".json");
    if (fs::is_regular_file(file)) return file;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") known.push_back(entry.path().stem().string());
    }
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  return fail(ErrorCode::kBadInput, "ARCHITECTURE", "no architecture \"" + word + "\"",
              near_or_all(word, names));
}

Result<std::int64_t> classes_of(const Parsed& parsed) {
  if (const auto classes = parsed.get<std::int64_t>("classes")) {
    if (*classes >= 1 && *classes <= 100'000) return *classes;
    return fail(ErrorCode::kBadInput, "--classes",
                "found " + std::to_string(*classes) + ", expected a whole number in 1 … 100000");
  }
  const auto name = parsed.get<std::string>("dataset");
  if (!name) return dataset_info(DatasetName::kCifar100).classes;
  if (const DatasetInfo* dataset = find_dataset(*name)) return dataset->classes;
  return fail(ErrorCode::kBadInput, "--dataset", "no dataset \"" + *name + "\"",
              near_or_all(*name, kWordsOf<DatasetName>));
}

Table table_of(const ResolvedArchitecture& architecture) {
  const Cost total = cost_of(architecture);
  Table table;
  table.columns = {{"layer", "layer", Unit::kText, Shown::kAlways},
                   {"kind", "kind", Unit::kText, Shown::kAlways},
                   {"output", "output", Unit::kText, Shown::kAlways},
                   {"kernel", "kernel", Unit::kText, Shown::kAlways},
                   {"params", "params", Unit::kWhole, Shown::kAlways},
                   {"macs", "MACs", Unit::kWhole, Shown::kAlways},
                   {"share", "share of MACs", Unit::kFraction, Shown::kAlways}};
  const auto share = [&](std::int64_t macs) {
    return total.macs > 0 ? static_cast<double>(macs) / static_cast<double>(total.macs) : 0.0;
  };
  for (const LayerRow& row : layer_table(architecture)) {
    table.rows.push_back({row.path, row.kind, to_string(row.output), row.kernel, row.cost.params,
                          row.cost.macs, share(row.cost.macs)});
  }
  table.note = architecture.name + ": " + std::to_string(total.params) + " params, " +
               std::to_string(total.macs) + " MACs per image of " + to_string(architecture.input) +
               ", " + std::to_string(architecture.classes) + " classes";
  return table;
}

}  // namespace

int verb_inspect(const Words& words) {
  const Usage usage{
      "inspect", "ARCHITECTURE",
      "Prints an architecture's layers (kind, output shape, kernel, parameters, MACs, share).\n"
      "ARCHITECTURE is a name such as v5, or a file.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("dataset", po::value<std::string>()->value_name("NAME"),
                        "use this dataset's number of classes (default: cifar100)")(
      "classes", po::value<std::int64_t>()->value_name("N"), "use this number of classes instead")(
      "architectures", po::value<std::string>()->value_name("DIR"), "folder of architecture files")(
      "format,f", po::value<std::string>()->value_name("FORMAT"),
      "table, csv or json (default: table)");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto format = checked_format(parsed, {"table", "csv", "json"});
  if (!format) return report_error(usage.verb, format.error());
  const auto path =
      find_architecture(parsed.positional[0], parsed.get<std::string>("architectures"));
  if (!path) return report_error(usage.verb, path.error());
  const auto text = read_text_file(*path);
  if (!text) return report_error(usage.verb, text.error());
  const auto architecture = decode_architecture(*text, path->string());
  if (!architecture) return report_error(usage.verb, architecture.error());
  const auto classes = classes_of(parsed);
  if (!classes) return report_error(usage.verb, classes.error());
  const auto resolved = resolve(*architecture, *classes);
  if (!resolved) return report_error(usage.verb, resolved.error());
  const Table table = table_of(*resolved);
  std::cout << (*format == "csv"    ? render_csv(table)
                : *format == "json" ? render_json(table)
                                    : for_this_terminal(render_text(table)));
  return kDone;
}

}  // namespace firesweep
