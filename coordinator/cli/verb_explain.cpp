#include <algorithm>
#include <iomanip>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "shared/base/near_miss.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

void explain(const Field& field) {
  std::cout << field.name << "\n  " << field.help << "\n  expected: " << expected_text(field)
            << "\n  default:  " << to_string(get_field(TrialConfig{}, field));
  if (!field.unit.empty()) std::cout << " " << field.unit;
  std::cout << "\n";
}

}  // namespace

int verb_explain(const Words& words) {
  const Usage usage{"explain", "[FIELD]",
                    "Tells what a hyperparameter means, what it takes and its default.", 0, 1};
  const Parsed parsed = parse(usage, po::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  if (parsed.positional.empty()) {
    for (const Field& field : fields()) {
      std::cout << std::left << std::setw(24) << field.name << field.help << "\n";
    }
    return kDone;
  }
  const Field* field = find_field(parsed.positional[0]);
  if (field == nullptr) {
    std::vector<std::string_view> names;
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
