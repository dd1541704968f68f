// Scheduler: a restored database, whose attempt numbers its workers know from before.
#include <gtest/gtest.h>

#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

constexpr Generation kFirst{11}, kSecond{22};

// A backup is taken while `a` trains the first attempt, which fails after it: the newest attempt is
// the second. Then the backup is put back.
class Generations : public OneWorker {
 protected:
  void SetUp() override {
    h.store.life = {kFirst, 1};
    h.restart();
    a.generation = kFirst;
    h.submit(make_sweep(1));
    backup_ = h.store;
    a.hello();
    key = a.assigned();
    a.started(key);
  }
  void restore() {
    h.store = backup_;
    h.store.life = {kSecond, 2};
    h.restart();
  }

  MemoryStore backup_;
};

TEST_F(Generations, EveryFrameToAWorkerNamesTheGeneration) {
  EXPECT_EQ(a.told_generation, kFirst);
  restore();
  b.generation = Generation{};
  b.hello();
  EXPECT_EQ(b.told_generation, kSecond);
}

TEST_F(Generations, AWorkerOfTheOldOneIsToldAndNothingItSaysCounts) {
  restore();
  a.hello();
  EXPECT_EQ(a.got<NewGeneration>().size(), 1u);
  EXPECT_EQ(a.told_generation, kSecond);
  EXPECT_TRUE(a.got<Welcome>().empty());
  EXPECT_TRUE(h.records.empty());
}

TEST_F(Generations, AResultOfTheOldOneIsNotThatOfTheNewAttemptOfTheSameNumber) {
  restore();
  b.generation = kSecond;
  b.hello();
  ASSERT_EQ(b.assigned(), key) << "numbers repeat";
  a.finished(key);
  EXPECT_TRUE(a.got<Ack>().empty());
  EXPECT_EQ(a.got<NewGeneration>().size(), 1u);
  EXPECT_TRUE(h.records.empty());
  EXPECT_TRUE(std::holds_alternative<Assigned>(state()));
}

TEST_F(Generations, NorWhereTheSameWorkerHasTheNewAttempt) {
  restore();
  a.generation = kSecond;
  a.forget_all();
  a.hello();
  ASSERT_EQ(a.assigned(), key);
  a.generation = kFirst;  // a report that was held back on an older socket
  a.finished(key);
  EXPECT_TRUE(a.got<Ack>().empty());
  EXPECT_TRUE(h.records.empty());
  EXPECT_TRUE(std::holds_alternative<Assigned>(state()));
  a.generation = kSecond;
  a.finished(key);
  EXPECT_TRUE(std::holds_alternative<Complete>(state()));
}

TEST_F(Generations, AHeartbeatOfTheOldOneRenewsNoLease) {
  backup_ = h.store;  // with the lease
  restore();
  for (int beat = 0; beat < 8; ++beat) {
    h.pass(seconds(2));
    a.heartbeat();
  }
  EXPECT_TRUE(std::holds_alternative<Waiting>(state()));
}

TEST_F(Generations, AWorkerThatHasHeardOfNoneIsWelcomeWithEmptyHands) {
  restore();
  b.generation = Generation{};
  b.hello();
  EXPECT_EQ(b.got<Welcome>().size(), 1u);
  b.heartbeat();
  EXPECT_EQ(b.got<NewGeneration>().size(), 1u) << "it must have heard by now what it has";
}

TEST_F(Generations, ABuildWithoutGenerationsServesUntilTheFirstRestore) {
  a.generation.reset();
  a.finished(key);
  EXPECT_TRUE(std::holds_alternative<Complete>(state()));
  restore();
  b.generation.reset();
  b.hello();
  ASSERT_EQ(b.got<Refused>().size(), 1u);
  EXPECT_NE(b.got<Refused>()[0].why.find("restored from a backup"), std::string::npos);
}

TEST_F(Generations, ACheckpointOfTheOldOneIsNotKept) {
  restore();
  a.generation = kSecond;
  a.forget_all();
  a.hello();
  ASSERT_EQ(a.assigned(), key);
  StoredCheckpoint one{key.attempt, 1, 1, 100, std::string(64, 'a'), "pt", "file"};
  const auto kept = [&](std::optional<Generation> generation) {
    for (const Effect& effect : h.on(event::CheckpointArrived{a.session, key, one, generation})) {
      if (const auto* settled = std::get_if<effect::CheckpointSettled>(&effect)) {
        return settled->kept;
      }
    }
    return false;
  };
  EXPECT_FALSE(kept(kFirst));
  EXPECT_FALSE(kept(std::nullopt));
  EXPECT_TRUE(kept(kSecond));
}

}  // namespace
}  // namespace firesweep::testing
