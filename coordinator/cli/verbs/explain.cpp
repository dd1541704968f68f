#include <algorithm>
#include <iomanip>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/explain_topics.h"
#include "coordinator/cli/options.h"
#include "shared/base/near_miss.h"
#include "shared/domain/fields.h"
#include "shared/domain/methods.h"
#include "shared/domain/presets.h"
#include "shared/domain/search_settings.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kPreset = "preset";
constexpr std::string_view kPresetHelp =
    "Named recipe that sets every hyperparameter which the sweep file does not set.";

constexpr int kIndent = 12;  // of a preset's settings
constexpr int kWidth = 100;
constexpr int kSettingIndent = 20;

std::string bounds_of(const SearchSetting& setting) {
  return std::string(setting.whole ? "whole, " : "") + (setting.above ? "above " : "from ") +
         to_string(Value(setting.min)) + (setting.above ? " and up to " : " to ") +
         to_string(Value(setting.max));
}

void explain(const MethodInfo& info) {
  std::cout << "method " << to_string(info.method) << "\n  " << info.help << "\n"
            << info.text << "  Example:\n    \"method\": \"" << to_string(info.method) << "\"";
  if (info.draws) std::cout << ", \"run_cap\": 100";
  std::cout << "\n";
  const auto settings = search_settings(info.method);
  if (!settings.empty()) {
    std::cout << "  Its settings stand beside its name, for example\n    \"method\": {\"name\": \""
              << to_string(info.method) << "\", \"" << settings.front().name
              << "\": " << to_string(Value(2 * settings.front().usual)) << "}\n";
  }
  for (const SearchSetting& one : settings) {
    std::cout << "  " << std::left << std::setw(kSettingIndent - 2) << one.name << one.help << "\n"
              << std::string(kSettingIndent, ' ') << "expected: " << bounds_of(one)
              << "; default: " << to_string(Value(one.usual)) << "\n";
  }
  if (info.learns) {
    std::cout << "  A trial is proposed when a worker asks for it, from the results by then; so it "
                 "depends on\n  their order. Each proposal is stored with what it knew: "
                 "`firesweep replay SWEEP` computes\n  all of them again.\n";
  }
}

void explain(const Topic& topic) {
  std::cout << topic.name << "\n  " << topic.help << "\n";
  if (topic.name == "method") {
    for (const MethodInfo& info : methods()) {
      std::cout << "  " << std::left << std::setw(kIndent - 2) << to_string(info.method)
                << info.help << "\n";
    }
  }
  std::cout << topic.text;
}

void explain(const Field& field) {
  std::cout << field.name << "\n  " << field.help << "\n  expected: " << expected_text(field)
            << "\n  default:  " << to_string(get_field(*find_preset("default"), field));
  if (!field.unit.empty()) std::cout << " " << field.unit;
  std::cout << "\n";
}

// Each preset by its differences from the simplest one, adamw.
void explain_presets() {
  const TrialConfig& plain = *find_preset("adamw");
  std::cout << kPreset << "\n  " << kPresetHelp << "\n";
  for (const std::string_view name : preset_names()) {
    std::cout << "  " << std::left << std::setw(kIndent - 2) << name;
    int column = kIndent;
    for (const Field& field : fields()) {
      const Value value = get_field(*find_preset(name), field);
      if (value == get_field(plain, field)) continue;
      const std::string setting = std::string(field.name) + " " + to_string(value);
      const int size = static_cast<int>(setting.size()) + 2;
      if (column > kIndent) std::cout << ",";
      if (column + size > kWidth) {
        std::cout << "\n" << std::string(kIndent, ' ');
        column = kIndent;
      } else if (column > kIndent) {
        std::cout << " ";
      }
      std::cout << setting;
      column += size;
    }
    if (column == kIndent)
      std::cout << "the base; the other presets list their differences from it";
    std::cout << "\n";
  }
}

// The methods that have a setting of that name. False if none has.
bool explain_setting(std::string_view word) {
  bool found = false;
  for (const SearchSetting& one : search_settings()) {
    if (one.name != word) continue;
    std::cout << (found ? "\n" : "");
    explain(method_info(one.method));
    found = true;
  }
  return found;
}

// What a word means that is a value: of hyperparameters, or a preset's name. False if it is none.
bool explain_value(std::string_view word) {
  bool found = false;
  for (const Field& field : fields()) {
    if (std::ranges::find(field.choices, word) == field.choices.end()) continue;
    std::cout << (found ? "\n" : "") << '"' << word << "\" is a value of " << field.name << ":\n\n";
    explain(field);
    found = true;
  }
  if (find_preset(word) == nullptr) return found;
  std::cout << (found ? "\n" : "") << '"' << word << "\" is a preset:\n\n";
  explain_presets();
  return true;
}

}  // namespace

int verb_explain(const Words& words) {
  const Usage usage{
      "explain", "[WORD]",
      "Explains a hyperparameter or another word of a sweep file: meaning, allowed values\n"
      "and default. Without WORD it lists all topics.",
      0, 1};
  const Parsed parsed = parse(usage, po::options_description("Options"), words);
  if (parsed.exit) return *parsed.exit;
  if (parsed.positional.empty()) {
    for (const Field& field : fields()) {
      std::cout << std::left << std::setw(24) << field.name << field.help << "\n";
    }
    std::cout << std::setw(24) << kPreset << kPresetHelp << "\n";
    for (const Topic& topic : explain_topics()) {
      std::cout << std::setw(24) << topic.name << topic.help << "\n";
    }
    return kDone;
  }
  if (parsed.positional[0] == kPreset) {
    explain_presets();
    return kDone;
  }
  if (const auto method = find_choice<Method>(parsed.positional[0])) {
    explain(method_info(*method));
    return kDone;
  }
  const Field* field = find_field(parsed.positional[0]);
  if (field == nullptr) {
    field = find_successor(parsed.positional[0]);
    if (field != nullptr)
      std::cout << '"' << parsed.positional[0] << "\" is now \"" << field->name << "\".\n\n";
  }
  if (field == nullptr) {
    if (const Topic* topic = find_topic(parsed.positional[0])) {
      explain(*topic);
      return kDone;
    }
    if (explain_setting(parsed.positional[0]) || explain_value(parsed.positional[0])) return kDone;
    std::vector<std::string_view> names = {kPreset};
    for (const Topic& topic : explain_topics()) names.push_back(topic.name);
    names.insert(names.end(), kWordsOf<Method>.begin(), kWordsOf<Method>.end());
    for (const Field& known : fields()) names.push_back(known.name);
    const std::string near = did_you_mean(parsed.positional[0], names);
    return report_error(usage.verb, {ErrorCode::kBadInput, "WORD",
                                     "no word of a sweep file: \"" + parsed.positional[0] + "\"",
                                     near.empty() ? "`firesweep explain` lists them" : near});
  }
  explain(*field);
  return kDone;
}

}  // namespace firesweep
