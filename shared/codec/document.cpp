#include "shared/codec/document.h"

#include <algorithm>
#include <string>

#include "shared/base/utf8.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"
#include "shared/codec/yaml_text.h"

namespace firesweep {
namespace {

bool is_yaml(std::string_view text, std::string_view file_name) {
  if (is_yaml_name(file_name)) return true;
  if (file_name.ends_with(".json") || file_name.ends_with(".jsonc")) return false;
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] != '{' && text[first] != '/';
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Text in another encoding, by its byte order mark or by the zeros between its letters.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
         text.substr(0, 4).find('\0') != std::string_view::npos;
}

Result<void> check_encoding(std::string_view text, std::string_view file_name) {
  const std::string file(file_name.empty() ? "text" : file_name);
  if (is_utf16(text)) {
    return fail(ErrorCode::kBadInput, file, "found text in UTF-16, expected UTF-8",
                "save it as UTF-8, as `iconv -f UTF-16 -t UTF-8` does");
  }
  const std::size_t at = first_malformed(text);
  if (at == std::string_view::npos) return {};
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;
  return fail(ErrorCode::kBadInput,
              file + ":" + std::to_string(line) + ":" + std::to_string(column),
              "found a byte that is not valid UTF-8, expected text in UTF-8",
              "save it as UTF-8; from Latin-1, `iconv -f ISO-8859-1 -t UTF-8` does");
}

}  // namespace

Result<Json> parse_document(std::string_view text, std::string_view file_name) {
  if (text.size() > kMaxDocumentBytes) {
    return fail(ErrorCode::kBadInput, std::string(file_name),
                "found " + std::to_string(text.size()) + " bytes, expected at most " +
                    std::to_string(kMaxDocumentBytes));
  }
  if (const auto encoding = check_encoding(text, file_name); !encoding) {
    return tl::unexpected(encoding.error());
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  auto tree = is_yaml(text, file_name) ? parse_yaml(text, file_name) : parse_json(text, file_name);
  if (tree && !tree->is_object()) {
    return fail(ErrorCode::kBadInput, std::string(file_name),
                "found " + describe(*tree) + ", expected an object");
  }
  return tree;
}

bool is_yaml_name(std::string_view file_name) {
  return file_name.ends_with(".yaml") || file_name.ends_with(".yml");
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
