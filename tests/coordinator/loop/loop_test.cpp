#include "coordinator/loop/loop.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "tests/coordinator/core/harness.h"
#include "tests/coordinator/core/memory_store.h"

namespace firesweep {
namespace {

using loop::CommitOutcome;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::make_sweep;

// A world of one database in memory, which fails when it is told to, and of users who write
// letters.
class Loop : public ::testing::Test,
             public loop::Database,
             public loop::Socket,
             public loop::Clock,
             public loop::Observer {
 protected:
  Loop() { start(); }

  void start() {
    loop_.emplace(CoordinatorLoop::Ports{*this, *this, *this, nullptr, *this},
                  CoordinatorLoop::Options{testing::test_options(), "x.db"}, store_.snapshot());
  }
  void submit(const std::string& client, const std::string& name) {
    inbox_.emplace_back(event::SubmitRequested{client, make_sweep(1, name)});
  }
  void step() {
    log_.clear();
    replies_.clear();
    loop_->step();
  }
  void pass(Duration time) { now_.steady += time; }

  CommitOutcome commit(std::span<const Record> records) override {
    const CommitOutcome::Kind kind = std::exchange(next_, CommitOutcome::Kind::kDurable);
    bool offends = false;
    for (const Record& record : records) {
      const auto* added = std::get_if<record::SweepAdded>(&record);
      offends = offends || (added != nullptr && added->frozen->spec.name == offender_);
    }
    if (offends) return {CommitOutcome::Kind::kRefused, "contradiction", "look"};
    if (kind == CommitOutcome::Kind::kUnknown) return {kind, "the disk is full", {}};
    for (const Record& record : records) store_.commit(record);
    log_ += "commit ";
    return {};
  }
  Result<Snapshot> snapshot() override { return store_.snapshot(); }
  Result<std::vector<KnownResult>> known_results() override { return store_.known_results(); }
  Result<Snapshot> reopen() override {
    ++reopened_;
    if (!broken_) return store_.snapshot();
    return fail(ErrorCode::kIo, "x.db", "the disk is gone");
  }
  std::vector<Event> receive(std::size_t) override { return std::exchange(inbox_, {}); }
  void send(const PeerId&, CoordinatorFrame frame) override {
    for (const CoordinatorMessage& message : frame.messages) {
      log_ += std::holds_alternative<Assign>(message) ? "assign "
              : std::holds_alternative<Quit>(message) ? "quit "
                                                      : "";
    }
  }
  void reply(const PeerId& client, const ClientReply& reply) override {
    log_ += "reply ";
    replies_[client] = reply;
  }
  Instant now() override { return now_; }
  void committed(const loop::Group& group) override {
    for (const Event& event : group.events) {
      if (std::holds_alternative<event::Tick>(event)) log_ += "tick ";
    }
  }
  void refused(const loop::Group& group, const CommitOutcome&) override {
    refused_.push_back(group.events.size());
  }
  void unsettled(const loop::Group&) override { ++unsettled_; }

  testing::MemoryStore store_;
  Instant now_{seconds(100), milliseconds(1)};
  std::vector<Event> inbox_;
  CommitOutcome::Kind next_ = CommitOutcome::Kind::kDurable;
  std::string offender_;
  bool broken_ = false;
  std::string log_;
  std::map<PeerId, ClientReply> replies_;
  std::vector<std::size_t> refused_;
  int unsettled_ = 0;
  int reopened_ = 0;
  std::optional<CoordinatorLoop> loop_;
};

TEST_F(Loop, AGroupIsCommittedOnceAndThenAnswered) {
  submit("a", "one");
  submit("b", "two");
  step();
  EXPECT_EQ(log_, "commit reply reply ");
  EXPECT_EQ(loop_->counters().commits, 1);
  EXPECT_EQ(store_.sweeps.size(), 2u);
}

TEST_F(Loop, TimersAreJudgedAfterSocketsAndOnlyWhenDue) {
  submit("a", "one");
  pass(milliseconds(249));
  step();
  EXPECT_EQ(log_.find("tick"), std::string::npos);
  EXPECT_EQ(loop_->wake_at() - now_.steady, milliseconds(1));
  pass(milliseconds(1));
  step();
  EXPECT_EQ(log_, "tick ");
}

// Ten workers at once ask a search that learns: those beyond the first four wait for no tick.
TEST_F(Loop, WorkThatIsHeldBackIsGivenOutAtOnceAndMessagesAreHeardBetween) {
  auto frozen = make_sweep(1);
  frozen->spec.method = Method::kTpe;
  frozen->spec.run_cap = 30;
  frozen->spec.parameters = {{"lr", LogUniformValues{0.001, 0.1}}};
  inbox_.emplace_back(event::SubmitRequested{"a", frozen});
  for (std::uint64_t i = 1; i <= 10; ++i) {
    Hello hello;
    hello.name = "host/" + std::to_string(i);
    hello.capabilities = testing::able();
    inbox_.emplace_back(
        event::WorkerFrameArrived{"w" + std::to_string(i), WorkerFrame{{1, i}, 1, {hello}}});
  }
  const auto proposals = [&] { return store_.sweeps.at({1}).proposals.size(); };
  step();
  EXPECT_EQ(proposals(), 4u);
  for (const std::size_t then : {8u, 10u}) {
    EXPECT_EQ(loop_->wake_at() - now_.steady, milliseconds(1));
    pass(milliseconds(1));
    inbox_.emplace_back(event::SteerRequested{"b", {request::Verb::kPause, SweepId{99}, {}}});
    step();
    EXPECT_TRUE(replies_.contains("b")) << "that there is no such sweep";
    EXPECT_EQ(proposals(), then);
  }
  EXPECT_GT(loop_->wake_at() - now_.steady, milliseconds(100)) << "nobody waits any more";
}

TEST_F(Loop, AnUnknownOutcomeIsAnsweredToNobodyAsDoneAndSettledByTheFile) {
  next_ = CommitOutcome::Kind::kUnknown;
  submit("a", "one");
  step();
  EXPECT_FALSE(replies_.at("a"));
  EXPECT_EQ(unsettled_, 1);
  ASSERT_TRUE(loop_->recovering());
  EXPECT_EQ(loop_->trouble(), "the disk is full");

  submit("b", "two");  // before it is tried again: turned away
  step();
  EXPECT_FALSE(replies_.at("b"));
  EXPECT_EQ(reopened_, 0);

  pass(loop_->wake_at() - now_.steady);
  submit("c", "three");
  step();
  EXPECT_FALSE(loop_->recovering());
  EXPECT_TRUE(replies_.at("c"));
  EXPECT_EQ(loop_->trouble(), "");
  EXPECT_EQ(store_.sweeps.size(), 1u);
}

TEST_F(Loop, ADatabaseThatDoesNotOpenIsTriedAgainLaterAndLater) {
  next_ = CommitOutcome::Kind::kUnknown;
  broken_ = true;
  submit("a", "one");
  step();
  Duration before{0};
  for (int i = 0; i < 3; ++i) {
    const Duration wait = loop_->wake_at() - now_.steady;
    EXPECT_GT(wait, before);
    before = wait;
    pass(wait);
    step();
  }
  EXPECT_EQ(reopened_, 3);
  EXPECT_EQ(loop_->trouble(), "the disk is gone");
}

TEST_F(Loop, OneOffenderIsQuarantinedAndTheOthersOfItsGroupAreKept) {
  offender_ = "two";
  submit("a", "one");
  submit("b", "two");
  submit("c", "three");
  step();
  EXPECT_EQ(refused_, (std::vector<std::size_t>{3, 1}));
  EXPECT_TRUE(replies_.at("a"));
  EXPECT_TRUE(replies_.at("c"));
  EXPECT_EQ(testing::refused(replies_.at("b")), ErrorCode::kConflict);
  EXPECT_EQ(replies_.at("b").error().hint, "look");
  EXPECT_EQ(loop_->counters().quarantined_events, 1);
  EXPECT_EQ(store_.sweeps.size(), 2u);
  EXPECT_EQ(loop_->trouble(), "") << "what followed could be written";
}

TEST_F(Loop, ADrainIsToldToANewSchedulerBeforeItCanGiveOutWork) {
  submit("a", "one");
  step();
  loop_->drain();
  next_ = CommitOutcome::Kind::kUnknown;
  Hello hello;
  hello.name = "w";
  hello.capabilities = testing::able();
  inbox_.emplace_back(event::WorkerFrameArrived{"w", {{1, 1}, 1, {hello}}});
  step();
  ASSERT_TRUE(loop_->recovering());
  pass(loop_->wake_at() - now_.steady);
  inbox_.emplace_back(event::WorkerFrameArrived{"w", {{1, 1}, 2, {hello}}});
  step();
  EXPECT_EQ(log_.find("assign"), std::string::npos) << log_;
  EXPECT_NE(log_.find("quit"), std::string::npos) << log_;
}

}  // namespace
}  // namespace firesweep
