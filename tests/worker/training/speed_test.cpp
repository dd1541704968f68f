#include "worker/training/speed.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/worker/training/synthetic.h"

namespace firesweep {
namespace {

ProbeOrder order_of(int slots) {
  ProbeOrder order;
  order.architecture = small_architecture(10);
  order.config.batch_size = 8;
  order.config.amp = "off";
  order.slots = slots;
  order.seconds = 0.05;
  return order;
}

TEST(ProbeSpeed, MeasuresEveryOptimizerOnOneSlotAndOnSeveral) {
  for (const char* optimizer : {"adamw", "sgd", "muon"}) {
    for (const int slots : {1, 3}) {
      ProbeOrder order = order_of(slots);
      order.config.optimizer = optimizer;
      const double images_per_s = probe_speed(order);
      EXPECT_TRUE(std::isfinite(images_per_s) && images_per_s > 0) << optimizer << " " << slots;
    }
  }
}

TEST(ProbeSpeed, AnswersThoughThereIsNoTime) {
  ProbeOrder order = order_of(1);
  order.seconds = 0;
  EXPECT_GT(probe_speed(order), 0);
  order.config.batch_size = 1;
  EXPECT_GT(probe_speed(order), 0);
}

TEST(PassSeconds, FollowTheLineThroughTwoBatches) {
  // A call takes 10 ms, an image 2 ms.
  EXPECT_DOUBLE_EQ(pass_seconds({2, 0.014}, {8, 0.026}, 128), 0.266);
  EXPECT_DOUBLE_EQ(pass_seconds({2, 0.014}, {8, 0.026}, 8), 0.026);
}

TEST(PassSeconds, OfOneBatchAreProportional) {
  EXPECT_DOUBLE_EQ(pass_seconds({}, {8, 0.016}, 128), 0.256);
}

TEST(PassSeconds, DoNotBelieveASlopeThatNoiseHasMade) {
  EXPECT_GT(pass_seconds({2, 0.030}, {8, 0.020}, 128), 0.020);
  EXPECT_DOUBLE_EQ(pass_seconds({2, 0.001}, {8, 0.016}, 128), 0.256);
}

TEST(ProbeSpeed, WhatASlotCannotDoIsThrown) {
  ProbeOrder order = order_of(2);
  order.config.optimizer = "none";
  EXPECT_THROW(probe_speed(order), std::runtime_error);
  order = order_of(2);
  order.device = "cuda:99";
  EXPECT_THROW(probe_speed(order), std::runtime_error);
}

}  // namespace
}  // namespace firesweep
