#include "coordinator/core/attendance.h"

#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

TEST(Attendance, TrialsThatOverlapCountOnce) {
  Attendance attendance;
  attendance.begin(seconds(10));
  attendance.trial_begins(seconds(20));
  attendance.trial_begins(seconds(25));
  attendance.trial_ends(seconds(30));
  EXPECT_EQ(attendance.trained(seconds(32)), seconds(12));
  attendance.trial_ends(seconds(40));
  EXPECT_EQ(attendance.trained(seconds(50)), seconds(20));
  EXPECT_EQ(attendance.present(seconds(50)), seconds(40));
}

TEST(Attendance, ATimeBeforeTheLastChangeIsNoDebt) {
  Attendance attendance;
  attendance.begin(seconds(10));
  attendance.trial_begins(seconds(20));
  attendance.trial_ends(seconds(40));
  EXPECT_EQ(attendance.present(seconds(5)), seconds(0));
  EXPECT_EQ(attendance.trained(seconds(25)), seconds(15));
}

using Cost = OneWorker;

TEST_F(Cost, AWorkerIsIdleWhileNoTrialOfItHasBegun) {
  begin(make_sweep(1));
  h.pass(seconds(10), {&a});
  a.started(key);
  h.pass(seconds(30), {&a});
  a.finished(key);
  h.pass(seconds(20), {&a});
  const Attended attended = h.picture("host/0").attended;
  EXPECT_NEAR(attended.present_s, 60, 1);
  EXPECT_NEAR(attended.trained_s, 30, 1);
}

TEST_F(Cost, OfAWorkerThatHasLeftItRemainsInTheSum) {
  begin(make_sweep(3));
  a.started(key);
  h.pass(seconds(40), {&a});
  a.handed_back(key);
  a.goodbye();
  b.hello();
  h.pass(seconds(20), {&b});
  b.goodbye();
  const Overview overview = h.scheduler.overview(h.now);
  EXPECT_TRUE(overview.workers.empty());
  EXPECT_EQ(overview.workers_gone, 2);
  EXPECT_NEAR(overview.attended_by_gone.present_s, 60, 1);
  EXPECT_NEAR(overview.attended_by_gone.trained_s, 40, 1);
}

TEST_F(Cost, SilenceIsNobodysTime) {
  begin(make_sweep(2));
  a.started(key);
  h.pass(seconds(10), {&a});
  h.pass(std::chrono::minutes(11));
  const Overview overview = h.scheduler.overview(h.now);
  EXPECT_EQ(overview.workers_gone, 1);
  EXPECT_NEAR(overview.attended_by_gone.present_s, 10, 1);
  EXPECT_NEAR(overview.attended_by_gone.trained_s, 10, 1);
}

TEST_F(Cost, ASuspendedCoordinatorCountsNothing) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(seconds(10), {&a});
  h.suspend(std::chrono::hours(1));
  a.heartbeat();
  h.pass(seconds(10), {&a});
  const Attended attended = h.picture("host/0").attended;
  EXPECT_NEAR(attended.present_s, 20, 2);
  EXPECT_NEAR(attended.trained_s, 20, 2);
}

TEST_F(Cost, AfterARestartItBeginsAnewAndATrialThatRunsCounts) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(seconds(30), {&a});
  h.restart();
  a.reconnect();
  h.pass(seconds(10), {&a});
  const Attended attended = h.picture("host/0").attended;
  EXPECT_NEAR(attended.present_s, 10, 1);
  EXPECT_NEAR(attended.trained_s, 10, 1);
}

}  // namespace
}  // namespace firesweep::testing
