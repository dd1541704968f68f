#include "shared/codec/document.h"

#include <string>

#include "shared/codec/json_text.h"
#include "shared/codec/place.h"
#include "shared/codec/yaml_text.h"

namespace firesweep {
namespace {

bool is_yaml(std::string_view text, std::string_view file_name) {
  if (file_name.ends_with(".yaml") || file_name.ends_with(".yml")) return true;
  if (file_name.ends_with(".json") || file_name.ends_with(".jsonc")) return false;
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] != '{' && text[first] != '/';
}

}  // namespace

Result<Json> parse_document(std::string_view text, std::string_view file_name) {
  if (text.size() > kMaxTextBytes) {
    return fail(ErrorCode::kBadInput, std::string(file_name),
                "found " + std::to_string(text.size()) + " bytes, expected at most " +
                    std::to_string(kMaxTextBytes));
  }
  auto tree = is_yaml(text, file_name) ? parse_yaml(text, file_name) : parse_json(text, file_name);
  if (tree && !tree->is_object()) {
    return fail(ErrorCode::kBadInput, std::string(file_name),
                "found " + describe(*tree) + ", expected an object");
  }
  return tree;
}

std::string_view stem_of(std::string_view file_name) {
  const auto slash = file_name.rfind('/');
  if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
  for (const std::string_view ending : {".json", ".jsonc", ".yaml", ".yml"}) {
    if (!file_name.ends_with(ending)) continue;
    file_name.remove_suffix(ending.size());
    break;
  }
  return file_name;
}

}  // namespace firesweep
