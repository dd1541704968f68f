// Checkpoints that travel over a bad network: the worker's courier and the coordinator's server,
// with keys, and a relay between them.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "coordinator/server/checkpoint_server.h"
#include "tests/e2e/process.h"
#include "tests/e2e/relay.h"
#include "worker/runtime/checkpoints/checkpoint_courier.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TrialKey kKey{make_trial_id(SweepId{1}, 7), AttemptNo{2}};
constexpr std::size_t kBytes = 12 * kMaxChunkBytes + 11;
constexpr const char* kFormat = "simulated";
constexpr seconds kForever{3600};

class Transfers : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < kBytes; ++i)
      content_.push_back(static_cast<char>(i * 31 % 251 + i / 977));
    auto server = CheckpointServer::start(
        "tcp://127.0.0.1:*", {.door = Door{coordinator_, [](const PublicKey&) { return true; }}},
        folder_ / "stored", Snapshot{});
    ASSERT_TRUE(server) << to_string(server.error());
    server_ = std::move(*server);
    relay_.emplace(std::vector<Relay::Way>{{"tcp://127.0.0.1:0", server_->endpoint()}},
                   milliseconds(1000));
    courier_.emplace(SessionId{session_mark(worker_.public_key), 1}, relay_->address(0),
                     CallerKeys{worker_, coordinator_.public_key}, folder_ / "host");
    Welcome welcome;
    welcome.checkpoints_at = relay_->address(0);
    courier_->learn(welcome, Generation{});
  }

  static TroubleAt trouble(Trouble kind, milliseconds at, milliseconds lasts) {
    TroubleAt one;
    one.trouble = kind;
    one.at = at;
    one.lasts = lasts;
    return one;
  }
  static TroubleAt slow(std::int64_t bytes_per_second) {
    TroubleAt one = trouble(Trouble::kThrottle, milliseconds(0), kForever);
    one.bytes_per_second = bytes_per_second;
    return one;
  }

  void offer() {
    const fs::path trial = folder_ / "trial";
    fs::create_directories(trial);
    std::ofstream(trial / "last.simulated", std::ios::binary) << content_;
    ASSERT_EQ(courier_->offer(kKey, 3, trial, kFormat, /*last=*/true), 1);
  }
  // Until every byte is on the coordinator's disk; then the worker is told so.
  bool stored(milliseconds patience) {
    std::vector<event::CheckpointArrived> arrived;
    if (!eventually([&] { return !(arrived = server_->arrived()).empty(); }, patience))
      return false;
    const event::CheckpointArrived& one = arrived.front();
    EXPECT_EQ(arrived.size(), 1U);
    EXPECT_EQ(one.key, kKey);
    EXPECT_TRUE(text_of(folder_ / "stored" / one.checkpoint.file) == content_);
    server_->carry_out(effect::CheckpointSettled{one.session, kKey.trial, one.checkpoint, true});
    return true;
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempFolder folder_;
  const KeyPair coordinator_ = make_key_pair(), worker_ = make_key_pair();
  std::string content_;
  std::unique_ptr<CheckpointServer> server_;
  std::optional<Relay> relay_;
  std::optional<CheckpointCourier> courier_;
};

TEST_F(Transfers, AnUploadThatIsCutGoesOn) {
  relay_->trouble({slow(1'000'000), trouble(Trouble::kCut, milliseconds(1200), seconds(1))});
  offer();
  EXPECT_TRUE(stored(seconds(20)));
  const RelayFigures figures = relay_->figures();
  EXPECT_EQ(figures.cut, 1);
  EXPECT_GT(figures.lost, 0);
  EXPECT_LT(figures.bytes, static_cast<std::int64_t>(2 * kBytes)) << "it began anew";
  courier_->finish(seconds(5));
}

// A router on the way forgets the connection: both sides believe that it is open.
TEST_F(Transfers, AnUploadOverADeadConnectionGoesOnOverAnother) {
  relay_->trouble({slow(1'000'000), trouble(Trouble::kSwallow, milliseconds(1200), kForever)});
  offer();
  EXPECT_TRUE(stored(seconds(30)));
  EXPECT_EQ(relay_->figures().connections, 2);
}

TEST_F(Transfers, ADownloadOverADeadConnectionGoesOnOverAnother) {
  offer();
  ASSERT_TRUE(stored(seconds(20)));
  relay_->trouble({slow(1'000'000), trouble(Trouble::kSwallow, milliseconds(1200), kForever)});
  fs::create_directories(folder_ / "other");
  EXPECT_TRUE(courier_->fetch(kKey, folder_ / "other", {kFormat}, StopFlag{}));
  EXPECT_TRUE(text_of(folder_ / "other" / "stored.simulated") == content_);
}

// A chunk takes longer than the coordinator waits until it asks again.
TEST_F(Transfers, ASlowLinkCarriesNoChunkManyTimes) {
  content_.resize(8 * kMaxChunkBytes);
  relay_->trouble({slow(100'000)});
  offer();
  EXPECT_TRUE(stored(seconds(60)));
  EXPECT_LT(relay_->figures().bytes, static_cast<std::int64_t>(content_.size() * 5 / 4));
}

}  // namespace
}  // namespace firesweep::e2e
