#include "shared/codec/sweep_draft.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "shared/base/utf8.h"
#include "shared/codec/json_text.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_keys.h"
#include "shared/domain/choices.h"

namespace firesweep {
namespace {

constexpr std::string_view kParameters = "parameters";

// A comment holds no line feed, and nothing that a terminal obeys.
std::string one_line(std::string_view text) {
  std::string line = printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

// `{"min": 1, "max": 2}`: as people write JSON on one line.
std::string on_one_line(const Json& json) {
  if (!json.is_structured()) return dump_json(json);
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (!text.empty()) text += ", ";
    if (json.is_object()) text += dump_json(Json(key)) + ": ";
    text += on_one_line(value);
  }
  return json.is_object() ? "{" + text + "}" : "[" + text + "]";
}

// The members in the order in which they are explained; the decoder is to see the others too.
std::vector<std::string> keys_in_order(const Json& members) {
  std::vector<std::string> keys;
  for (const SweepKey& key : kSweepKeys) {
    if (members.contains(std::string(key.name))) keys.emplace_back(key.name);
  }
  for (const auto& [key, value] : members.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  return keys;
}

}  // namespace

SweepDraft::SweepDraft() : members_(Json::object()) {
  members_["method"] = to_string(Method::kGrid);
  members_["dataset"] = to_string(DatasetName{});
  members_[std::string(kParameters)] = Json::object();
}

std::optional<Error> SweepDraft::set(std::string_view key, Json value, std::string_view remark) {
  Json former = members_;
  members_[std::string(key)] = std::move(value);
  return keep_if_good(std::move(former), "/" + std::string(key), remark);
}

std::optional<Error> SweepDraft::set_parameter(std::string_view name, Json value,
                                               std::string_view remark) {
  Json former = members_;
  members_[std::string(kParameters)][std::string(name)] = std::move(value);
  return keep_if_good(std::move(former), "/parameters/" + std::string(name), remark);
}

void SweepDraft::head(std::string_view lines) {
  head_.clear();
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    head_ += "// " + one_line(line) + "\n";
  }
}

std::optional<Error> SweepDraft::keep_if_good(Json former, std::string_view pointer,
                                              std::string_view remark) {
  const auto known = remarks_.find(pointer);
  const std::string before = known == remarks_.end() ? "" : known->second;
  remarks_[std::string(pointer)] = one_line(remark);
  const auto spec = decode_sweep(text(), "sweep.json");
  if (spec) return std::nullopt;
  members_ = std::move(former);
  remarks_[std::string(pointer)] = before;
  return spec.error();
}

std::string SweepDraft::text() const {
  struct Line {
    std::string text;
    std::string pointer;
    bool last = false;  // of its object: no comma follows
  };
  std::vector<Line> lines;
  const auto add = [&](const std::string& key) {
    const Json& value = members_[key];
    const std::string pointer = "/" + key;
    const std::string name = "  " + dump_json(Json(key)) + ": ";
    if (key != kParameters || value.empty()) {
      lines.push_back({name + on_one_line(value), pointer, false});
      return;
    }
    lines.push_back({name + "{", {}, true});
    for (const auto& [parameter, domain] : value.items()) {
      lines.push_back({"    " + dump_json(Json(parameter)) + ": " + on_one_line(domain),
                       pointer + "/" + parameter, false});
    }
    lines.back().last = true;
    lines.push_back({"  }", pointer, false});
  };
  for (const std::string& key : keys_in_order(members_)) add(key);
  lines.back().last = true;
  std::string text = head_ + "{\n";
  for (const Line& line : lines) {
    const auto remark = remarks_.find(line.pointer);
    const bool silent = remark == remarks_.end() || remark->second.empty();
    text += line.text + (line.last ? "" : ",") + (silent ? "" : "  // " + remark->second) + "\n";
  }
  return text + "}\n";
}

}  // namespace firesweep
