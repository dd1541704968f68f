// When a worker leaves of its own accord, as its user has said.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

struct LeaveWhen {
  std::optional<std::chrono::milliseconds> idle_exit{};  // no slot had a trial for so long
  std::optional<std::int64_t> max_trials{};              // so many trials ended, over all slots
  std::optional<std::chrono::milliseconds> until{};  // by then all is handed back; since 1970 UTC
  std::string notice_command{};                      // empty: none; for /bin/sh
  friend bool operator==(const LeaveWhen&, const LeaveWhen&) = default;
};

// Reads "18:00" or "18:00:30" (the next such time), "2026-11-27T18:00", also with seconds or a
// blank for the T, both local time (TZ); seconds since 1970 ("1795800000"); and "3h50m", from now.
// kBadInput at --until for any other text, and for a time that is not after `now`, which like the
// result counts since 1970 UTC.
Result<std::chrono::milliseconds> parse_until(const std::string& text,
                                              std::chrono::milliseconds now);

}  // namespace firesweep
