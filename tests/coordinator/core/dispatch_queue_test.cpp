#include "coordinator/core/dispatch_queue.h"

#include <gtest/gtest.h>

#include <numeric>

namespace firesweep {
namespace {

// Takes numbers whose kind is `kind` ("even" or "odd"), or any where it is empty.
Taker taker(std::string kind = {}) {
  return {
      .returned = [](std::int64_t) { return true; },
      .untouched = [](std::int64_t) { return true; },
      .kind = [](std::int64_t number) -> std::string { return number % 2 == 0 ? "even" : "odd"; },
      .fits = [kind](const std::string& other) { return kind.empty() || kind == other; }};
}

TEST(DispatchQueue, GivesTheOrderOfDispatch) {
  DispatchQueue queue;
  queue.start({3, 1, 2});
  EXPECT_EQ(queue.take(taker()), 3);
  EXPECT_EQ(queue.take(taker()), 1);
  EXPECT_EQ(queue.take(taker()), 2);
  EXPECT_EQ(queue.take(taker()), std::nullopt);
}

TEST(DispatchQueue, WhatCameBackGoesFirst) {
  DispatchQueue queue;
  queue.start({3, 1, 2});
  EXPECT_EQ(queue.take(taker()), 3);
  queue.put_back(3);
  EXPECT_EQ(queue.take(taker()), 3);
  queue.put_back(3);
  queue.remove(3);
  EXPECT_EQ(queue.take(taker()), 1);
}

TEST(DispatchQueue, WhatCameBackWaitsForATakerThatMayHaveIt) {
  DispatchQueue queue;
  queue.start({1});
  EXPECT_EQ(queue.take(taker()), 1);
  queue.put_back(1);
  Taker other = taker();
  other.returned = [](std::int64_t) { return false; };
  EXPECT_EQ(queue.take(other), std::nullopt);
  EXPECT_EQ(queue.take(taker()), 1);
}

TEST(DispatchQueue, WhatWasPassedOverIsKeptForThoseItFits) {
  DispatchQueue queue;
  queue.start({2, 4, 1, 6, 3});
  EXPECT_EQ(queue.take(taker("odd")), 1);
  EXPECT_EQ(queue.passed_over(), std::vector<std::string>{"even"});
  EXPECT_EQ(queue.take(taker("even")), 2);
  EXPECT_EQ(queue.take(taker()), 4);
  EXPECT_EQ(queue.take(taker("odd")), 3);
  EXPECT_EQ(queue.take(taker("odd")), std::nullopt);
  EXPECT_EQ(queue.take(taker("even")), 6);
}

TEST(DispatchQueue, TouchedOnesAreSkipped) {
  DispatchQueue queue;
  queue.start({1, 2, 3});
  Taker after_restart = taker();
  after_restart.untouched = [](std::int64_t number) { return number == 3; };
  EXPECT_EQ(queue.take(after_restart), 3);
  EXPECT_EQ(queue.take(after_restart), std::nullopt);
}

TEST(DispatchQueue, ALookIsBounded) {
  std::vector<std::int64_t> order(10 * DispatchQueue::kLongestLook, 2);
  order.push_back(1);
  DispatchQueue queue;
  queue.start(order);
  int looks = 1;
  while (!queue.take(taker("odd"))) ++looks;
  EXPECT_EQ(looks, 11);
}

}  // namespace
}  // namespace firesweep
