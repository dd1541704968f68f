#include "shared/wire/rights.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using enum Role;

struct Line {
  const char* what;
  InboundFrame frame;
  std::vector<Role> may;
};

// The whole table: every message, every role.
std::vector<Line> table() {
  const auto asks = [](auto body) { return ClientRequest{kProtocolVersion, std::move(body)}; };
  return {
      {"works", WorkerFrame{}, {kOwner, kWorker}},
      {"submits", asks(request::Submit{}), {kOwner, kClient}},
      {"extends", asks(request::Extend{}), {kOwner, kClient}},
      {"pauses", asks(request::Steer{request::Verb::kPause, {}, {}}), {kOwner, kClient}},
      {"resumes", asks(request::Steer{request::Verb::kResume, {}, {}}), {kOwner, kClient}},
      {"stops", asks(request::Steer{request::Verb::kStop, {}, {}}), {kOwner, kClient}},
      {"cancels", asks(request::Steer{request::Verb::kCancel, {}, {}}), {kOwner, kClient}},
      {"retries", asks(request::Steer{request::Verb::kRetry, {}, {}}), {kOwner, kClient}},
      {"releases", asks(request::Release{}), {kOwner, kClient}},
      {"looks", asks(request::Status{}), {kOwner, kClient, kClientRead}},
      {"queries", asks(request::Query{}), {kOwner, kClient, kClientRead}},
  };
}

TEST(Rights, EveryRoleMayWhatTheTableSaysAndNothingElse) {
  for (const Line& line : table()) {
    for (const Role role : {kOwner, kWorker, kClient, kClientRead, kGuest}) {
      const bool expected = std::find(line.may.begin(), line.may.end(), role) != line.may.end();
      EXPECT_EQ(rights_of(role).has(right_for(line.frame)), expected)
          << to_string(role) << " " << line.what;
    }
  }
}

TEST(Rights, AGuestMayShowAnInvitationAndNothingElse) {
  EXPECT_EQ(rights_of(kGuest), Rights{Right::kJoin});
}

TEST(Rights, NoRightIsNoRight) {
  constexpr Rights none;
  EXPECT_TRUE(none.none());
  for (const Right right : {Right::kJoin, Right::kWork, Right::kLook, Right::kSteer}) {
    EXPECT_FALSE(none.has(right));
  }
}

TEST(Rights, OfSeveralRolesAddUp) {
  const Rights both = rights_of(kWorker) | rights_of(kClientRead);
  EXPECT_TRUE(both.has(Right::kWork) && both.has(Right::kLook));
  EXPECT_FALSE(both.has(Right::kSteer));
}

TEST(Rights, InvitationsGiveThreeRoles) {
  for (const Role role : kInvitedRoles) EXPECT_EQ(parse_invited_role(to_string(role)), role);
  for (const char* word : {"owner", "guest", "", "Worker", "client "}) {
    EXPECT_FALSE(parse_invited_role(word)) << word;
  }
}

}  // namespace
}  // namespace firesweep
