#include "coordinator/web/exposition.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include "shared/base/utf8.h"

namespace firesweep {
namespace {

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";

bool legal_name(std::string_view name) {
  return !name.empty() && (name.front() < '0' || name.front() > '9') &&
         name.find_first_not_of(kNameCharacters) == std::string_view::npos;
}

// Well-formed, with backslashes before `special` characters, and line ends as \n.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : well_formed(text)) {
    if (special.find(c) != std::string_view::npos) result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::string labels_text(const Labels& labels) {
  if (labels.empty()) return {};
  std::string text = "{";
  for (const auto& [name, value] : labels) {
    assert(legal_name(name) && name.find(':') == std::string_view::npos);
    if (text.size() > 1) text += ",";
    text += std::string(name) + "=\"" + escaped(value, "\\\"") + "\"";
  }
  return text + "}";
}

}  // namespace

std::string_view to_string(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return {};
}

void Samples::add(const Labels& labels, double value) { add_series(labels_text(labels), value); }

void Samples::add_series(const std::string& text, double value) {
  const auto [known, fresh] = index_.try_emplace(text, series_.size());
  if (fresh) {
    series_.push_back({text, value});
  } else {
    series_[known->second].value += value;
  }
}

void Samples::add_histogram(std::span<const double> bounds, std::span<const std::int64_t> counts,
                            double sum) {
  assert(counts.size() == bounds.size() + 1);
  std::int64_t below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const std::string bound = i < bounds.size() ? number_text(bounds[i]) : "+Inf";
    add_series("_bucket" + labels_text({{"le", bound}}), static_cast<double>(below));
  }
  add_series("_sum", sum);
  add_series("_count", static_cast<double>(below));
}

void Exposition::add(std::string_view name, MetricKind kind, std::string_view help,
                     const Samples& samples) {
  assert(legal_name(name));
  text_.append("# HELP ").append(name).append(" ").append(escaped(help, "\\")).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(to_string(kind)).append("\n");
  for (const Samples::Series& series : samples.series_) {
    text_.append(name).append(series.text).append(" ").append(number_text(series.value));
    text_.append("\n");
  }
}

}  // namespace firesweep
