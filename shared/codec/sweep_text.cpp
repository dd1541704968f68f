#include "shared/codec/sweep_text.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "shared/codec/document.h"
#include "shared/codec/json.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"
#include "shared/codec/variables.h"

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

std::string pointer_to(const std::string& key) { return "/" + pointer_token(key); }
std::string pointer_to_parameter(const std::string& name) {
  return pointer_to(kParametersKey) + pointer_to(name);
}

// Who wrote which member last. One thread.
class Authors {
 public:
  // The members of a file on those of the files that it includes.
  void file(const Json& tree, const std::string& file) {
    for (const auto& [key, value] : tree.items()) {
      all_[pointer_to(key)] = {file, false};
      if (key != kParametersKey || !value.is_object()) continue;
      for (const auto& [name, domain] : value.items()) {
        all_[pointer_to_parameter(name)] = {file, false};
      }
    }
  }

  // A member, and whatever was below it.
  void setting(const std::string& pointer, const std::string& words) {
    std::erase_if(all_, [&](const auto& one) { return one.first.starts_with(pointer + "/"); });
    all_[pointer] = {words, true};
  }

  // Without what the first file wrote, and what the member above says already.
  Origins origins(const std::string& first) const {
    Origins origins;
    for (const auto& [pointer, author] : all_) {
      if (author == Author{first, false}) continue;
      const auto above = all_.find(pointer.substr(0, pointer.rfind('/')));
      if (above != all_.end() && above->second == author) continue;
      origins.push_back({pointer, author.first, author.second});
    }
    return origins;
  }

 private:
  using Author = std::pair<std::string, bool>;  // a file, or with true a setting
  std::map<std::string, Author> all_;
};

class Includes {
 public:
  // `folder` is that of the first file.
  Includes(const ReadBeside& read, fs::path folder, Authors& authors)
      : read_(read), folder_(std::move(folder)), authors_(authors) {}

  // `path` is relative to the first file's folder, `shown` what messages call it.
  Result<Json> resolve(Json tree, const std::string& path, const std::string& shown) {
    const auto member = tree.find(kInclude);
    if (member == tree.end()) {
      authors_.file(tree, shown);
      return tree;
    }
    const std::string place = shown + ": /include";
    const auto* named = member->get_ptr<const std::string*>();
    if (named == nullptr || named->empty()) {
      return fail(ErrorCode::kBadInput, place,
                  "found " + describe(*member) + ", expected the path of a sweep file");
    }
    const std::string wanted = *named;
    if (!variables_in(wanted, "/include").empty()) {
      return fail(ErrorCode::kBadInput, place,
                  "found \"" + wanted + "\", expected a path without variables",
                  "a sweep file means the same everywhere: write the path, relative to this file");
    }
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
    const std::string base_shown = (folder_ / beside).string();
    auto base = parse_document(*text, base_shown);
    if (!base) return base;
    base = resolve(std::move(*base), beside.string(), base_shown);
    if (!base) return base;
    tree.erase(kInclude);
    authors_.file(tree, shown);
    return on_top(std::move(*base), tree);
  }

 private:
  const ReadBeside& read_;
  fs::path folder_;
  Authors& authors_;
  std::vector<std::string> chain_;
};

std::string as_set(const std::string& setting) { return "--set " + setting; }

tl::unexpected<Error> bad_setting(const std::string& setting, const std::string& what) {
  return fail(ErrorCode::kBadInput, as_set(setting), what,
              "write --set lr.values=[0.1] or --set run_cap=10");
}

// The shell's variables in quotes that keep them from it.
Result<void> check_variables(const Json& value, const std::string& pointer,
                             const std::string& setting) {
  const auto found = variables_in(value, pointer);
  if (found.empty()) return {};
  const std::string& text = found.front().text;
  const auto at = text.find("${");
  const std::string name = variable_at(std::string_view(text).substr(at < text.size() ? at : 0));
  std::string hint = "the shell replaces a variable in double quotes, not in single ones";
  if (setting.find('"') == std::string::npos) hint += ": --set \"" + setting + "\"";
  return fail(ErrorCode::kBadInput, as_set(setting),
              "found the variable " + (name.empty() ? text : name) + ", expected its value", hint);
}

Result<void> set(Json& tree, const std::string& setting, Authors& authors) {
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return bad_setting(setting, "found no \"=\", expected PARAMETER.KEY=VALUE or MEMBER=VALUE");
  }
  const std::string path = setting.substr(0, equals);
  const std::string written = setting.substr(equals + 1);
  Json value = written;
  if (Json::accept(written)) {
    auto read = parse_json(written, {});
    if (!read) return bad_setting(setting, read.error().what);
    value = std::move(*read);
  }
  const auto dot = path.rfind('.');
  if (dot == std::string::npos) {
    if (auto good = check_variables(value, pointer_to(path), setting); !good) return good;
    tree[path] = std::move(value);
    authors.setting(pointer_to(path), as_set(setting));
    return {};
  }
  const std::string name = path.substr(0, dot);
  const std::string key = path.substr(dot + 1);
  if (name.empty() || key.empty()) {
    return bad_setting(setting, "found \"" + path + "\", expected PARAMETER.KEY");
  }
  if (auto good = check_variables(value, pointer_to_parameter(name), setting); !good) return good;
  Json& parameters = tree[kParametersKey];
  if (parameters.is_null()) parameters = Json::object();
  if (!parameters.is_object()) return bad_setting(setting, "\"parameters\" is no object");
  Json& parameter = parameters[name];
  // A value or a list says all of a parameter; other keys are parts of its distribution.
  const bool all = key == "value" || key == "values" || !parameter.is_object();
  if (all) parameter = Json::object();
  parameter[key] = std::move(value);
  authors.setting(pointer_to_parameter(name) + (all ? "" : pointer_to(key)), as_set(setting));
  return {};
}

}  // namespace

Result<MergedSweep> merged_sweep(std::string_view text, std::string_view file_name,
                                 const ReadBeside& read, std::span<const std::string> settings) {
  auto tree = parse_document(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  if (!tree->contains(kInclude) && settings.empty()) return MergedSweep{std::string(text), {}};
  const fs::path first(file_name);
  Authors authors;
  tree = Includes(read, first.parent_path(), authors)
             .resolve(std::move(*tree), first.filename().string(), first.string());
  if (!tree) return tl::unexpected(tree.error());
  for (const std::string& setting : settings) {
    if (auto done = set(*tree, setting, authors); !done) return tl::unexpected(done.error());
  }
  return MergedSweep{dump_json(*tree), authors.origins(first.string())};
}

}  // namespace firesweep
