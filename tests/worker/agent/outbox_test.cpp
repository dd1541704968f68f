#include "worker/agent/outbox.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::seconds;

constexpr TrialKey kOne{{1}, {1}};
constexpr TrialKey kTwo{{2}, {1}};

std::vector<std::uint64_t> numbers(const std::vector<Report>& reports) {
  std::vector<std::uint64_t> found;
  for (const Report& report : reports) found.push_back(report.number);
  return found;
}
using Numbers = std::vector<std::uint64_t>;

TEST(Outbox, NumbersReportsFromOneAndNeverReusesANumber) {
  Outbox outbox;
  outbox.add(kOne, report::Started{});
  outbox.drop(kOne);
  outbox.add(kOne, report::Returned{});
  EXPECT_EQ(numbers(outbox.take_all(seconds(0))), Numbers{2});
}

TEST(Outbox, TakesUnsentReportsOnceAndOverdueOnesAgain) {
  Outbox outbox;
  outbox.add(kOne, report::Started{});
  EXPECT_TRUE(outbox.has_unsent());
  EXPECT_EQ(numbers(outbox.take_due(seconds(10), seconds(5), false)), Numbers{});
  EXPECT_EQ(numbers(outbox.take_due(seconds(10), seconds(5), true)), Numbers{1});
  EXPECT_FALSE(outbox.has_unsent());
  EXPECT_EQ(outbox.next_resend(seconds(5)), seconds(15));
  outbox.add(kTwo, report::Started{});
  EXPECT_EQ(numbers(outbox.take_due(seconds(15), seconds(5), false)), Numbers{1});
  EXPECT_EQ(numbers(outbox.take_due(seconds(20), seconds(5), true)), (Numbers{1, 2}));
}

TEST(Outbox, AnAcknowledgedReportIsGone) {
  Outbox outbox;
  outbox.add(kOne, report::Started{});
  outbox.add(kTwo, report::Started{});
  EXPECT_EQ(outbox.acknowledge(1)->key, kOne);
  EXPECT_FALSE(outbox.acknowledge(1));
  EXPECT_EQ(outbox.size(), 1U);
}

TEST(Outbox, DropsEveryReportOfAnAttemptAndNoOther) {
  Outbox outbox;
  outbox.add(kOne, report::Started{});
  outbox.add(kTwo, report::Started{});
  outbox.add(kOne, report::Returned{});
  outbox.drop(kOne);
  EXPECT_EQ(numbers(outbox.take_all(seconds(0))), Numbers{2});
}

TEST(EndsAttempt, HoldsForAllButStartAndProgress) {
  EXPECT_FALSE(ends_attempt(report::Started{}));
  EXPECT_FALSE(ends_attempt(report::Progressed{}));
  EXPECT_TRUE(ends_attempt(report::Finished{}));
  EXPECT_TRUE(ends_attempt(report::Errored{}));
  EXPECT_TRUE(ends_attempt(report::HandedBack{}));
  EXPECT_TRUE(ends_attempt(report::Returned{}));
}

}  // namespace
}  // namespace firesweep
