#include "coordinator/server/request_queue.h"

#include <gtest/gtest.h>

#include "shared/wire/bounds.h"

namespace firesweep {
namespace {

WaitingRequest asked_by(const std::string& peer, std::size_t bytes = 100) {
  return {peer, {kClientProtocolVersion, request::Status{}}, bytes};
}

std::string peers_in(RequestQueue& queue) {
  std::string all;
  while (const auto next = queue.next()) all += next->peer;
  return all;
}

TEST(RequestQueue, SendersTakeTurnsAndEachKeepsItsOrder) {
  RequestQueue queue;
  for (const char* peer : {"1", "2", "3", "4"}) EXPECT_TRUE(queue.add("flooder", asked_by(peer)));
  EXPECT_TRUE(queue.add("person", asked_by("p")));
  EXPECT_TRUE(queue.add("person", asked_by("q")));
  EXPECT_EQ(peers_in(queue), "1p2q34");
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.next());
}

TEST(RequestQueue, WhatASenderHasWaitingIsBoundedAndOthersStillAsk) {
  RequestQueue queue;
  std::size_t taken = 0;
  while (queue.add("flooder", asked_by("f"))) ++taken;
  EXPECT_EQ(taken, RequestQueue::kMostOfASender);
  EXPECT_TRUE(queue.add("person", asked_by("p")));
  ASSERT_TRUE(queue.next());
  EXPECT_TRUE(queue.add("flooder", asked_by("f"))) << "there is room again";
  EXPECT_FALSE(queue.add("flooder", asked_by("f")));
}

TEST(RequestQueue, TheLargestMessageFitsAndASecondOfItsSenderWaitsOutside) {
  RequestQueue queue;
  EXPECT_TRUE(queue.add("a", asked_by("1", kMaxMessageBytes)));
  EXPECT_FALSE(queue.add("a", asked_by("2", kMaxMessageBytes)));
  EXPECT_TRUE(queue.add("a", asked_by("3")));
  int others = 0;
  while (queue.add(std::to_string(others), asked_by("x", kMaxMessageBytes))) ++others;
  EXPECT_EQ(others, 2) << "32 MiB in all";
  EXPECT_EQ(peers_in(queue), "1xx3");
  EXPECT_TRUE(queue.add("a", asked_by("4", kMaxMessageBytes))) << "nothing of it is counted twice";
}

TEST(RequestQueue, OfManySendersABoundedNumberWaits) {
  RequestQueue queue;
  std::size_t taken = 0;
  while (queue.add(std::to_string(taken), asked_by("x"))) ++taken;
  EXPECT_EQ(taken, RequestQueue::kMost);
}

}  // namespace
}  // namespace firesweep
