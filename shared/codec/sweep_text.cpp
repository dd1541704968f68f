#include "shared/codec/sweep_text.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "shared/codec/document.h"
#include "shared/codec/json.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInclude = "include";
constexpr const char* kParametersKey = "parameters";
constexpr std::size_t kMostFiles = 8;

// The members of `over` on those of `base`.
Json on_top(Json base, const Json& over) {
  for (const auto& [key, value] : over.items()) {
    const bool both = key == kParametersKey && value.is_object() && base.contains(key) &&
                      base.at(key).is_object();
    if (!both) {
      base[key] = value;
      continue;
    }
    for (const auto& [name, domain] : value.items()) base[key][name] = domain;
  }
  return base;
}

class Includes {
 public:
  explicit Includes(const ReadBeside& read) : read_(read) {}

  // `path` is relative to the first file's folder, `shown` what messages call it.
  Result<Json> resolve(Json tree, const std::string& path, const std::string& shown) {
    const auto member = tree.find(kInclude);
    if (member == tree.end()) return tree;
    const std::string place = shown + ": /include";
    const auto* named = member->get_ptr<const std::string*>();
    if (named == nullptr || named->empty()) {
      return fail(ErrorCode::kBadInput, place,
                  "found " + describe(*member) + ", expected the path of a sweep file");
    }
    const std::string wanted = *named;
    const fs::path beside = (fs::path(path).parent_path() / wanted).lexically_normal();
    if (fs::path(wanted).is_absolute() || *beside.begin() == "..") {
      return fail(ErrorCode::kBadInput, place,
                  "found \"" + wanted + "\", expected a path within the sweep file's folder",
                  "copy the file beside this one");
    }
    chain_.push_back(path);
    if (std::find(chain_.begin(), chain_.end(), beside.string()) != chain_.end()) {
      return fail(ErrorCode::kBadInput, place,
                  "found \"" + wanted + "\", which includes this file, expected no circle");
    }
    if (chain_.size() >= kMostFiles) {
      return fail(ErrorCode::kBadInput, place,
                  "found a ninth file, expected at most eight that include each other");
    }
    const auto text = read_(beside.string());
    if (!text) {
      return fail(ErrorCode::kBadInput, place, text.error().where + ": " + text.error().what);
    }
    auto base = parse_document(*text, beside.string());
    if (!base) return base;
    base = resolve(std::move(*base), beside.string(), beside.string());
    if (!base) return base;
    tree.erase(kInclude);
    return on_top(std::move(*base), tree);
  }

 private:
  const ReadBeside& read_;
  std::vector<std::string> chain_;
};

tl::unexpected<Error> bad_setting(const std::string& setting, const std::string& what) {
  return fail(ErrorCode::kBadInput, "--set " + setting, what,
              "write --set lr.values=[0.1] or --set run_cap=10");
}

Result<void> set(Json& tree, const std::string& setting) {
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return bad_setting(setting, "found no \"=\", expected PARAMETER.KEY=VALUE or MEMBER=VALUE");
  }
  const std::string path = setting.substr(0, equals);
  const std::string written = setting.substr(equals + 1);
  Json value = Json::parse(written, nullptr, false);
  if (value.is_discarded()) value = written;
  const auto dot = path.rfind('.');
  if (dot == std::string::npos) {
    tree[path] = std::move(value);
    return {};
  }
  const std::string name = path.substr(0, dot);
  const std::string key = path.substr(dot + 1);
  if (name.empty() || key.empty()) {
    return bad_setting(setting, "found \"" + path + "\", expected PARAMETER.KEY");
  }
  Json& parameters = tree[kParametersKey];
  if (parameters.is_null()) parameters = Json::object();
  if (!parameters.is_object()) return bad_setting(setting, "\"parameters\" is no object");
  Json& parameter = parameters[name];
  // A value or a list says all of a parameter; other keys are parts of its distribution.
  if (key == "value" || key == "values" || !parameter.is_object()) parameter = Json::object();
  parameter[key] = std::move(value);
  return {};
}

}  // namespace

Result<std::string> merged_sweep(std::string_view text, std::string_view file_name,
                                 const ReadBeside& read, std::span<const std::string> settings) {
  auto tree = parse_document(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  if (!tree->contains(kInclude) && settings.empty()) return std::string(text);
  const std::string first = fs::path(file_name).filename().string();
  tree = Includes(read).resolve(std::move(*tree), first, std::string(file_name));
  if (!tree) return tl::unexpected(tree.error());
  for (const std::string& setting : settings) {
    if (auto done = set(*tree, setting); !done) return tl::unexpected(done.error());
  }
  return dump_json(*tree);
}

}  // namespace firesweep
