#include "coordinator/server/coordinator.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "coordinator/report/query.h"
#include "coordinator/server/intake.h"
#include "coordinator/server/offline.h"
#include "coordinator/server/scheduler_options.h"
#include "shared/transport/dealer_socket.h"
#include "shared/wire/codec.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr const char* kSweep = R"({"name": "s", "method": "grid", "trainer": "simulated",
  "metric": {"name": "val_accuracy", "goal": "maximize"},
  "parameters": {"variant": {"value": "tiny"}, "lr": {"values": [0.001, 0.002]}}})";
constexpr const char* kTiny = R"({"format": 1, "name": "tiny", "input": [3, 32, 32],
  "blocks": [{"conv_bn_relu": 4}, "global_avg_pool", {"linear": "classes"}]})";

request::Submit submission(const std::string& spec = kSweep) {
  return {"s.json", spec, {{"tiny", kTiny}}};
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "firesweep-server-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

class CoordinatorTest : public ::testing::Test {
 protected:
  CoordinatorTest() {
    auto store = Store::open(database_);
    auto socket = RouterSocket::bind("ipc://" + (folder_ / "s").string());
    coordinator_.emplace(std::move(*store), std::move(*socket), database_,
                         default_scheduler_options());
  }

  // Sends bytes on a fresh connection and steps until an answer comes; empty where none does.
  std::string exchange(const std::string& bytes) {
    auto dealer = DealerSocket::connect(coordinator_->endpoint()).value();
    for (int i = 0; i < 500 && !dealer.send(bytes); ++i) coordinator_->step(milliseconds(2));
    for (int i = 0; i < 100; ++i) {
      coordinator_->step(milliseconds(2));
      if (auto answer = dealer.receive()) return *answer;
    }
    return {};
  }
  ClientReply ask(ClientRequest request) {
    const auto answer = decode_outbound(exchange(encode(InboundFrame(std::move(request)))));
    if (!answer) return tl::unexpected(answer.error());
    return std::get<ClientReply>(*answer);
  }

  Folder folder_;
  fs::path database_ = folder_ / "sweeps.db";
  std::optional<Coordinator> coordinator_;
};

TEST_F(CoordinatorTest, SubmitIsDurableWhenItIsAnswered) {
  const ClientReply reply = ask({kClientProtocolVersion, submission()});
  ASSERT_TRUE(reply) << to_string(reply.error());
  EXPECT_EQ(std::get<reply::Submitted>(*reply).trials, 2);
  const auto list = run_query(database_, "list", "json", std::nullopt, std::nullopt);
  ASSERT_TRUE(list);
  EXPECT_EQ(nlohmann::json::parse(*list).size(), 1u);
}

TEST_F(CoordinatorTest, RefusedSubmitNamesThePlaceAndWritesNothing) {
  const ClientReply reply = ask({kClientProtocolVersion, submission(R"({"name": 3})")});
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().where.find("s.json"), std::string::npos) << reply.error().where;
  EXPECT_EQ(coordinator_->counters().records, 0);
}

TEST_F(CoordinatorTest, MalformedFramesAreCountedAndChangeNothing) {
  EXPECT_EQ(exchange("not a message"), "");
  EXPECT_EQ(exchange(std::string(1000, '\xff')), "");
  EXPECT_EQ(coordinator_->counters().malformed, 2);
  EXPECT_EQ(coordinator_->counters().records, 0);
  const ClientReply reply = ask({kClientProtocolVersion, request::Status{}});
  ASSERT_TRUE(reply) << to_string(reply.error());
  const auto status = nlohmann::json::parse(std::get<reply::Rendered>(*reply).text);
  EXPECT_EQ(status.at("coordinator").at("malformed"), 2);
}

TEST_F(CoordinatorTest, WhoSendsTooManyBadMessagesIsIgnoredAndShown) {
  const std::string question =
      encode(InboundFrame(ClientRequest{kClientProtocolVersion, request::Status{}}));
  auto bad = DealerSocket::connect(coordinator_->endpoint()).value();
  constexpr int kGarbage = 5000;
  for (int sent = 0; sent < kGarbage;) {
    sent += bad.send("not a message") ? 1 : 0;
    coordinator_->step(milliseconds(0));
  }
  while (!bad.send(question)) coordinator_->step(milliseconds(1));
  while (coordinator_->counters().frames < kGarbage + 1) coordinator_->step(milliseconds(2));
  EXPECT_EQ(bad.receive(), std::nullopt);
  EXPECT_FALSE(bad.poll(milliseconds(50))) << "what it asks is not answered";

  const auto status = nlohmann::json::parse(
      std::get<reply::Rendered>(*ask({kClientProtocolVersion, request::Status{}})).text);
  const auto& peers = status.at("bad_peers");
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0].at("sender"), "process " + std::to_string(::getpid()));
  EXPECT_EQ(peers[0].at("refused").get<int>() + peers[0].at("ignored").get<int>(), kGarbage + 1);
  EXPECT_LE(peers[0].at("refused"), 50) << "the rest is not even looked at";
  EXPECT_EQ(peers[0].at("silenced"), true);
}

TEST_F(CoordinatorTest, ClientOfAnotherProtocolIsToldBothVersions) {
  for (const std::uint32_t other : {kClientProtocolVersion - 1, kClientProtocolVersion + 1}) {
    const ClientReply reply = ask({other, submission()});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::kConflict);
    for (const std::uint32_t version : {kClientProtocolVersion, other}) {
      EXPECT_NE(reply.error().what.find(std::to_string(version)), std::string::npos)
          << reply.error().what;
    }
  }
  EXPECT_EQ(coordinator_->counters().records, 0);
}

TEST_F(CoordinatorTest, QueriesAreAnsweredFromTheDatabase) {
  ASSERT_TRUE(ask({kClientProtocolVersion, submission()}));
  const ClientReply list =
      ask({kClientProtocolVersion, request::Query{"list", "csv", std::nullopt, std::nullopt, {}}});
  ASSERT_TRUE(list) << to_string(list.error());
  EXPECT_EQ(std::get<reply::Rendered>(*list).text.substr(0, 6), "sweep,");
  const ClientReply unknown =
      ask({kClientProtocolVersion, request::Query{"lits", "csv", std::nullopt, std::nullopt, {}}});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().hint.find("list"), std::string::npos) << unknown.error().hint;
}

TEST_F(CoordinatorTest, SubmitFromWithinAnswersAsAClientWouldBe) {
  const auto frozen = decode_submission(submission());
  ASSERT_TRUE(frozen) << to_string(frozen.error());
  const ClientReply first = coordinator_->submit(*frozen);
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_FALSE(std::get<reply::Submitted>(*first).resumed);
  EXPECT_TRUE(std::get<reply::Submitted>(*coordinator_->submit(*frozen)).resumed);
}

TEST(Offline, CancelWithoutACoordinatorIsDurable) {
  const Folder folder;
  auto store = Store::open(folder / "sweeps.db");
  ASSERT_TRUE(store);
  ASSERT_TRUE(apply_offline(*store, {kClientProtocolVersion, submission()}));
  EXPECT_TRUE(apply_offline(
      *store, {kClientProtocolVersion, request::Steer{request::Verb::kCancel, SweepId{1}, {}}}));
  EXPECT_EQ(store->snapshot().sweeps.at(0).state, SweepState::kCancelled);
  const ClientReply again = apply_offline(
      *store, {kClientProtocolVersion, request::Steer{request::Verb::kCancel, SweepId{2}, {}}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
}

TEST(Query, MistakesAreNamed) {
  EXPECT_EQ(run_query("x.db", "leaderboard", "svg", {}, {}).error().where, "--format");
  EXPECT_EQ(run_query("x.db", "pareto", "table", {}, 0).error().where, "--limit");
  EXPECT_EQ(run_query("/nowhere/x.db", "pareto", "svg", {}, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run_query("x.db", {"model", "csv", {}, {}, TrialId{7}}).error().where, "--format");
  EXPECT_EQ(run_query("x.db", {"model", "json", {}, {}, {}}).error().where, "model");
  EXPECT_EQ(run_query("/nowhere/x.db", {"model", "json", {}, {}, TrialId{7}}).error().code,
            ErrorCode::kNotFound);
}

}  // namespace
}  // namespace firesweep
