#include "coordinator/server/allowed_keys.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

const std::string kHash(64, 'a');
const std::string kOtherHash(64, 'b');
constexpr UtcTime kNow{1'000'000};
constexpr UtcTime kLater = kNow + UtcTime(1);

PublicKey key_of(std::uint8_t first) {
  PublicKey key;
  key.bytes.fill(first);
  return key;
}

AllowedKeys invited(Role role, UtcTime expires = kLater) {
  AllowedKeys allowed;
  allowed.invitations.push_back({kHash, role, expires});
  return allowed;
}

TEST(AllowedKeys, AnUnknownKeyHasNoRight) {
  EXPECT_TRUE(AllowedKeys{}.rights_of(key_of(1), kNow).none());
}

TEST(AllowedKeys, AnUnknownKeyIsAGuestWhileAnInvitationIsOpen) {
  const AllowedKeys allowed = invited(Role::kClient);
  EXPECT_EQ(allowed.rights_of(key_of(1), kNow), rights_of(Role::kGuest));
  EXPECT_TRUE(allowed.rights_of(key_of(1), kLater).none()) << "it has expired";
}

TEST(AllowedKeys, ATokenWorksOnce) {
  AllowedKeys allowed = invited(Role::kWorker);
  ASSERT_TRUE(allowed.redeem(kHash, key_of(1), "node", kNow));
  EXPECT_EQ(allowed.rights_of(key_of(1), kNow), rights_of(Role::kWorker));
  const AllowedKeys after = allowed;
  EXPECT_FALSE(allowed.redeem(kHash, key_of(2), "thief", kNow));
  EXPECT_EQ(allowed, after);
  EXPECT_TRUE(allowed.rights_of(key_of(2), kNow).none());
}

TEST(AllowedKeys, AWrongOrExpiredTokenChangesNothing) {
  AllowedKeys allowed = invited(Role::kWorker);
  const AllowedKeys before = allowed;
  EXPECT_FALSE(allowed.redeem(kOtherHash, key_of(1), "node", kNow));
  EXPECT_FALSE(allowed.redeem("", key_of(1), "node", kNow));
  EXPECT_FALSE(allowed.redeem(kHash, key_of(1), "node", kLater));
  EXPECT_EQ(allowed, before);
}

TEST(AllowedKeys, AKeyMayHaveSeveralRoles) {
  AllowedKeys allowed = invited(Role::kWorker);
  ASSERT_TRUE(allowed.redeem(kHash, key_of(1), "node", kNow));
  allowed.invitations.push_back({kOtherHash, Role::kClientRead, kLater});
  ASSERT_TRUE(allowed.redeem(kOtherHash, key_of(1), "node", kNow));
  EXPECT_EQ(allowed.rights_of(key_of(1), kNow),
            rights_of(Role::kWorker) | rights_of(Role::kClientRead));
  ASSERT_TRUE(allowed.revoke("node"));
  EXPECT_TRUE(allowed.rights_of(key_of(1), kNow).none());
}

TEST(AllowedKeys, ARoleGivenTwiceIsOneRow) {
  AllowedKeys allowed = invited(Role::kWorker);
  allowed.invitations.push_back({kOtherHash, Role::kWorker, kLater});
  ASSERT_TRUE(allowed.redeem(kHash, key_of(1), "old", kNow));
  ASSERT_TRUE(allowed.redeem(kOtherHash, key_of(1), "new", kNow));
  ASSERT_EQ(allowed.keys.size(), 1U);
  EXPECT_EQ(allowed.keys[0].name, "new");
}

TEST(AllowedKeys, RevokeTakesANameOrFirstDigits) {
  AllowedKeys allowed;
  allowed.keys = {{key_of(0x11), Role::kWorker, kNow, "one"},
                  {key_of(0x22), Role::kClient, kNow, "two"},
                  {key_of(0x22), Role::kWorker, kNow, "two"}};
  EXPECT_EQ(allowed.revoke("1111111").error().code, ErrorCode::kNotFound) << "too short";
  EXPECT_EQ(allowed.revoke("three").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(allowed.revoke("11111111")->size(), 1U);
  EXPECT_EQ(allowed.revoke("two")->size(), 2U);
  EXPECT_TRUE(allowed.keys.empty());
}

TEST(AllowedKeys, RevokeOfANameThatTwoHostsHaveIsRefused) {
  AllowedKeys allowed;
  allowed.keys = {{key_of(0x11), Role::kWorker, kNow, "node"},
                  {key_of(0x22), Role::kWorker, kNow, "node"}};
  EXPECT_EQ(allowed.revoke("node").error().code, ErrorCode::kConflict);
  EXPECT_EQ(allowed.keys.size(), 2U);
}

TEST(AllowedKeys, TextReadsBack) {
  AllowedKeys allowed = invited(Role::kClientRead);
  allowed.keys = {{key_of(0x11), Role::kWorker, kNow, "node-7.example"},
                  {key_of(0x22), Role::kClient, UtcTime(0), "?"}};
  EXPECT_EQ(parse_allowed_keys("f", to_text(allowed)).value(), allowed);
  EXPECT_EQ(parse_allowed_keys("f", to_text({})).value(), AllowedKeys{});
  EXPECT_EQ(parse_allowed_keys("f", "").value(), AllowedKeys{});
}

TEST(AllowedKeys, AWrongLineIsNamed) {
  const std::string key = to_string(key_of(1));
  for (const std::string& line :
       {std::string("hello"), "key owner " + key + " 1 n", "key guest " + key + " 1 n",
        "key worker " + key.substr(1) + " 1 n", "key worker " + key + " x n",
        "key worker " + key + " -1 n", "key worker " + key + " 1",
        "key worker " + key + " 1 n more", "key worker " + key + " 1 \x1b[2J",
        "invitation worker " + kHash + " 1 n", "invitation worker " + kHash.substr(1) + " 1",
        "invitation worker " + kHash, std::string("key\0worker", 10)}) {
    const auto read = parse_allowed_keys("allowed", "# a comment\n\n" + line + "\n");
    ASSERT_FALSE(read) << line;
    EXPECT_EQ(read.error().where, "allowed:3");
  }
}

TEST(AllowedKeys, AHostsNameIsShownSafely) {
  EXPECT_EQ(clean_host_name("node7"), "node7");
  EXPECT_EQ(clean_host_name(""), "?");
  EXPECT_EQ(clean_host_name("a b\n\x1b[2J\xff"), "a?b??[2J?");
  EXPECT_EQ(clean_host_name(std::string(1000, 'x')).size(), 64U);
}

}  // namespace
}  // namespace firesweep
