#include "coordinator/server/allow_list.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "shared/base/clock.h"
#include "shared/transport/private_file.h"
#include "shared/wire/join.h"
#include "tests/shared/transport/folder.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

class AList : public ::testing::Test {
 protected:
  std::shared_ptr<AllowList> list() { return AllowList::open(config_, owner_).value(); }
  std::string token(Role role, std::chrono::hours expires = std::chrono::hours(1)) {
    return open_invitation(config_, role, system_now().utc + expires).value();
  }
  // What other processes changed counts after a moment.
  static void a_moment() { std::this_thread::sleep_for(2 * AllowList::kNoticedWithin); }
  std::string text() { return read_private(file_)->value_or(""); }

  Folder folder_;
  fs::path config_ = folder_.file("firesweep");
  fs::path file_ = config_ / kAllowListFile;
  PublicKey owner_ = make_key_pair().public_key;
  PublicKey key_ = make_key_pair().public_key;
};

TEST_F(AList, WithoutAFileKnowsItsOwnerAlone) {
  const auto allowed = list();
  EXPECT_EQ(allowed->rights_of(owner_), rights_of(Role::kOwner));
  EXPECT_TRUE(allowed->rights_of(key_).none());
}

TEST_F(AList, TheTokenIsNotInTheFile) {
  const std::string secret = token(Role::kWorker);
  EXPECT_EQ(secret.size(), kTokenBytes);
  EXPECT_EQ(text().find(secret), std::string::npos);
  EXPECT_EQ(text().find(hex_of(secret)), std::string::npos);
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0600));
}

TEST_F(AList, AnInvitationThatIsUsedCountsForEveryCoordinator) {
  const auto one = list(), other = list();
  const std::string secret = token(Role::kClient);
  a_moment();
  EXPECT_EQ(other->rights_of(key_), rights_of(Role::kGuest));
  ASSERT_TRUE(one->redeem(secret, key_, "node"));
  EXPECT_EQ(one->rights_of(key_), rights_of(Role::kClient));
  a_moment();
  EXPECT_EQ(other->rights_of(key_), rights_of(Role::kClient));
  EXPECT_FALSE(other->redeem(secret, make_key_pair().public_key, "thief"));
  EXPECT_EQ(list()->rights_of(key_), rights_of(Role::kClient)) << "also after a restart";
}

TEST_F(AList, WhoWasInvitedThisVeryMomentIsAGuest) {
  const auto allowed = list();
  EXPECT_TRUE(allowed->rights_of(key_).none());
  token(Role::kClient);
  EXPECT_EQ(allowed->rights_of(key_), rights_of(Role::kGuest));
}

TEST_F(AList, OfManyWhoShowOneTokenAtOnceOneIsTaken) {
  const std::string secret = token(Role::kWorker);
  std::atomic<int> taken{0};
  std::vector<std::thread> racers;
  for (int i = 0; i < 8; ++i) {
    racers.emplace_back([&] { taken += list()->redeem(secret, make_key_pair().public_key, "n"); });
  }
  for (std::thread& racer : racers) racer.join();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(read_allow_list(config_)->keys.size(), 1U);
}

TEST_F(AList, ARevokedKeyHasNoRightAndItsTokenIsGone) {
  const auto allowed = list();
  const std::string secret = token(Role::kWorker);
  ASSERT_TRUE(allowed->redeem(secret, key_, "node"));
  ASSERT_TRUE(change_allow_list(config_, [](AllowedKeys& keys) -> Result<void> {
    if (const auto revoked = keys.revoke("node"); !revoked) {
      return tl::unexpected(revoked.error());
    }
    return {};
  }));
  a_moment();
  EXPECT_TRUE(allowed->rights_of(key_).none());
  EXPECT_FALSE(allowed->redeem(secret, key_, "node"));
}

TEST_F(AList, ExpiredInvitationsAreForgotten) {
  const std::string secret = token(Role::kWorker, std::chrono::hours(-1));
  EXPECT_TRUE(list()->rights_of(key_).none());
  EXPECT_FALSE(list()->redeem(secret, key_, "node"));
  token(Role::kWorker);
  EXPECT_EQ(read_allow_list(config_)->invitations.size(), 1U);
}

TEST_F(AList, ADamagedFileLetsNobodyIn) {
  const auto allowed = list();
  ASSERT_TRUE(allowed->redeem(token(Role::kWorker), key_, "node"));
  std::ofstream(file_, std::ios::app) << "nonsense\n";
  a_moment();
  EXPECT_TRUE(allowed->rights_of(key_).none());
  EXPECT_EQ(allowed->rights_of(owner_), rights_of(Role::kOwner));
  EXPECT_EQ(AllowList::open(config_, owner_).error().code, ErrorCode::kBadInput);
}

TEST_F(AList, AFileThatOthersCanReadLetsNobodyIn) {
  const auto allowed = list();
  ASSERT_TRUE(allowed->redeem(token(Role::kWorker), key_, "node"));
  fs::permissions(file_, fs::perms(0644));
  std::ofstream(file_, std::ios::app) << "\n";
  a_moment();
  EXPECT_TRUE(allowed->rights_of(key_).none());
}

TEST_F(AList, AFileThatIsRemovedKnowsNobody) {
  const auto allowed = list();
  ASSERT_TRUE(allowed->redeem(token(Role::kWorker), key_, "node"));
  fs::remove(file_);
  a_moment();
  EXPECT_TRUE(allowed->rights_of(key_).none());
}

}  // namespace
}  // namespace firesweep
