// The result table: each thing that is recorded of a finished trial, declared once. It drives the
// wire, the store's columns and views, the leaderboard's columns and the schema page.
//
// A new one is a member of TrialResult and an entry here. Results of older builds lack it: a column
// of an older row is null, and a message without it leaves the member as it is made.
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

// Where an entry lives in TrialResult; the alternative is its type.
using ResultMember =
    std::variant<bool TrialResult::*, std::int64_t TrialResult::*, double TrialResult::*,
                 std::optional<double> TrialResult::*, std::string TrialResult::*,
                 std::vector<std::uint8_t> TrialResult::*>;

// What its values are: how they are bounded between peers, and how people are shown them.
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
  std::string_view help;             // what it is, as the schema page says it
  std::string_view in_views = name;  // its column's name there; empty: it has none
  bool for_people = false;           // shown in a table where it varies, not in csv and json alone
};

// Every entry, in the order of columns.
std::span<const ResultField> results();

}  // namespace firesweep
