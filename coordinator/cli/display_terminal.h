// A display that updates in place: a progress bar per unfinished sweep and a line per worker.
// Finished trials scroll above it.
#pragma once

#include <string>
#include <vector>

#include "coordinator/cli/displays.h"

namespace firesweep {

class TerminalDisplay final : public Display {
 public:
  TerminalDisplay();
  ~TerminalDisplay() override;
  void committed(std::span<const Record> records) override;
  void refresh(const Overview& overview) override;
  void knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen) override {
    news_.knows(sweep, std::move(frozen));
  }
  void say(const std::string& line) override;
  void close() override;

 private:
  void erase();
  void paint();

  TrialNews news_;
  std::vector<std::string> scrolled_;  // to be printed above the picture at the next paint
  std::vector<std::string> picture_;
  std::vector<std::size_t> painted_;  // widths of the picture's lines now on the screen
  Duration last_paint_{0};
  bool closed_ = false;
};

// The display's lines in full width. Pure.
std::vector<std::string> picture_of(const Overview& overview);

}  // namespace firesweep
