#include "coordinator/core/dispatch_queue.h"

#include <gtest/gtest.h>

#include <numeric>

namespace firesweep {
namespace {

// Lets numbers through whose kind is `kind` ("even" or "odd"), or any where it is empty.
TrialFilter only(std::string kind = {}) {
  return {
      .returned = [](std::int64_t) { return true; },
      .untouched = [](std::int64_t) { return true; },
      .kind = [](std::int64_t number) -> std::string { return number % 2 == 0 ? "even" : "odd"; },
      .fits = [kind](const std::string& other) { return kind.empty() || kind == other; }};
}

std::optional<std::int64_t> take(DispatchQueue& queue, const TrialFilter& filter) {
  const DispatchQueue::Found found = queue.search(filter);
  queue.settle(found, filter.untouched);
  return found.number;
}

TEST(DispatchQueue, ASearchChangesNothing) {
  DispatchQueue queue;
  queue.start({2, 1});
  EXPECT_EQ(queue.search(only("odd")).number, 1);
  EXPECT_EQ(queue.search(only("odd")).number, 1);
  EXPECT_TRUE(queue.passed_over().empty());
}

TEST(DispatchQueue, GivesTheOrderOfDispatch) {
  DispatchQueue queue;
  queue.start({3, 1, 2});
  EXPECT_EQ(take(queue, only()), 3);
  EXPECT_EQ(take(queue, only()), 1);
  EXPECT_EQ(take(queue, only()), 2);
  EXPECT_EQ(take(queue, only()), std::nullopt);
}

TEST(DispatchQueue, WhatCameBackGoesFirst) {
  DispatchQueue queue;
  queue.start({3, 1, 2});
  EXPECT_EQ(take(queue, only()), 3);
  queue.put_back(3);
  EXPECT_EQ(take(queue, only()), 3);
  queue.put_back(3);
  queue.remove(3);
  EXPECT_EQ(take(queue, only()), 1);
}

TEST(DispatchQueue, WhatIsPromotedGoesAfterWhatCameBackAndBeforeTheRest) {
  DispatchQueue queue;
  queue.start({3, 1, 2});
  EXPECT_EQ(take(queue, only()), 3);
  EXPECT_EQ(take(queue, only()), 1);
  TrialFilter filter = only();
  filter.promoted = [] { return std::optional<std::int64_t>(1); };
  queue.put_back(3);
  EXPECT_EQ(take(queue, filter), 3);
  EXPECT_EQ(take(queue, filter), 1);
  filter.promoted = [] { return std::optional<std::int64_t>(); };
  EXPECT_EQ(take(queue, filter), 2);
}

TEST(DispatchQueue, WhatCameBackWaitsForAWorkerThatMayHaveIt) {
  DispatchQueue queue;
  queue.start({1});
  EXPECT_EQ(take(queue, only()), 1);
  queue.put_back(1);
  TrialFilter other = only();
  other.returned = [](std::int64_t) { return false; };
  EXPECT_EQ(take(queue, other), std::nullopt);
  EXPECT_EQ(take(queue, only()), 1);
}

TEST(DispatchQueue, WhatWasPassedOverIsKeptForThoseItFits) {
  DispatchQueue queue;
  queue.start({2, 4, 1, 6, 3});
  EXPECT_EQ(take(queue, only("odd")), 1);
  EXPECT_EQ(queue.passed_over(), std::vector<std::string>{"even"});
  EXPECT_EQ(take(queue, only("even")), 2);
  EXPECT_EQ(take(queue, only()), 4);
  EXPECT_EQ(take(queue, only("odd")), 3);
  EXPECT_EQ(take(queue, only("odd")), std::nullopt);
  EXPECT_EQ(take(queue, only("even")), 6);
}

TEST(DispatchQueue, TouchedOnesAreSkipped) {
  DispatchQueue queue;
  queue.start({1, 2, 3});
  TrialFilter after_restart = only();
  after_restart.untouched = [](std::int64_t number) { return number == 3; };
  EXPECT_EQ(take(queue, after_restart), 3);
  EXPECT_EQ(take(queue, after_restart), std::nullopt);
}

TEST(DispatchQueue, ALookIsBounded) {
  std::vector<std::int64_t> order(10 * DispatchQueue::kLongestLook, 2);
  order.push_back(1);
  DispatchQueue queue;
  queue.start(order);
  int looks = 1;
  while (!take(queue, only("odd"))) ++looks;
  EXPECT_EQ(looks, 11);
}

}  // namespace
}  // namespace firesweep
