#include "coordinator/report/render/human.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <utility>
#include <variant>

namespace firesweep {
namespace {

// Three significant digits, trailing zeros kept: 1.28, 53.8, 318.
std::string three_digits(double number, const char* suffix) {
  const int before = number < 9.995 ? 1 : number < 99.95 ? 2 : 3;
  return human_fixed(number, 3 - before, suffix);
}

std::string scaled(double number, double base, const std::array<const char*, 5>& suffixes) {
  std::size_t step = 0;
  while (step + 1 < suffixes.size() && std::abs(number) >= base * 0.9995) {
    number /= base;
    ++step;
  }
  if (step == 0) return human_fixed(number, 0, suffixes[0]);
  return three_digits(number, suffixes[step]);
}

std::string utc(std::int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  std::strftime(buffer.data(), buffer.size(), "%F %T", &parts);
  return buffer.data();
}

// As it was typed where that is short, else to five digits: a drawn learning rate, a loss.
std::string short_number(const Value& value) {
  constexpr std::size_t kShort = 8;
  std::string text = to_string(value);
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || text.size() <= kShort || !std::isfinite(*number)) return text;
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.5g", *number);
  return buffer.data();
}

double as_number(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return 0;
}

}  // namespace

std::string human(const Cell& cell, Unit unit) {
  if (!cell) return "–";
  if (std::holds_alternative<std::string>(*cell)) return std::get<std::string>(*cell);
  switch (unit) {
    case Unit::kText:
    case Unit::kWhole:
      return to_string(*cell);
    case Unit::kNumber:
      return short_number(*cell);
    case Unit::kCount:
      return human_number(as_number(*cell));
    case Unit::kFraction:
      return human_percent(as_number(*cell));
    case Unit::kSeconds:
      return human_duration(as_number(*cell));
    case Unit::kRate:
      return human_fixed(as_number(*cell), as_number(*cell) < 10 ? 1 : 0);
    case Unit::kBytes:
      return scaled(as_number(*cell), 1000, {" B", " kB", " MB", " GB", " TB"});
    case Unit::kFlag:
      return as_number(*cell) != 0 ? "yes" : "no";
    case Unit::kTimeMs:
      return utc(static_cast<std::int64_t>(as_number(*cell)));
  }
  return {};
}

std::string human_fixed(double number, int decimals, const char* suffix) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f%s", decimals, number, suffix);
  return buffer.data();
}

std::string human_percent(double fraction, int decimals) {
  return human_fixed(100 * fraction, decimals, " %");
}

std::string human_number(double number) {
  return scaled(number, 1000, {"", " k", " M", " G", " T"});
}

std::string human_duration(double seconds) {
  if (seconds < 59.95) return human_fixed(seconds, 1, " s");
  const auto whole = static_cast<long long>(std::llround(seconds));
  std::array<char, 48> buffer{};
  if (whole < 3600) {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld", whole / 60, whole % 60);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  }
  return buffer.data();
}

std::string human_whole(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

}  // namespace firesweep
