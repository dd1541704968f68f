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

void explain(const Field& field) {
  std::cout << field.name << "\n  " << field.help << "\n  expected: " << expected_text(field)
            << "\n  default:  " << to_string(get_field(TrialConfig{}, field));
  if (!field.unit.empty()) std::cout << " " << field.unit;
  std::cout << "\n";
}

// Each preset by where it differs from the first, which is the defaults.
void explain_presets() {
  const TrialConfig defaults;
  std::cout << kPreset << "\n  " << kPresetHelp << "\n";
  for (const std::string_view name : preset_names()) {
    std::cout << "  " << std::left << std::setw(10) << name;
    const char* between = "";
    for (const Field& field : fields()) {
      const Value value = get_field(*find_preset(name), field);
      if (value == get_field(defaults, field)) continue;
      std::cout << between << field.name << " " << to_string(value);
      between = ", ";
    }
    std::cout << (*between == '\0' ? "every default as `firesweep explain FIELD` tells it" : "")
              << "\n";
  }
}

}  // namespace

int verb_explain(const Words& words) {
  const Usage usage{"explain", "[FIELD]",
                    "Tells what a hyperparameter, or \"preset\", means, what it takes and its "
                    "default.",
                    0, 1};
  const Parsed parsed = parse(usage, po::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  if (parsed.positional.empty()) {
    for (const Field& field : fields()) {
      std::cout << std::left << std::setw(24) << field.name << field.help << "\n";
    }
    std::cout << std::setw(24) << kPreset << kPresetHelp << "\n";
    return kDone;
  }
  if (parsed.positional[0] == kPreset) {
    explain_presets();
    return kDone;
  }
  const Field* field = find_field(parsed.positional[0]);
  if (field == nullptr && (field = find_successor(parsed.positional[0])) != nullptr)
    std::cout << '"' << parsed.positional[0] << "\" is now \"" << field->name << "\".\n\n";
  if (field == nullptr) {
    std::vector<std::string_view> names = {kPreset};
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
