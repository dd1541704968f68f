#include "shared/codec/config_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

constexpr std::size_t kUsualBytes = 1024;
constexpr std::size_t kLongestNumber = 64;

// Stands in a JSON string as it is.
bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

ConfigText::ConfigText() {
  text_.reserve(kUsualBytes);
  text_ = "{";
}

ConfigText& ConfigText::member(std::string_view member, std::int64_t number) {
  name(member);
  value(number);
  return *this;
}

ConfigText& ConfigText::member(std::string_view member, std::string_view text) {
  name(member);
  value(text);
  return *this;
}

ConfigText& ConfigText::member(std::string_view member,
                               const std::map<std::string, Value>& values) {
  name(member);
  text_ += '{';
  for (const auto& [key, held] : values) {
    name(key);
    std::visit([this](const auto& one) { value(one); }, held);
  }
  text_ += '}';
  return *this;
}

ConfigText& ConfigText::member_as_written(const TrialConfig& config, const Field& field) {
  if (field.since == 1) return member(config, field);
  const auto known = written(field, get_field(config, field));
  if (!known) return *this;
  name(known->name);
  std::visit([this](const auto& one) { value(one); }, known->value);
  return *this;
}

ConfigText& ConfigText::member(const TrialConfig& config, const Field& field) {
  if (text_.back() != '{') text_ += ',';
  text_ += '"';
  text_ += field.name;  // a word of ours
  text_ += "\":";
  std::visit([&](auto node) { value(config.*node); }, field.member);
  return *this;
}

std::string ConfigText::done() {
  text_ += '}';
  return std::move(text_);
}

void ConfigText::name(std::string_view name) {
  if (text_.back() != '{') text_ += ',';
  value(name);
  text_ += ':';
}

void ConfigText::value(bool value) { text_ += value ? "true" : "false"; }

void ConfigText::value(std::int64_t value) {
  char digits[kLongestNumber];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  text_.append(digits, end);
}

// As the library writes numbers: hashes stand on its digits, which are not always the shortest.
void ConfigText::value(double value) {
  if (!std::isfinite(value)) {
    text_ += "null";
    return;
  }
  char digits[kLongestNumber];
  char* const end = nlohmann::detail::to_chars(std::begin(digits), std::end(digits), value);
  text_.append(digits, end);
}

void ConfigText::value(Protocol choice) { value(to_string(choice)); }

void ConfigText::value(std::string_view value) {
  if (!std::all_of(value.begin(), value.end(), is_plain)) {
    text_ += dump_json(Json(value));
    return;
  }
  text_ += '"';
  text_ += value;
  text_ += '"';
}

}  // namespace firesweep
