#include "shared/codec/wandb_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "shared/base/near_miss.h"
#include "shared/codec/parameter_codec.h"

namespace firesweep {
namespace {

void flatten(const Json& members, const std::string& above, std::vector<WandbParameter>& found) {
  for (const auto& [name, spec] : members.items()) {
    const std::string path = above.empty() ? name : above + "." + name;
    const auto inner = spec.is_object() ? spec.find("parameters") : spec.end();
    if (spec.is_object() && inner != spec.end() && inner->is_object()) {
      flatten(*inner, path, found);
    } else {
      found.push_back({path, spec, {}});
    }
  }
}

// A word of a command line as the value that a program reads from it.
Json value_of_word(const std::string& word) {
  if (word == "true" || word == "True") return true;
  if (word == "false" || word == "False") return false;
  const char* const end = word.data() + word.size();
  std::int64_t whole = 0;
  if (const auto [stop, code] = std::from_chars(word.data(), end, whole);
      code == std::errc() && stop == end) {
    return whole;
  }
  double real = 0;
  if (const auto [stop, code] = std::from_chars(word.data(), end, real);
      code == std::errc() && stop == end) {
    return real;
  }
  return word;
}

bool is_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9') && word[1] != '.';
}

// Whether a word is no value of the flag before it.
bool ends_values(const std::string& word) {
  return is_flag(word) || word.starts_with("${") || word.find('=') != std::string::npos;
}

std::string without_marks(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of("-+"), word.size()));
  return std::string(word);
}

void add_flag(const std::string& flag, std::vector<Json> values,
              std::vector<WandbParameter>& found) {
  Json spec = Json::object();
  if (values.empty()) {
    spec["value"] = true;
  } else {
    spec["value"] = values.size() == 1 ? std::move(values.front()) : Json(values);
  }
  found.push_back({without_marks(flag), std::move(spec), flag});
}

std::vector<std::string> words_of(const Json& command) {
  std::vector<std::string> words;
  if (!command.is_array()) return words;
  for (const Json& word : command) {
    const auto* text = word.get_ptr<const std::string*>();
    words.push_back(text != nullptr ? *text : word.dump());
  }
  // Words before the program are the interpreter's.
  const auto program = std::find(words.begin(), words.end(), "${program}");
  if (program != words.end()) words.erase(words.begin(), program + 1);
  return words;
}

// The flags of a command: "--name value", "--name=value", "name=value"; a macro such as ${args}
// stands for what W&B adds.
void read_command(const Json& command, std::vector<WandbParameter>& found) {
  const std::vector<std::string> words = words_of(command);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (words[i].starts_with("${")) continue;
    if (equals != std::string::npos) {
      add_flag(words[i].substr(0, equals), {value_of_word(words[i].substr(equals + 1))}, found);
    } else if (is_flag(words[i])) {
      const std::string& flag = words[i];
      std::vector<Json> values;
      while (i + 1 < words.size() && !ends_values(words[i + 1])) {
        values.push_back(value_of_word(words[++i]));
      }
      add_flag(flag, std::move(values), found);
    }
  }
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

// What a group of parameters calls the choice itself, as in optimizer: {name: …, lr: …}.
constexpr std::array<std::string_view, 4> kOwnNames = {"name", "type", "kind", "class"};

}  // namespace

std::vector<WandbParameter> wandb_parameters(const Json& root) {
  std::vector<WandbParameter> found;
  const auto parameters = root.find("parameters");
  if (parameters != root.end() && parameters->is_object()) flatten(*parameters, "", found);
  const auto command = root.find("command");
  if (command != root.end()) read_command(*command, found);
  return found;
}

const Field* field_of_path(std::string_view path) {
  std::vector<std::string> parts = parts_of(path);
  if (parts.size() > 1 && std::ranges::find(kOwnNames, parts.back()) != kOwnNames.end()) {
    parts.pop_back();
    parts.erase(parts.begin(), parts.end() - 1);
  }
  for (std::size_t first = 0; first < parts.size(); ++first) {
    std::string name;
    for (std::size_t i = first; i < parts.size(); ++i) name += (i > first ? "_" : "") + parts[i];
    if (const Field* field = find_field_called(name)) return field;
  }
  return nullptr;
}

std::string folded_name(std::string_view path) {
  return folded(path.substr(path.rfind('.') == std::string_view::npos ? 0 : path.rfind('.') + 1));
}

}  // namespace firesweep
