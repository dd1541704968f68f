#include "shared/codec/yaml_text.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "shared/codec/variables.h"

namespace firesweep {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

template <class T>
std::optional<T> whole_text_as(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;  // "+-1" is no number of anybody's
  }
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A plain scalar by the core schema: null, bool, int, float, else text.
Json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (const auto whole = whole_text_as<std::int64_t>(text)) return *whole;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == ".inf" || text == "+.inf" || text == ".Inf" || text == ".INF") return kInfinity;
  if (text == "-.inf" || text == "-.Inf" || text == "-.INF") return -kInfinity;
  const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  if (numeric) {
    if (const auto real = whole_text_as<double>(text)) return *real;
  }
  return text;
}

// Hears a document and keeps nothing but where it starts.
class DeafHandler final : public YAML::EventHandler {
 public:
  const YAML::Mark& start() const { return start_; }
  void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  YAML::Mark start_;
};

// Where a second document begins. YAML::LoadAll is not asked: a stray "," makes it yield documents
// for ever.
std::optional<YAML::Mark> after_first_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DeafHandler first;
  DeafHandler second;
  if (!parser.HandleNextDocument(first) || !parser.HandleNextDocument(second)) return std::nullopt;
  return second.start();
}

// "line 7 begins with a tab …" where a line up to the mark does, which YAML forbids.
std::string tab_before(std::string_view text, const YAML::Mark& mark) {
  for (int line = 0; line <= mark.line && !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    if (one.substr(0, one.find_first_not_of(" \t")).find('\t') != std::string_view::npos) {
      return "line " + std::to_string(line + 1) + " begins with a tab: YAML takes blanks";
    }
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return {};
}

// The variable on the mark's line whose "{" was taken for a map, or nothing.
std::string variable_before(std::string_view text, const YAML::Mark& mark) {
  if (mark.is_null() || static_cast<std::size_t>(mark.pos) > text.size()) return {};
  const auto at = text.substr(0, static_cast<std::size_t>(mark.pos) + 1).rfind("${");
  if (at == std::string_view::npos) return {};
  const bool same_line =
      text.substr(at, static_cast<std::size_t>(mark.pos) - at).find('\n') == std::string_view::npos;
  return same_line ? variable_at(text.substr(at)) : std::string();
}

class YamlTreeBuilder {
 public:
  explicit YamlTreeBuilder(std::string_view file_name)
      : file_(file_name.empty() ? "text" : file_name) {}

  const std::optional<Error>& error() const { return error_; }

  void refuse(const YAML::Mark& mark, std::string what, std::string hint = {}) {
    if (error_) return;
    const std::string node = mark.is_null() ? file_
                                            : file_ + ":" + std::to_string(mark.line + 1) + ":" +
                                                  std::to_string(mark.column + 1);
    error_ = Error{ErrorCode::kBadInput, node, std::move(what), std::move(hint)};
  }

  void refuse_depth(const YAML::Mark& mark) {
    refuse(mark, "values are nested deeper than " + std::to_string(kMaxTextDepth));
  }

  Json build(const YAML::Node& node, int depth) {
    if (error_) return nullptr;
    if (++nodes_ > kMaxTreeNodes) {
      refuse(node.Mark(), "the text holds too many values, aliases followed");
      return nullptr;
    }
    if (depth > kMaxTextDepth) {
      refuse_depth(node.Mark());
      return nullptr;
    }
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        return nullptr;
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence:
        return sequence(node, depth);
      case YAML::NodeType::Map:
        return map(node, depth);
    }
    return nullptr;
  }

 private:
  // Text that aliases repeat costs as much as text that is written out.
  bool take_text(const YAML::Node& node) {
    text_bytes_ += node.Scalar().size();
    if (text_bytes_ <= kMaxDocumentBytes) return true;
    refuse(node.Mark(), "the text holds more than " + std::to_string(kMaxDocumentBytes) +
                            " bytes of values, aliases followed");
    return false;
  }

  Json scalar(const YAML::Node& node) {
    if (!take_text(node)) return nullptr;
    const std::string& tag = node.Tag();
    const std::string& text = node.Scalar();
    if (tag == "!" || tag == std::string(kTagPrefix) + "str")
      return text;  // quoted, or said to be text
    const bool standard = tag.empty() || tag == "?" || tag == std::string(kTagPrefix) + "int" ||
                          tag == std::string(kTagPrefix) + "float" ||
                          tag == std::string(kTagPrefix) + "bool" ||
                          tag == std::string(kTagPrefix) + "null";
    if (!standard) refuse(node.Mark(), "found the tag \"" + tag + "\", expected none");
    return plain_scalar(text);
  }

  Json sequence(const YAML::Node& node, int depth) {
    Json list = Json::array();
    for (const YAML::Node& item : node) {
      if (error_) break;
      list.push_back(build(item, depth + 1));
    }
    return list;
  }

  Json map(const YAML::Node& node, int depth) {
    Json object = Json::object();
    std::set<std::string> known;
    for (const auto& entry : node) {
      if (error_) break;
      if (!entry.first.IsScalar()) {
        refuse(entry.first.Mark(), "found a key that is no text");
        break;
      }
      if (!take_text(entry.first)) break;
      const std::string& key = entry.first.Scalar();
      if (key == "<<" && entry.first.Tag() == "?") {
        refuse(entry.first.Mark(), "found a merge key (<<), which is not read",
               "write out the members that it stands for");
        break;
      }
      if (!known.insert(key).second) {
        refuse(entry.first.Mark(), "the key \"" + key + "\" occurs twice");
      } else if (known.size() > kMaxObjectKeys) {
        refuse(entry.first.Mark(),
               "an object has more than " + std::to_string(kMaxObjectKeys) + " keys");
      } else {
        object[key] = build(entry.second, depth + 1);
      }
    }
    return object;
  }

  std::string file_;
  std::size_t nodes_ = 0;
  std::size_t text_bytes_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<Json> parse_yaml(std::string_view text, std::string_view file_name) {
  YamlTreeBuilder builder(file_name);
  Json tree;
  try {
    const std::string copy(text);
    if (const auto stray = after_first_document(copy)) {
      builder.refuse(*stray, "found more text after the end of the document");
    } else {
      tree = builder.build(YAML::Load(copy), 1);
    }
  } catch (const YAML::DeepRecursion& error) {  // deeper than the parser itself goes
    builder.refuse_depth(error.mark);
  } catch (const YAML::Exception& error) {
    const std::string variable = variable_before(text, error.mark);
    if (variable.empty()) {
      builder.refuse(error.mark, "this is not YAML: " + error.msg, tab_before(text, error.mark));
    } else {
      builder.refuse(error.mark, "found the variable " + variable + ", expected a value",
                     kNoVariables);
    }
  }
  if (const auto& mistake = builder.error()) return tl::unexpected(*mistake);
  return tree;
}

}  // namespace firesweep
