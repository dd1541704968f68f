#include "shared/wire/checker.h"

#include <cmath>
#include <sstream>

namespace firesweep {
namespace {

std::string text_of(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string too_long(const std::string& value, std::size_t most) {
  return "found " + std::to_string(value.size()) + " bytes, expected at most " +
         std::to_string(most);
}

}  // namespace

std::int64_t Checker::whole(std::string_view field, std::int64_t value, std::int64_t most,
                            std::int64_t least) {
  if (value < least || value > most) {
    fail(field, "found " + std::to_string(value) + ", expected " +
                    (most == kAnyId ? "at least " + std::to_string(least)
                                    : std::to_string(least) + " to " + std::to_string(most)));
  }
  return value;
}

double Checker::finite(std::string_view field, double value) {
  if (!std::isfinite(value)) fail(field, "found " + text_of(value) + ", expected a finite number");
  return value;
}

double Checker::not_negative(std::string_view field, double value) {
  if (!std::isfinite(value) || value < 0) {
    fail(field, "found " + text_of(value) + ", expected a finite number of at least 0");
  }
  return value;
}

double Checker::fraction(std::string_view field, double value) {
  if (!(value >= 0 && value <= 1)) {
    fail(field, "found " + text_of(value) + ", expected a fraction in [0, 1]");
  }
  return value;
}

std::string Checker::name(std::string_view field, const std::string& value) {
  if (value.size() > kMaxNameBytes) fail(field, too_long(value, kMaxNameBytes));
  return value;
}

std::string Checker::text(std::string_view field, const std::string& value) {
  if (value.size() > kMaxTextBytes) fail(field, too_long(value, kMaxTextBytes));
  return value;
}

std::string Checker::bitmap(std::string_view field, const std::string& value) {
  if (value.size() > kMaxBitmapBytes) fail(field, too_long(value, kMaxBitmapBytes));
  return value;
}

bool Checker::number_of(std::string_view field, int count, int most) {
  if (count <= most) return true;
  fail(field,
       "found " + std::to_string(count) + " entries, expected at most " + std::to_string(most));
  return false;
}

void Checker::fail(std::string_view field, std::string what, std::string hint) {
  if (failed_) return;
  failed_ = true;
  error_ = {ErrorCode::kBadInput, where(field), std::move(what), std::move(hint)};
}

void Checker::fail(const Error& error) {
  if (failed_) return;
  failed_ = true;
  error_ = error;
}

std::string Checker::where(std::string_view field) const {
  std::string path;
  const auto add = [&path](std::string_view step) {
    if (!path.empty()) path += '/';
    path += step;
  };
  for (const Step& step : path_) {
    add(step.name);
    if (step.index >= 0) add(std::to_string(step.index));
  }
  if (!field.empty()) add(field);
  return path;
}

}  // namespace firesweep
