#include "worker/runtime/slot/slot_loop.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <filesystem>
#include <future>
#include <optional>

#include "shared/transport/router_socket.h"
#include "shared/wire/codec.h"
#include "worker/runtime/supervisor/host_info.h"
#include "worker/runtime/supervisor/slot_process.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr auto kDeadline = std::chrono::seconds(20);

// The other end of the wire: says what the test says, hears what the slot says. Every wait has a
// deadline.
class FakeCoordinator {
 public:
  explicit FakeCoordinator(const fs::path& folder)
      : socket_(*RouterSocket::bind("ipc://" + (folder / "socket").string())) {}

  std::string address() const { return socket_.last_endpoint(); }

  void say(std::vector<CoordinatorMessage> messages) {
    EXPECT_TRUE(socket_.send(peer_, encode(OutboundFrame(CoordinatorFrame{session_, ++sequence_,
                                                                          std::move(messages)}))));
  }

  // The next message of one kind; others are dropped on the way, reports acknowledged.
  template <class Message>
  std::optional<Message> next() {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < end) {
      while (!heard_.empty()) {
        const WorkerMessage message = std::move(heard_.front());
        heard_.pop_front();
        if (const auto* report = std::get_if<Report>(&message))
          say({Ack{report->number, Verdict::kAccepted}});
        if (const auto* wanted = std::get_if<Message>(&message)) return *wanted;
      }
      listen();
    }
    ADD_FAILURE() << "the slot did not say it in time";
    return std::nullopt;
  }

  // The next report of one kind of body.
  template <class Body>
  std::optional<std::pair<TrialKey, Body>> report() {
    while (const auto any = next<Report>()) {
      if (const auto* body = std::get_if<Body>(&any->body)) return std::pair(any->key, *body);
    }
    return std::nullopt;
  }

 private:
  void listen() {
    socket_.poll(std::chrono::milliseconds(100));
    for (const Arrival& arrival : socket_.receive()) {
      const auto frame = decode_inbound(arrival.bytes);
      ASSERT_TRUE(frame) << to_string(frame.error());
      const auto& from = std::get<WorkerFrame>(*frame);
      peer_ = arrival.peer;
      session_ = from.session;
      heard_.insert(heard_.end(), from.messages.begin(), from.messages.end());
    }
  }

  RouterSocket socket_;
  std::string peer_;
  SessionId session_;
  std::uint64_t sequence_ = 0;
  std::deque<WorkerMessage> heard_;
};

Assign assignment(std::int64_t number, double seconds = 0) {
  Assign assign;
  assign.key = {make_trial_id(SweepId{1}, number), AttemptNo{1}};
  assign.sweep_name = "test";
  assign.trainer = "simulated";
  assign.dataset = "cifar100";
  assign.config.variant = "tiny";
  assign.config.epochs = 3;
  assign.config.simulated_seconds = seconds;
  assign.architecture = {"tiny", std::string(64, 'a'), {3, 32, 32}, 100, {}};
  assign.architecture.layers = {{"0", GlobalAvgPool{}, {3, 0, 0}},
                                {"1", Linear{3, 100}, {100, 0, 0}}};
  assign.config_hash = std::string(64, 'b');
  return assign;
}

class SlotLoopTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    coordinator_.emplace(folder_);
  }
  void TearDown() override {
    coordinator_.reset();
    loop_.reset();
    fs::remove_all(folder_);
  }

  // Starts the slot and greets it.
  void serve(int heartbeat_fd = -1) {
    Capabilities can;
    can.device = "cpu";
    can.trainers = {"simulated"};
    Locations nowhere;
    nowhere.system_dir = folder_;
    runner_.emplace(TorchTraining{}, nowhere, CheckpointFolders(folder_ / "checkpoints"), "cpu");
    loop_.emplace(*DealerSocket::connect(coordinator_->address()),
                  Agent(random_session(), "here/0", ::getpid(), can), *runner_, heartbeat_fd);
    end_ = std::async(std::launch::async, [this] { return loop_->run(); });
    ASSERT_TRUE(coordinator_->next<Hello>());
    coordinator_->say({Welcome{}});
  }

  SlotEnd end() {
    if (end_.wait_for(kDeadline) != std::future_status::ready) {
      ADD_FAILURE() << "the loop did not end";
      loop_->request_drain();
    }
    return end_.get();
  }

  fs::path folder_;
  std::optional<FakeCoordinator> coordinator_;
  std::optional<TrialRunner> runner_;
  std::optional<SlotLoop> loop_;
  std::future<SlotEnd> end_;
};

TEST_F(SlotLoopTest, TrialRunsFromLeaseToAcknowledgedResult) {
  serve();
  const Assign assign = assignment(1);
  coordinator_->say({assign});
  const auto started = coordinator_->report<report::Started>();
  ASSERT_TRUE(started);
  EXPECT_EQ(started->first, assign.key);
  for (std::int64_t epoch = 1; epoch <= 3; ++epoch) {
    const auto progressed = coordinator_->report<report::Progressed>();
    ASSERT_TRUE(progressed);
    EXPECT_EQ(progressed->second.metrics.epoch, epoch);
  }
  const auto finished = coordinator_->report<report::Finished>();
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->first, assign.key);
  EXPECT_EQ(finished->second.result.device, "simulated");
  coordinator_->say({Quit{}});
  EXPECT_TRUE(coordinator_->next<Goodbye>());
  const SlotEnd ended = end();
  EXPECT_EQ(ended.exit, AgentExit::kLeft);
  EXPECT_FALSE(ended.training);
}

TEST_F(SlotLoopTest, TrialThatTakesTimeRunsOnItsThreadAndIsForgottenWhenAcknowledged) {
  serve();
  const Assign assign = assignment(1, 1e-3);
  coordinator_->say({assign});
  EXPECT_TRUE(coordinator_->report<report::Finished>());
  coordinator_->say({Quit{}});
  EXPECT_TRUE(coordinator_->next<Goodbye>());
  EXPECT_EQ(end().exit, AgentExit::kLeft);
  const fs::path trial = fs::directory_iterator(folder_ / "checkpoints")->path();
  EXPECT_TRUE(trial.string().ends_with("-seed1"));
  EXPECT_FALSE(fs::exists(trial / "last.simulated"));
}

TEST_F(SlotLoopTest, StopHandsTheTrialBackAndTheSlotGoesOn) {
  serve();
  const Assign endless = assignment(1, 3600);
  coordinator_->say({endless});
  ASSERT_TRUE(coordinator_->report<report::Started>());
  coordinator_->say({Stop{endless.key, Reason::kUser}});
  const auto back = coordinator_->report<report::HandedBack>();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->first, endless.key);
  coordinator_->say({assignment(2)});
  EXPECT_TRUE(coordinator_->report<report::Finished>());
  loop_->request_drain();
  EXPECT_TRUE(coordinator_->next<Goodbye>());
  EXPECT_EQ(end().exit, AgentExit::kLeft);
}

TEST_F(SlotLoopTest, DrainHandsBackWhatRunsAndReturnsWhatDoesNot) {
  serve();
  const Assign running = assignment(1, 3600), waiting = assignment(2, 3600);
  coordinator_->say({running, waiting});
  ASSERT_TRUE(coordinator_->report<report::Started>());
  loop_->request_drain();
  loop_->request_drain();
  std::optional<TrialKey> back, returned;
  while (!back || !returned) {
    const auto any = coordinator_->next<Report>();
    ASSERT_TRUE(any);
    if (std::holds_alternative<report::HandedBack>(any->body)) back = any->key;
    if (std::holds_alternative<report::Returned>(any->body)) returned = any->key;
  }
  EXPECT_EQ(back, running.key);
  EXPECT_EQ(returned, waiting.key);
  EXPECT_TRUE(coordinator_->next<Goodbye>());
  EXPECT_EQ(end().exit, AgentExit::kLeft);
}

TEST_F(SlotLoopTest, RefusalEndsItWithTheReason) {
  serve();
  coordinator_->say({Refused{"protocol 99 is spoken here"}});
  const SlotEnd ended = end();
  EXPECT_EQ(ended.exit, AgentExit::kRefused);
  EXPECT_THAT(ended.why, HasSubstr("protocol 99"));
}

TEST_F(SlotLoopTest, ManyNullTrialsStreamInOrder) {
  serve();
  constexpr std::int64_t kTrials = 500;
  constexpr std::int64_t kAhead = 32;
  for (std::int64_t number = 1; number <= kAhead; ++number) coordinator_->say({assignment(number)});
  for (std::int64_t number = 1; number <= kTrials; ++number) {
    const auto finished = coordinator_->report<report::Finished>();
    ASSERT_TRUE(finished);
    EXPECT_EQ(number_of(finished->first.trial), number);
    if (number + kAhead <= kTrials) coordinator_->say({assignment(number + kAhead)});
  }
  loop_->request_drain();
  EXPECT_EQ(end().exit, AgentExit::kLeft);
}

TEST_F(SlotLoopTest, TheSupervisorHearsOfTrials) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  const auto hears = [&](SlotNews wanted) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < end) {
      if (take_beats(ends[0]) == wanted) return true;
      pollfd waiting{ends[0], POLLIN, 0};
      ::poll(&waiting, 1, 100);
    }
    return false;
  };
  serve(ends[1]);
  EXPECT_TRUE(hears({0, false}));
  coordinator_->say({assignment(1, 0.2)});
  EXPECT_TRUE(hears({0, true}));
  EXPECT_TRUE(coordinator_->report<report::Finished>());
  EXPECT_TRUE(hears({1, false}));
  coordinator_->say({assignment(2)});  // takes no time
  EXPECT_TRUE(coordinator_->report<report::Finished>());
  EXPECT_TRUE(hears({2, false}));
  coordinator_->say({assignment(3, 60)});
  EXPECT_TRUE(hears({2, true}));
  coordinator_->say({Stop{assignment(3).key}});
  EXPECT_TRUE(coordinator_->report<report::HandedBack>());
  EXPECT_TRUE(hears({3, false})) << "the coordinator has ended it";
  coordinator_->say({assignment(4, 60)});
  EXPECT_TRUE(hears({3, true}));
  loop_->request_drain();
  EXPECT_TRUE(coordinator_->report<report::HandedBack>());
  EXPECT_EQ(end().exit, AgentExit::kLeft);
  EXPECT_EQ(take_beats(ends[0]), (SlotNews{3, false})) << "what goes back because it leaves";
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace firesweep
