// The result table: each value that is recorded for a finished trial, declared once. It drives the
// wire, the store's columns and views, the leaderboard's columns and the schema page.
//
// To add a result, add a member of TrialResult and an entry here. Results of older builds lack it:
// their column is null, and a message without it leaves the member at its initial value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/domain/metrics.h"

namespace firesweep {

// The member of TrialResult; the alternative is its type.
using ResultMember =
    std::variant<bool TrialResult::*, std::int64_t TrialResult::*, double TrialResult::*,
                 std::optional<double> TrialResult::*, std::string TrialResult::*,
                 std::vector<std::uint8_t> TrialResult::*>;

// The kind of a value. It decides its limits in messages and how it is displayed.
enum class Measure {
  kFraction,  // in [0, 1]
  kLoss,      // nats per image; one that is not finite travels as the largest double
  kWhole,     // a number of epochs: below 2^31
  kCount,     // parameters, MACs
  kSeconds,
  kRate,  // per second
  kBytes,
  kName,    // text
  kFlag,    // true or false
  kBitmap,  // one bit an image
};

struct ResultField {
  std::string_view name;
  ResultMember member;
  Measure measure;
  std::string_view title;            // for people, short
  std::string_view help;             // its meaning, for the schema page
  std::string_view in_views = name;  // name of its column in views; empty: it has none
  bool for_people = false;  // shown in tables if its values differ; otherwise only in csv and json
};

// Every entry, in the order of columns.
std::span<const ResultField> results();

}  // namespace firesweep
