// A scheduler with one sweep whose first trial is leased to one worker.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <variant>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {

template <class State>
bool is(const TrialState& state) {
  return std::holds_alternative<State>(state);
}

// One sweep, one worker; the first trial is leased to it.
class OneWorker : public ::testing::Test {
 protected:
  void begin(std::shared_ptr<FrozenSweep> sweep) {
    h.submit(std::move(sweep));
    a.hello();
    key = a.assigned();
  }
  std::int64_t number() const { return number_of(key.trial); }
  TrialState state() const { return h.state(number()); }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
  TrialKey key;
};

// Silence long enough to lose a lease, with `b` beating where it takes part.
inline constexpr Duration kBeyondLease = seconds(16);

}  // namespace firesweep::testing
