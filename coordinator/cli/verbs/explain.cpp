#include <algorithm>
#include <iomanip>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "shared/base/near_miss.h"
#include "shared/domain/fields.h"
#include "shared/domain/presets.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kPreset = "preset";
constexpr std::string_view kPresetHelp = "What a sweep leaves open: a whole recipe, by name.";

constexpr std::string_view kCheckpoint = "checkpoint";
constexpr std::string_view kCheckpointHelp =
    "When trials save what they resume from, and which weights stay.";
constexpr std::string_view kCheckpointText =
    R"(  a member of the sweep file, not a parameter, as in
    "checkpoint": {"every": "5 epochs", "keep": "best", "max_bytes": "20GB"}
  every      "N epochs", or a time as in "10 min" (s, min, h), also amid an epoch: how far apart a
             trial saves what it resumes from, bit for bit. It is saved after the last epoch and
             whenever a trial is asked to stop, too; a killed one loses what came after.
             default:  "1 epoch"
  keep       "all": the selected weights of every finished trial stay on its worker's host; "best":
             on each host those of the sweep's best trial there alone. Which epoch's weights a
             trial selects is said by the parameter select.
             default:  "all"
  max_bytes  a number, or a text as in "500MB" or "20GiB", that bounds two things: the weights of
             the sweep's finished trials on each host (the worst trial's go first, the best's stay)
             and the sweep's checkpoints at the coordinator (of ended trials first, then of waiting
             ones, then the best trial's). Under `firesweep serve` its --checkpoint-bytes bounds
             all sweeps together, and both hold. What running trials resume from always stays, so
             that more than max_bytes may be there.
             default:  no bound of the sweep's own
)";

void explain(const Field& field) {
  std::cout << field.name << "\n  " << field.help << "\n  expected: " << expected_text(field)
            << "\n  default:  " << to_string(get_field(*find_preset("default"), field));
  if (!field.unit.empty()) std::cout << " " << field.unit;
  std::cout << "\n";
}

// Each preset by where it differs from the plainest, adamw.
void explain_presets() {
  const TrialConfig& plain = *find_preset("adamw");
  std::cout << kPreset << "\n  " << kPresetHelp << "\n";
  for (const std::string_view name : preset_names()) {
    std::cout << "  " << std::left << std::setw(10) << name;
    const char* between = "";
    for (const Field& field : fields()) {
      const Value value = get_field(*find_preset(name), field);
      if (value == get_field(plain, field)) continue;
      std::cout << between << field.name << " " << to_string(value);
      between = ", ";
    }
    std::cout << (*between == '\0' ? "the plainest: the others are told by what they change of it"
                                   : "")
              << "\n";
  }
}

}  // namespace

int verb_explain(const Words& words) {
  const Usage usage{"explain", "[FIELD]",
                    "Tells what a hyperparameter, \"preset\" or \"checkpoint\" means, what it "
                    "takes and its default.",
                    0, 1};
  const Parsed parsed = parse(usage, po::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  if (parsed.positional.empty()) {
    for (const Field& field : fields()) {
      std::cout << std::left << std::setw(24) << field.name << field.help << "\n";
    }
    std::cout << std::setw(24) << kPreset << kPresetHelp << "\n";
    std::cout << std::setw(24) << kCheckpoint << kCheckpointHelp << "\n";
    return kDone;
  }
  if (parsed.positional[0] == kPreset) {
    explain_presets();
    return kDone;
  }
  if (parsed.positional[0] == kCheckpoint) {
    std::cout << kCheckpoint << "\n  " << kCheckpointHelp << "\n" << kCheckpointText;
    return kDone;
  }
  const Field* field = find_field(parsed.positional[0]);
  if (field == nullptr && (field = find_successor(parsed.positional[0])) != nullptr)
    std::cout << '"' << parsed.positional[0] << "\" is now \"" << field->name << "\".\n\n";
  if (field == nullptr) {
    std::vector<std::string_view> names = {kPreset, kCheckpoint};
    for (const Field& known : fields()) names.push_back(known.name);
    const std::string near = did_you_mean(parsed.positional[0], names);
    return report_error(usage.verb, {ErrorCode::kBadInput, "FIELD",
                                     "no hyperparameter \"" + parsed.positional[0] + "\"",
                                     near.empty() ? "`firesweep explain` lists them" : near});
  }
  explain(*field);
  return kDone;
}

}  // namespace firesweep
