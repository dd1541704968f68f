// Plain lines for logs and pipes: one for every trial that ends, and the progress every ten
// seconds.
#pragma once

#include "coordinator/cli/displays.h"

namespace firesweep {

class PlainDisplay final : public Display {
 public:
  void committed(std::span<const Record> records) override;
  void refresh(const Overview& overview) override;
  void knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen) override {
    news_.knows(sweep, std::move(frozen));
  }
  void say(const std::string& line) override;
  void close() override {}

 private:
  TrialNews news_;
  Duration last_line_{0};
  std::string told_trouble_;
};

}  // namespace firesweep
