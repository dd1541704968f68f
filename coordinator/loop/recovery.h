// What is in the way of the database, for how long, and when it is opened again.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "shared/base/clock.h"

namespace firesweep {

// At first nothing is in the way. Not thread-safe.
class Recovery {
 public:
  // A commit's outcome is not known, or the database cannot be read; `why` in words. The next try
  // is 100 ms away, then twice as far each time, at most 5 s.
  void begin(std::string why, Duration now);
  // The database was read: what it holds is known again. Whether it can be written is not, so that
  // the trouble stays, and the next failure waits longer than this one.
  void end() { under_way_ = false; }
  // It can be read, but refuses what belongs into it.
  void note(std::string trouble) { trouble_ = std::move(trouble); }
  // A commit succeeded.
  void clear();

  bool under_way() const { return under_way_; }
  // While it is under way: the steady time of the next try.
  Duration retry_at() const { return retry_at_; }
  // What people are told, in words; empty where nothing is in the way.
  const std::string& trouble() const { return trouble_; }
  // How often it began, ever.
  std::int64_t failures() const { return failures_; }

 private:
  std::string trouble_;
  bool under_way_ = false;
  Duration retry_at_{0};
  Duration back_off_{0};
  std::int64_t failures_ = 0;
};

}  // namespace firesweep
