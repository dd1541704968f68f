// A scheduler with one sweep and two workers, each of which runs a trial.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {

inline report::Progressed scored(std::int64_t epoch, double val_accuracy) {
  EpochMetrics metrics;
  metrics.epoch = epoch;
  metrics.val_accuracy = val_accuracy;
  metrics.seconds = 1;
  return {metrics};
}

class TwoWorkers : public ::testing::Test {
 protected:
  void submit(std::shared_ptr<FrozenSweep> frozen) {
    harness_.submit(std::move(frozen));
    one_.hello();
    first_ = one_.assigned();
    one_.started(first_);
    two_.hello();
    second_ = two_.assigned();
    two_.started(second_);
  }
  TrialState state(TrialKey key) const { return harness_.state(number_of(key.trial)); }

  Harness harness_;
  FakeWorker one_{harness_, 1, "a/0"};
  FakeWorker two_{harness_, 2, "b/0"};
  TrialKey first_;
  TrialKey second_;
};

}  // namespace firesweep::testing
