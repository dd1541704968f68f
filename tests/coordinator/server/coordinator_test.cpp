#include "coordinator/server/coordinator.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "coordinator/core/client_replies.h"
#include "coordinator/report/query.h"
#include "coordinator/server/intake.h"
#include "coordinator/server/offline.h"
#include "coordinator/server/replies.h"
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
    return answer ? std::get<ClientReply>(*answer) : ClientReply{};
  }

  Folder folder_;
  fs::path database_ = folder_ / "sweeps.db";
  std::optional<Coordinator> coordinator_;
};

TEST_F(CoordinatorTest, SubmitIsDurableWhenItIsAnswered) {
  const ClientReply reply = ask({kProtocolVersion, submission()});
  ASSERT_TRUE(reply.ok) << reply.where << reply.what;
  EXPECT_EQ(nlohmann::json::parse(reply.text).at("trials"), 2);
  const auto list = run_query(database_, "list", "json", std::nullopt, std::nullopt);
  ASSERT_TRUE(list);
  EXPECT_EQ(nlohmann::json::parse(*list).size(), 1u);
}

TEST_F(CoordinatorTest, RefusedSubmitNamesThePlaceAndWritesNothing) {
  const ClientReply reply = ask({kProtocolVersion, submission(R"({"name": 3})")});
  EXPECT_FALSE(reply.ok);
  EXPECT_NE(reply.where.find("s.json"), std::string::npos) << reply.where;
  EXPECT_EQ(coordinator_->counters().records, 0);
}

TEST_F(CoordinatorTest, MalformedFramesAreCountedAndChangeNothing) {
  EXPECT_EQ(exchange("not a message"), "");
  EXPECT_EQ(exchange(std::string(1000, '\xff')), "");
  EXPECT_EQ(coordinator_->counters().malformed, 2);
  EXPECT_EQ(coordinator_->counters().records, 0);
  const ClientReply reply = ask({kProtocolVersion, request::Status{}});
  ASSERT_TRUE(reply.ok);
  EXPECT_EQ(nlohmann::json::parse(reply.text).at("coordinator").at("malformed"), 2);
}

TEST_F(CoordinatorTest, ClientOfAnotherProtocolIsToldBothVersions) {
  const ClientReply reply = ask({kProtocolVersion + 1, request::Status{}});
  EXPECT_FALSE(reply.ok);
  EXPECT_TRUE(reply.conflict);
  EXPECT_NE(reply.what.find(std::to_string(kProtocolVersion + 1)), std::string::npos) << reply.what;
}

TEST_F(CoordinatorTest, QueriesAreAnsweredFromTheDatabase) {
  ASSERT_TRUE(ask({kProtocolVersion, submission()}).ok);
  const ClientReply list =
      ask({kProtocolVersion, request::Query{"list", "csv", std::nullopt, std::nullopt, {}}});
  ASSERT_TRUE(list.ok) << list.what;
  EXPECT_EQ(list.text.substr(0, 6), "sweep,");
  const ClientReply unknown =
      ask({kProtocolVersion, request::Query{"lits", "csv", std::nullopt, std::nullopt, {}}});
  EXPECT_FALSE(unknown.ok);
  EXPECT_NE(unknown.hint.find("list"), std::string::npos) << unknown.hint;
}

TEST_F(CoordinatorTest, SubmitFromWithinAnswersAsAClientWouldBe) {
  const auto frozen = decode_submission(submission());
  ASSERT_TRUE(frozen) << to_string(frozen.error());
  const ClientReply first = coordinator_->submit(*frozen);
  ASSERT_TRUE(first.ok);
  EXPECT_EQ(nlohmann::json::parse(first.text).at("resumed"), false);
  EXPECT_EQ(nlohmann::json::parse(coordinator_->submit(*frozen).text).at("resumed"), true);
}

TEST(Offline, CancelWithoutACoordinatorIsDurable) {
  const Folder folder;
  auto store = Store::open(folder / "sweeps.db");
  ASSERT_TRUE(store);
  ASSERT_TRUE(apply_offline(*store, {kProtocolVersion, submission()}).ok);
  EXPECT_TRUE(apply_offline(*store, {kProtocolVersion,
                                     request::Steer{request::Verb::kCancel, SweepId{1}, {}}})
                  .ok);
  EXPECT_EQ(store->snapshot().sweeps.at(0).state, SweepState::kCancelled);
  const ClientReply again = apply_offline(
      *store, {kProtocolVersion, request::Steer{request::Verb::kCancel, SweepId{2}, {}}});
  EXPECT_TRUE(again.not_found);
}

TEST(Replies, ErrorsComeBackAsTheyWere) {
  for (const ErrorCode code : {ErrorCode::kBadInput, ErrorCode::kNotFound, ErrorCode::kConflict}) {
    const auto text = text_of(refusal({code, "where", "what", "hint"}));
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, code);
    EXPECT_EQ(to_string(text.error()), "where: what (hint)");
  }
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
