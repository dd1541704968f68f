#include "coordinator/cli/differences.h"

#include <nlohmann/json.hpp>
#include <set>

namespace firesweep {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kParameters = "parameters";

// Names of members that are not equal, but for those with members of their own.
void compare(const Json& before, const Json& now, std::set<std::string>& names) {
  for (const Json* side : {&before, &now}) {
    for (const auto& [name, value] : side->items()) {
      if (name == kParameters) continue;
      const auto other = side == &before ? now.find(name) : before.find(name);
      const bool there = other != (side == &before ? now.end() : before.end());
      // Key order is no difference of a value.
      if (!there || nlohmann::json(*other) != nlohmann::json(value)) names.insert(name);
    }
  }
}

}  // namespace

std::string differences(std::string_view before, std::string_view now) {
  const Json a = Json::parse(before, nullptr, false);
  const Json b = Json::parse(now, nullptr, false);
  if (!a.is_object() || !b.is_object()) return {};
  std::set<std::string> names;
  compare(a, b, names);
  if (a.contains(kParameters) && b.contains(kParameters)) {
    compare(a.at(kParameters), b.at(kParameters), names);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  if (text.empty() && before != now) return "the order of its parameters";
  return text;
}

}  // namespace firesweep
