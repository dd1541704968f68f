#include "shared/codec/variables.h"

#include <algorithm>
#include <utility>

#include "shared/codec/json_node.h"
#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

constexpr std::string_view kOfParameters = "/parameters/";

bool is_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Names of sweeps, and values of architecture parameters.
bool may_be_any_text(std::string_view pointer) {
  return pointer == "/name" || pointer == "/$schema" ||
         pointer.find("/" + std::string(kArchPrefix)) != std::string_view::npos;
}

void collect(const Json& json, const std::string& pointer, std::vector<VariableText>& all) {
  if (const auto* text = json.get_ptr<const std::string*>()) {
    const bool whole = !text->empty() && variable_at(*text) == *text && !may_be_any_text(pointer);
    if (whole || text->find("${") != std::string::npos) all.push_back({pointer, *text});
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      collect(json[i], pointer + "/" + std::to_string(i), all);
    }
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      if (key == "program" || key == "command") continue;
      collect(value, pointer + "/" + pointer_token(key), all);
    }
  }
}

}  // namespace

std::string variable_at(std::string_view text) {
  if (!text.starts_with('$')) return {};
  if (text.substr(1).starts_with('{')) {
    const auto end = text.find('}');
    const auto line = text.find_first_of("\r\n");
    return end < line ? std::string(text.substr(0, end + 1)) : std::string();
  }
  const auto end = std::find_if_not(text.begin() + 1, text.end(), is_of_a_name);
  const auto size = static_cast<std::size_t>(end - text.begin());
  return std::string(size > 1 ? text.substr(0, size) : std::string_view());
}

std::vector<VariableText> variables_in(const Json& json, const std::string& pointer) {
  std::vector<VariableText> all;
  collect(json, pointer, all);
  return all;
}

std::string setting_for(std::string_view pointer) {
  const bool parameter = pointer.starts_with(kOfParameters);
  pointer.remove_prefix(std::min(pointer.size(), parameter ? kOfParameters.size() : 1));
  const auto end = pointer.find('/');
  std::string member(pointer.substr(0, end));
  if (parameter) {
    std::string_view key = end == std::string_view::npos ? "value" : pointer.substr(end + 1);
    member += "." + std::string(key.substr(0, key.find('/')));
  }
  return "--set " + member + "=...";
}

}  // namespace firesweep
