// What a person sees while a sweep runs.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "coordinator/core/overview.h"
#include "coordinator/server/coordinator.h"
#include "shared/base/clock.h"

namespace firesweep {

// Told of every durable record and, a few times a second, of the present. Single-threaded.
class Display : public Observer {
 public:
  virtual void refresh(const Overview& overview) = 0;
  // Introduces a sweep that was in the database before this process, so that its trials can be
  // named.
  virtual void knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen) = 0;
  // Says a line that stays (above any picture).
  virtual void say(const std::string& line) = 0;
  // Leaves the screen as a finished text.
  virtual void close() = 0;
};

enum class Shows { kPicture, kPlainLines, kNothing };

// A picture repainted in place where standard output is a terminal that can, plain lines where it
// is not, where TERM is unset or "dumb", and where they are asked for.
std::unique_ptr<Display> make_display(Shows wanted);

// Whether a terminal called so (the value of TERM; null: unset) can be painted in place. Pure.
bool can_paint(const char* term);

// Keeps what is needed to tell of trials as they end; shared by both displays.
class TrialNews {
 public:
  void knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen);
  // One line for what people want to know (an end, a loss, a failure), or empty.
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
