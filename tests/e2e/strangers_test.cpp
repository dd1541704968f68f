// Those whom nobody invited: each says everything there is to say, gets nothing and changes
// nothing. At the end the table of who sent what and got what is printed (tools/strangers.sh).
#include "tests/e2e/strangers.h"

#include <gtest/gtest.h>

#include <iostream>
#include <thread>

#include "shared/transport/client.h"
#include "shared/transport/joining.h"
#include "shared/wire/codec.h"
#include "shared/wire/join.h"
#include "tests/e2e/with_keys.h"

namespace firesweep::e2e {
namespace {

using std::chrono::milliseconds;

class Strangers : public WithKeys {
 protected:
  void SetUp() override {
    coordinator_.emplace(serve());
    endpoint_ = endpoint_of(*coordinator_);
    ASSERT_EQ(firesweep({"submit", sweep(3), "--coordinator", endpoint_}).code, 0);
    remember();
  }
  static void TearDownTestSuite() {
    std::cout << "\n| Who | Sent | Got |\n|---|---|---|\n";
    for (const auto& [who, sent, got] : table()) {
      std::cout << "| " << who << " | " << sent << " | " << got << " |\n";
    }
    std::cout << std::flush;
  }
  // A row of the table. What the coordinator said must be a part of a handshake that is refused.
  void got(const std::string& who, const std::string& sent, const std::string& got) {
    EXPECT_EQ(got.find("READY"), std::string::npos)
        << who << ": a handshake was completed: " << got;
    EXPECT_EQ(got.find("message"), std::string::npos) << who << ": " << got;
    table().push_back({who, sent, got});
  }
  void got_as_guest(const std::string& who, const std::string& sent, const std::string& got) {
    EXPECT_EQ(got.find("message"), std::string::npos) << who << ": " << got;
    table().push_back({who, sent, got});
  }
  void remember() {
    before_ = state();
    frames_before_ = frames();
  }
  // After strangers have spoken: their frames were not even counted as messages.
  void expect_nothing_changed() {
    EXPECT_EQ(frames() - frames_before_, 1) << "but for the question itself";
    EXPECT_EQ(state(), before_);
    EXPECT_TRUE(coordinator_->running());
  }
  // One who says everything; every connection leads through an eavesdropper.
  void expect_nothing_for(const std::string& who, const std::optional<CallerKeys>& keys) {
    expect_nothing_for(who, keys, everything_one_can_say({7, 7}), "every kind of message there is");
  }
  void expect_nothing_for(const std::string& who, const std::optional<CallerKeys>& keys,
                          const std::vector<std::string>& all, const std::string& sent) {
    const Eavesdropper between(endpoint_);
    EXPECT_EQ(says(all, (keys ? "" : "insecure-") + between.address(), keys), std::nullopt) << who;
    EXPECT_NE(between.answers(), "") << "nobody was connected";
    got(who, sent, between.answers());
  }
  static std::string token_of(const std::string& line) {
    return parse_invitation(words_of(line).at(3)).value().token;
  }

  std::optional<Process> coordinator_;
  std::string before_;
  std::int64_t frames_before_ = 0;

 private:
  struct Row {
    std::string who, sent, got;
  };
  static std::vector<Row>& table() {
    static std::vector<Row> rows;
    return rows;
  }
};

TEST_F(Strangers, WithoutAKeyGetNothing) {
  expect_nothing_for("no key (NULL mechanism)", std::nullopt);
  expect_nothing_changed();
}

TEST_F(Strangers, WithAnUnknownKeyGetNothing) {
  expect_nothing_for("an unknown key", CallerKeys{make_key_pair(), coordinator_key()});
  expect_nothing_changed();
}

TEST_F(Strangers, WhoDoNotKnowTheCoordinatorGetNothing) {
  expect_nothing_for("any key, another coordinator's public key",
                     CallerKeys{make_key_pair(), make_key_pair().public_key});
  expect_nothing_changed();
}

TEST_F(Strangers, WhoseKeyIsRevokedGetNothing) {
  ASSERT_EQ(paste(invite("client"), folder_ / "friend").code, 0);
  const CallerKeys keys = keys_of(folder_ / "friend");
  ASSERT_EQ(firesweep({"keys", "revoke", to_string(keys.own.public_key)}).code, 0);
  remember();
  expect_nothing_for("a revoked key", keys);
  expect_nothing_changed();
}

TEST_F(Strangers, WhoseTokenWasUsedOrHasExpiredGetNothing) {
  const std::string used = invite("client"), late = invite("worker", "1");
  ASSERT_EQ(paste(used, folder_ / "friend").code, 0);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  remember();
  for (const auto& [who, line, at] : {std::tuple("a token that was used", used, 3),
                                      std::tuple("a token that has expired", late, 4)}) {
    const auto invitation = parse_invitation(words_of(line).at(at));
    ASSERT_TRUE(invitation) << line;
    expect_nothing_for(who, CallerKeys{make_key_pair(), invitation->coordinator},
                       {encode(JoinRequest{invitation->token, "stranger"})}, "the invitation");
  }
  expect_nothing_changed();
  EXPECT_EQ(firesweep({"keys", "list", "-f", "csv"}).out.find("stranger"), std::string::npos);
}

// While an invitation is open a stranger is a guest: one message a connection, and only the token
// is looked at.
TEST_F(Strangers, WhoAreGuestsGetNothingWithoutTheToken) {
  const std::string line = invite("client");
  const Eavesdropper between(endpoint_);
  EXPECT_EQ(says_everything(between.address(), CallerKeys{make_key_pair(), coordinator_key()}),
            std::nullopt);
  got_as_guest("a guest (an invitation is open) without the token",
               "every kind of message there is", between.answers());
  EXPECT_EQ(state(), before_);
  EXPECT_TRUE(firesweep({"keys", "list", "-f", "csv"}).out.find("stranger") == std::string::npos);
  EXPECT_EQ(paste(line, folder_ / "friend").code, 0) << "it is still good";
}

TEST_F(Strangers, WhoAreGuestsHaveOneTry) {
  const std::string token = token_of(invite("client"));
  const Eavesdropper between(endpoint_);
  auto guest =
      DealerSocket::connect(between.address(), CallerKeys{make_key_pair(), coordinator_key()})
          .value();
  const std::string status =
      encode(InboundFrame(ClientRequest{kClientProtocolVersion, request::Status{}}));
  ASSERT_TRUE(eventually([&] { return guest.send(status); }));
  ASSERT_TRUE(eventually([&] { return guest.send(encode(JoinRequest{token, "g"})); }));
  EXPECT_FALSE(guest.poll(kStrangersPatience)) << "the right token, but second";
  got_as_guest("a guest who asked something first", "a question, then the right token",
               between.answers());
  guest.reconnect();
  ASSERT_TRUE(eventually([&] { return guest.send(encode(JoinRequest{token, "g"})); }));
  EXPECT_TRUE(guest.poll(kPatience));
}

TEST_F(Strangers, WhoReplayAHandshakeGetNothing) {
  std::string heard;
  {
    Eavesdropper between(endpoint_);
    auto connection = ClientConnection::open(between.address(), keys_to(endpoint_).value()).value();
    ASSERT_TRUE(connection.request({kClientProtocolVersion, request::Status{}}, kPatience));
    heard = between.heard();
  }
  EXPECT_NE(heard.find("INITIATE"), std::string::npos) << "the handshake was written down";
  EXPECT_EQ(heard.find("firesweep"), std::string::npos);
  frames_before_ = frames();
  // As the caller did: its greeting, its HELLO and the rest, each when the coordinator had
  // answered.
  constexpr std::size_t kGreeting = 64, kHello = 202;
  RawConnection replay(endpoint_);
  replay.say(heard.substr(0, kGreeting));
  std::string answer = replay.hear(kStrangersPatience);
  replay.say(heard.substr(kGreeting, kHello));
  answer += replay.hear(kStrangersPatience);
  EXPECT_NE(answer.find("WELCOME"), std::string::npos) << "as far as this anybody comes";
  replay.say(heard.substr(kGreeting + kHello));
  answer += replay.hear(kPatience);
  EXPECT_TRUE(replay.closed());
  got("whoever replays a handshake that was written down", "all that a known key had sent",
      described(answer, replay.closed()));
  expect_nothing_changed();
}

// The greeting of ZMTP and its mechanism is all that there is to be seen.
TEST_F(Strangers, LearnNothing) {
  const std::string greeting("\xff\0\0\0\0\0\0\0\1\x7f\3", 11);
  std::string learnt;
  for (const auto& [sent, bytes] : std::vector<std::pair<std::string, std::string>>{
           {"nothing", ""},
           {"an HTTP request", "GET / HTTP/1.1\r\n\r\n"},
           {"garbage", std::string(4096, '\xff')},
           {"half a greeting", greeting},
           {"a greeting of the NULL mechanism",
            greeting + std::string("\0NULL", 5) + std::string(48, '\0')},
           {"a greeting, and false CURVE commands",
            greeting + std::string("\0CURVE", 6) + std::string(4096, '\1')}}) {
    RawConnection stranger(endpoint_);
    stranger.say(bytes);
    const std::string answer = stranger.hear();
    EXPECT_LE(answer.size(), 64U) << "a greeting";
    got("a program that is no peer", sent, described(answer, stranger.closed()));
    learnt += answer;
  }
  for (const char* word : {"firesweep", "READY", "sweep", "0.1", "4.3"}) {
    EXPECT_EQ(learnt.find(word), std::string::npos) << word;
  }
  expect_nothing_changed();
}

}  // namespace
}  // namespace firesweep::e2e
