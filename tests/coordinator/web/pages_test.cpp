#include "coordinator/web/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace firesweep {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class Pages : public ::testing::Test {
 protected:
  HttpResponse get(const std::string& path) { return routes_.at(path)(); }

  // One step of the loop.
  void turn(const std::string& trouble = {}, bool draining = false) {
    if (!published_.turned(now_)) return;
    auto state = std::make_shared<CoordinatorState>();
    state->at.steady = now_;
    state->overview.trouble = trouble;
    state->draining = draining;
    state->counters.frames = now_ / seconds(1);
    published_.publish(std::move(state));
  }

  Duration now_ = seconds(100);
  PublishedState published_;
  HttpRoutes routes_ = coordinator_pages(published_, [this] { return now_; });
};

TEST_F(Pages, WhileItStartsItIsHealthyAndNotReady) {
  now_ += seconds(1000);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_THAT(get("/readyz").body, HasSubstr("starting"));
  EXPECT_EQ(get("/metrics").status, 503);
}

TEST_F(Pages, ALoopThatTurnsIsHealthyAndReady) {
  turn();
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(get("/readyz").body, "ok\n");
}

TEST_F(Pages, ALoopThatStandsStillIsNeither) {
  turn();
  now_ += kLongestTurn;
  EXPECT_EQ(get("/healthz").status, 200);
  now_ += seconds(1);
  EXPECT_EQ(get("/healthz").status, 503);
  EXPECT_THAT(get("/healthz").body, HasSubstr("not turned for 31 s"));
  EXPECT_EQ(get("/readyz").status, 503);
  turn();
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Pages, AFullDiskIsHealthyAndNotReady) {
  turn("the disk of sweeps.db is full");
  EXPECT_EQ(get("/healthz").status, 200) << "a restart would not help";
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "waiting: the disk of sweeps.db is full\n");
}

TEST_F(Pages, ADrainIsHealthyAndNotReady) {
  turn({}, true);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").body, "the coordinator is draining\n");
}

TEST_F(Pages, MetricsAreThoseOfTheNewestState) {
  turn();
  const HttpResponse first = get("/metrics");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(first.body, HasSubstr("\nfiresweep_messages_total 100\n"));
  EXPECT_EQ(get("/metrics").body, first.body);
  now_ += kPublishEvery;
  turn();
  EXPECT_THAT(get("/metrics").body, HasSubstr("\nfiresweep_messages_total 101\n"));
}

TEST_F(Pages, TheLoopPublishesAtMostOnceASecond) {
  turn();
  for (int i = 0; i < 1000; ++i) {
    now_ += kPublishEvery / 1001;
    EXPECT_FALSE(published_.turned(now_));
  }
  EXPECT_EQ(published_.last_turn(), now_);
  now_ += kPublishEvery;
  EXPECT_TRUE(published_.turned(now_));
}

}  // namespace
}  // namespace firesweep
