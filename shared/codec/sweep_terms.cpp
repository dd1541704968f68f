#include "shared/codec/sweep_terms.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/duration.h"

namespace firesweep {
namespace {

std::nullopt_t refused(const JsonNode& node, const std::string& expected, std::string hint = {}) {
  node.refuse(expected, std::move(hint));
  return std::nullopt;
}

struct Unit {
  std::string_view name;
  double size;
};

// In milliseconds.
constexpr Unit kTimes[] = {{"ms", 1},        {"s", 1000},         {"sec", 1000},
                           {"second", 1000}, {"seconds", 1000},   {"m", 60'000},
                           {"min", 60'000},  {"minute", 60'000},  {"minutes", 60'000},
                           {"h", 3'600'000}, {"hour", 3'600'000}, {"hours", 3'600'000}};
constexpr Unit kEpochs[] = {{"epoch", 1}, {"epochs", 1}};
constexpr Unit kBytes[] = {{"B", 1},
                           {"kB", 1e3},
                           {"KB", 1e3},
                           {"MB", 1e6},
                           {"GB", 1e9},
                           {"TB", 1e12},
                           {"KiB", 1024.0},
                           {"MiB", 1024.0 * 1024},
                           {"GiB", 1024.0 * 1024 * 1024},
                           {"TiB", 1024.0 * 1024 * 1024 * 1024}};
constexpr double kMostEpochsBetween = 1e6;

// "20GB" or "20 GB" of one of these units, as a whole number of the smallest; nothing otherwise.
std::optional<std::int64_t> measured(std::string_view text, std::span<const Unit> units) {
  double amount = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (code != std::errc()) return std::nullopt;
  std::string_view name = text.substr(static_cast<std::size_t>(stop - text.data()));
  while (name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units) {
    const double size = amount * unit.size;
    if (unit.name != name || !(size >= 1 && size <= static_cast<double>(kMostBytes))) continue;
    if (unit.size == 1 && size != std::floor(size)) return std::nullopt;
    return std::llround(size);
  }
  return std::nullopt;
}

// What `measured` takes.
std::string amount_pattern(std::span<const Unit> units) {
  std::string names;
  for (const Unit& unit : units) (names += names.empty() ? "" : "|") += unit.name;
  return "^" + std::string(kNumberPattern) + "([eE][+-]?[0-9]+)? *(" + names + ")$";
}

void read_every(const JsonNode& node, CheckpointRules& rules) {
  constexpr std::string_view kExpected =
      "a text such as \"1 epoch\", \"5 epochs\" or \"10 min\" (s, min, h)";
  const auto* text = node.json().get_ptr<const std::string*>();
  if (text == nullptr) return node.refuse(std::string(kExpected));
  if (const auto epochs = measured(*text, kEpochs)) {
    if (static_cast<double>(*epochs) > kMostEpochsBetween) {
      return node.refuse("at most 1000000 epochs");
    }
    rules.every_epochs = *epochs;
  } else if (const auto time = measured(*text, kTimes)) {
    if (*time < 1000 || std::chrono::milliseconds(*time) > kLongestDuration) {
      return node.refuse("1 second to 30 days");
    }
    rules.every = std::chrono::milliseconds(*time);
  } else {
    node.refuse(std::string(kExpected));
  }
}

void read_keep(const JsonNode& node, CheckpointRules& rules) {
  if (node.json() == "last") {
    return node.refuse(one_of(kKept),
                       "which epoch's weights a trial keeps is said by parameters.select");
  }
  if (const auto word = node.word(kKept)) rules.keep_best = *word == "best";
}

void read_max_bytes(const JsonNode& node, CheckpointRules& rules) {
  constexpr std::string_view kExpected =
      "a whole number of bytes from 1, or a text such as \"500MB\" or \"20GiB\"";
  const auto* text = node.json().get_ptr<const std::string*>();
  if (text != nullptr) {
    rules.max_bytes = measured(*text, kBytes);
    if (!rules.max_bytes) node.refuse(std::string(kExpected));
  } else if (node.json().is_number()) {
    rules.max_bytes = node.whole(1, kMostBytes);
  } else {
    node.refuse(std::string(kExpected));
  }
}

}  // namespace

std::string every_pattern() {
  std::vector<Unit> units(std::begin(kEpochs), std::end(kEpochs));
  units.insert(units.end(), std::begin(kTimes), std::end(kTimes));
  return amount_pattern(units);
}

std::string max_bytes_pattern() { return amount_pattern(kBytes); }

std::optional<CheckpointRules> read_checkpoint(const JsonNode& node) {
  if (!node.json().is_object() || node.json().empty()) {
    return refused(node, "an object with \"every\", \"keep\" or \"max_bytes\"",
                   "`firesweep explain checkpoint` explains them");
  }
  if (!node.is_object_of(kCheckpointKeys)) return std::nullopt;
  CheckpointRules rules;
  if (const auto every = node.find("every")) read_every(*every, rules);
  if (const auto keep = node.find("keep")) read_keep(*keep, rules);
  if (const auto most = node.find("max_bytes")) read_max_bytes(*most, rules);
  return rules;
}

std::optional<Constraint> read_constraint(const JsonNode& node) {
  const auto text = node.text();
  if (!text) return std::nullopt;
  auto constraint = parse_constraint(*text);
  if (constraint) return std::move(*constraint);
  return refused(node, "a comparison such as \"params <= 8_000_000\": " + constraint.error().what,
                 constraint.error().hint);
}

std::optional<std::chrono::milliseconds> read_duration(const JsonNode& node) {
  constexpr std::string_view kExpected =
      "a duration such as 90 (seconds), \"90m\", \"2h\" or \"1h30m\"";
  std::optional<std::chrono::milliseconds> length;
  if (node.json().is_string()) {
    const auto text = node.text();
    if (!text) return std::nullopt;
    const bool unit = !text->empty() && text->back() >= 'a' && text->back() <= 'z';
    if (unit) length = parse_duration(*text);
  } else if (node.json().is_number()) {
    const auto seconds = node.real();
    if (!seconds) return std::nullopt;
    const double most = seconds_in(kLongestDuration);
    length = std::chrono::milliseconds(std::llround(std::clamp(*seconds, 0.0, 2 * most) * 1000));
  }
  if (!length) return refused(node, std::string(kExpected));
  if (length->count() < 1 || *length > kLongestDuration) {
    return refused(node, std::string(kExpected), "above 0 and at most 30 days");
  }
  return length;
}

}  // namespace firesweep
