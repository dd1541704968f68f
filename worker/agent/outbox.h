// Reports until they are acknowledged. It numbers them and remembers when each was last sent; it
// sends nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "shared/base/clock.h"
#include "shared/wire/messages.h"

namespace firesweep {

// True for the report that ends an attempt: finished, errored, handed back or returned.
bool ends_attempt(const ReportBody& body);

// Bytes the report takes on the wire, roughly and never far below.
std::size_t rough_bytes(const Report& report);

// Not thread-safe.
class Outbox {
 public:
  // Keeps a report under the next number (1, 2, …).
  void add(TrialKey key, ReportBody body);

  // Removes and returns the report of that number; nothing where it is gone already.
  std::optional<Report> acknowledge(std::uint64_t number);

  // Removes every report about the attempt.
  void drop(TrialKey key);

  // Removes all reports; their numbers are not given again.
  void clear() { kept_.clear(); }

  // Reports to be sent now, in order of number; they count as sent at `now`.
  std::vector<Report> take_all(Duration now);
  // Those sent last at or before `now - resend_after`, and where `unsent`, those never sent.
  std::vector<Report> take_due(Duration now, Duration resend_after, bool unsent);

  bool has_unsent() const;
  // Steady time at which the first report that was sent is to be sent again.
  std::optional<Duration> next_resend(Duration resend_after) const;
  std::size_t size() const { return kept_.size(); }
  bool empty() const { return kept_.empty(); }

 private:
  struct Kept {
    Report report;
    std::optional<Duration> sent;
  };
  std::map<std::uint64_t, Kept> kept_;
  std::uint64_t last_number_ = 0;
};

}  // namespace firesweep
