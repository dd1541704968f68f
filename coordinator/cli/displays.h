// What the user sees while a sweep runs.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "coordinator/core/overview.h"
#include "coordinator/server/coordinator.h"
#include "shared/base/clock.h"

namespace firesweep {

// Gets every durable record and, a few times per second, the current overview. Single-threaded.
class Display : public Observer {
 public:
  virtual void refresh(const Overview& overview) = 0;
  // Tells it about a sweep that was in the database before this process started, so that it can
  // name its trials.
  virtual void knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen) = 0;
  // Prints a line that stays (above any display).
  virtual void say(const std::string& line) = 0;
  // Ends the display; the text on the screen stays.
  virtual void close() = 0;
};

enum class DisplayKind { kPicture, kPlainLines, kNothing };

// A display that updates in place if standard output is a terminal that supports it. Otherwise, or
// if TERM is unset or "dumb", or if the user wants it, plain lines.
std::unique_ptr<Display> make_display(DisplayKind wanted);

// Whether a terminal of this type (the value of TERM; null: unset) supports updates in place. Pure.
bool can_paint(const char* term);

// Makes the lines about trials that end, or lose what they had; used by both displays.
class TrialNews {
 public:
  void knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen);
  // One line for a record that matters to users (an end, a loss, a failure, a beginning from
  // nothing), or empty.
  std::string line_for(const Record& record);

 private:
  struct Known {
    std::string label;
    std::string worker;
  };
  std::map<SweepId, std::shared_ptr<const FrozenSweep>> sweeps_;
  std::map<TrialId, Known> trials_;
};

}  // namespace firesweep
