// Who may connect, and what each may do: real programs, real sockets, a user and host of their own
// for everybody.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "shared/transport/client.h"
#include "shared/transport/joining.h"
#include "shared/transport/key_files.h"
#include "shared/wire/codec.h"
#include "shared/wire/join.h"
#include "tests/e2e/another_user.h"
#include "tests/e2e/own_folder.h"
#include "tests/e2e/strangers.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream words(line);
  return {std::istream_iterator<std::string>(words), {}};
}

class Keys : public OwnFolder {
 protected:
  Keys() { ::setenv("XDG_CONFIG_HOME", config_home().c_str(), /*overwrite=*/1); }
  Process serve(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"serve",   "--listen", "tcp://127.0.0.1:*", "--heartbeat", "0.2",
                                   "--lease", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return Process("firesweep", words, folder_.path());
  }
  // The command to paste.
  std::string invite(const std::string& role, const std::string& expires = "1h") {
    const Finished invited = firesweep(
        {"keys", "invite", "--role", role, "--expires", expires, "--coordinator", endpoint_});
    EXPECT_EQ(invited.code, 0) << invited.err;
    EXPECT_EQ(std::count(invited.out.begin(), invited.out.end(), '\n'), 1) << invited.out;
    return invited.out;
  }
  // Pastes a command as the user whose configuration lies in `home`.
  Finished paste(const std::string& line, const fs::path& home) {
    const AnotherUser user(home);
    std::vector<std::string> words = words_of(line);
    EXPECT_EQ(words.at(0), "firesweep");
    return run("firesweep", {words.begin() + 1, words.end()}, folder_.path());
  }
  Process worker_by(const std::string& line, const fs::path& home) {
    const AnotherUser user(home);
    std::vector<std::string> words = words_of(line);
    EXPECT_EQ(words.at(0), "firesweep-worker");
    words.insert(words.end(), {"--slots", "1", "--checkpoint-dir", (home / "disk").string()});
    return Process("firesweep-worker", {words.begin() + 1, words.end()}, folder_.path());
  }
  Finished as(const fs::path& home, std::vector<std::string> words) {
    const AnotherUser user(home);
    words.insert(words.end(), {"--coordinator", endpoint_});
    return run("firesweep", std::move(words), folder_.path());
  }
  CallerKeys keys_of(const fs::path& home) {
    const AnotherUser user(home);
    return keys_to(endpoint_).value().value();
  }
  PublicKey coordinator_key() {
    return read_or_make_key(fs::path(config_home()) / "firesweep" / kCoordinatorKeyFile)
        ->public_key;
  }
  std::int64_t frames() {
    const Finished status = firesweep({"status", "-f", "json", "--coordinator", endpoint_});
    return nlohmann::json::parse(status.out).at("coordinator").at("frames").get<std::int64_t>();
  }
  // Everything that strangers could change.
  std::string state() {
    return firesweep({"list", "-f", "json", "--coordinator", endpoint_}).out +
           firesweep({"list", "1", "-f", "json", "--coordinator", endpoint_}).out +
           ask(database_, "SELECT count(*) || ' ' || (SELECT count(*) FROM workers) FROM attempts");
  }
  bool becomes(const std::string& sql, const std::string& value) {
    return eventually([&] { return ask(database_, sql) == value; });
  }

  std::string endpoint_;
};

TEST_F(Keys, OnOneMachineNobodyTypesAKey) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  Process worker("firesweep-worker", {"--coordinator", endpoint_, "--slots", "1"}, folder_.path());
  ASSERT_EQ(firesweep({"submit", sweep(3), "--coordinator", endpoint_}).code, 0);
  EXPECT_TRUE(becomes("SELECT state FROM sweeps", "FINISHED"));
  EXPECT_EQ(firesweep({"status"}).code, 0) << "found by the database, too";
  RawConnection caller(endpoint_);
  caller.say(std::string("\xff\0\0\0\0\0\0\0\1\x7f\3", 11));  // or half the greeting is held back
  const std::string greeting = caller.hear();
  EXPECT_NE(greeting.find("CURVE"), std::string::npos);
  EXPECT_EQ(greeting.find("NULL"), std::string::npos);
}

TEST_F(Keys, AreMadeByHandWhereTheyAreHandedToOthers) {
  const fs::path home = folder_ / "handed";
  const AnotherUser user(home);
  const Finished made = firesweep({"keys", "make"});
  ASSERT_EQ(made.code, 0) << made.err;
  for (const char* file : {kCoordinatorKeyFile, kOwnKeyFile}) {
    const fs::path key = home / "firesweep" / file;
    EXPECT_NE(made.out.find(key.string() + "\n"), std::string::npos) << made.out;
    EXPECT_EQ(fs::status(key).permissions(), fs::perms(0600));
  }
  const std::string key = text_of("handed/firesweep/own.key");
  EXPECT_EQ(firesweep({"keys", "make"}).out, made.out);
  EXPECT_EQ(text_of("handed/firesweep/own.key"), key) << "none is made twice";
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  EXPECT_EQ(firesweep({"status", "--coordinator", endpoint_}).code, 0);
}

TEST_F(Keys, AWorkerJoinsByTheOnePastedLine) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  ASSERT_EQ(firesweep({"submit", sweep(4, 20, 0.02), "--coordinator", endpoint_}).code, 0);
  const std::string line = invite("worker");
  {
    Process worker = worker_by(line, folder_ / "node");
    EXPECT_TRUE(becomes("SELECT count(*) > 0 FROM epochs", "1")) << worker.err();
    worker.signal(SIGTERM);
    EXPECT_EQ(worker.wait(), 0) << worker.err();
  }
  // The same line again, as in a job's script: its key is known.
  Process again = worker_by(line, folder_ / "node");
  EXPECT_TRUE(becomes("SELECT state FROM sweeps", "FINISHED")) << again.err();
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM results"), "4");
  EXPECT_NE(ask(database_, "SELECT max(resumed_from_epoch) FROM attempts"), "0")
      << "its checkpoint travelled";
  const std::string listed = firesweep({"keys", "list"}).out;
  EXPECT_NE(listed.find("worker"), std::string::npos) << listed;
}

TEST_F(Keys, ALineWorksOnce) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  const std::string line = invite("client");
  EXPECT_EQ(paste(line, folder_ / "friend").code, 0);
  const Finished thief = paste(line, folder_ / "thief");
  EXPECT_EQ(thief.code, 1);
  EXPECT_NE(thief.err.find("no invitation open"), std::string::npos) << thief.err;
  EXPECT_EQ(paste(line, folder_ / "friend").code, 0) << "by its own key again";
}

TEST_F(Keys, ALineExpires) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  const std::string line = invite("client", "1");
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(paste(line, folder_ / "late").code, 1);
  EXPECT_NE(as(folder_ / "late", {"status"}).code, 0) << "it knows no key of the coordinator";
}

TEST_F(Keys, EachRoleMayWhatItIsFor) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  const fs::path reader = folder_ / "reader", client = folder_ / "client", node = folder_ / "node";
  const std::string file = sweep(1, 1, 30);
  EXPECT_EQ(paste(invite("client-read"), reader).code, 0);
  EXPECT_EQ(paste(invite("client"), client).code, 0);
  Process worker = worker_by(invite("worker"), node);

  const auto refused = [&](const fs::path& who, const std::vector<std::string>& words) {
    const Finished tried = as(who, words);
    EXPECT_NE(tried.code, 0) << words[0];
    EXPECT_NE(tried.err.find("may not do that"), std::string::npos) << words[0] << tried.err;
  };
  ASSERT_TRUE(becomes("SELECT count(*) FROM workers", "1"));
  for (const fs::path& who : {reader, node}) refused(who, {"submit", file});
  EXPECT_EQ(as(client, {"submit", file}).code, 0);
  for (const fs::path& who : {reader, node}) {
    for (const char* verb : {"pause", "stop", "cancel"}) refused(who, {verb, "1"});
    refused(who, {"retry", "1/0"});
    refused(who, {"release", "host/0"});
    refused(who, {"extend", "1", file});
  }
  for (const char* verb : {"status", "list", "leaderboard", "pareto"}) {
    EXPECT_EQ(as(reader, {verb}).code, 0) << verb;
    EXPECT_EQ(as(client, {verb}).code, 0) << verb;
    refused(node, {verb});
  }
  // Neither of the clients may train.
  for (const fs::path& who : {reader, client}) {
    const AnotherUser user(who);
    const Finished tried =
        run("firesweep-worker", {"--coordinator", endpoint_, "--slots", "1"}, folder_.path());
    EXPECT_NE(tried.code, 0);
    EXPECT_NE(tried.err.find("may not train here"), std::string::npos) << tried.err;
  }
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM workers"), "1");
  EXPECT_EQ(as(client, {"cancel", "1"}).code, 0);
}

TEST_F(Keys, ARevokedKeyIsCutOffAtOnce) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  const fs::path friends = folder_ / "friend";
  ASSERT_EQ(paste(invite("client"), friends).code, 0);
  auto connection = ClientConnection::open(endpoint_, keys_of(friends)).value();
  const ClientRequest status{kClientProtocolVersion, request::Status{}};
  ASSERT_TRUE(connection.request(status, kPatience));

  const std::string key = to_string(keys_of(friends).own.public_key).substr(0, 16);
  const Finished revoked = firesweep({"keys", "revoke", key});
  EXPECT_EQ(revoked.code, 0) << revoked.err;
  EXPECT_NE(revoked.out.find(key), std::string::npos) << revoked.out;
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_FALSE(connection.request(status, milliseconds(500))) << "on the live connection";
  EXPECT_EQ(as(friends, {"status"}).code, 1) << "on a new one";
  EXPECT_EQ(firesweep({"keys", "list"}).out.find(key), std::string::npos);
}

TEST_F(Keys, ARevokedWorkerLosesItsTrialAndItsReportsCountForNothing) {
  Process coordinator = serve();
  endpoint_ = endpoint_of(coordinator);
  ASSERT_EQ(firesweep({"submit", sweep(1, 2000, 0.01), "--coordinator", endpoint_}).code, 0);
  Process worker = worker_by(invite("worker"), folder_ / "node");
  ASSERT_TRUE(becomes("SELECT count(*) > 2 FROM epochs", "1")) << worker.err();
  const std::string key = to_string(keys_of(folder_ / "node").own.public_key).substr(0, 12);
  ASSERT_EQ(firesweep({"keys", "revoke", key}).code, 0);
  EXPECT_TRUE(becomes("SELECT count(*) FROM attempts WHERE ended_ms IS NULL", "0"))
      << "its lease runs out";
  const std::string known = ask(database_, "SELECT max(epoch) FROM epochs");
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_EQ(ask(database_, "SELECT max(epoch) FROM epochs"), known);
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM attempts"), "1") << "it gets nothing more";
}

// A key of a worker, and the session of another worker's.
TEST_F(Keys, NoWorkerReportsForAnother) {
  Process coordinator = serve({"--log-file", (folder_ / "log").string()});
  endpoint_ = endpoint_of(coordinator);
  ASSERT_EQ(firesweep({"submit", sweep(1, 2000, 0.01), "--coordinator", endpoint_}).code, 0);
  Process worker("firesweep-worker", {"--coordinator", endpoint_, "--slots", "1"}, folder_.path());
  ASSERT_TRUE(becomes("SELECT count(*) > 2 FROM epochs", "1"));
  const std::string session = ask(database_, "SELECT session FROM workers");
  const SessionId another{std::stoull(session.substr(0, 16), nullptr, 16),
                          std::stoull(session.substr(16), nullptr, 16)};
  EXPECT_EQ(another.high, session_mark(keys_to(endpoint_)->value().own.public_key));

  Process other = worker_by(invite("worker"), folder_ / "node");
  ASSERT_TRUE(becomes("SELECT count(*) FROM workers", "2")) << other.err();
  const CallerKeys keys = keys_of(folder_ / "node");
  auto socket = DealerSocket::connect(endpoint_, keys).value();
  for (const std::string& bytes : everything_one_can_say(another)) {
    const auto frame = decode_inbound(bytes);
    if (!frame || !std::holds_alternative<WorkerFrame>(*frame)) continue;
    ASSERT_TRUE(eventually([&] { return socket.send(bytes); }));
  }
  EXPECT_FALSE(socket.poll(kStrangersPatience)) << "it is not answered";
  EXPECT_TRUE(
      eventually([&] { return text_of("log").find("foreign_session") != std::string::npos; }));
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM attempts WHERE ended_ms IS NOT NULL"), "0");
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM results"), "0");
}

// The strangers' table: each says everything there is to say, gets nothing and changes nothing.
class Strangers : public Keys {
 protected:
  void SetUp() override {
    coordinator_.emplace(serve());
    endpoint_ = endpoint_of(*coordinator_);
    ASSERT_EQ(firesweep({"submit", sweep(3), "--coordinator", endpoint_}).code, 0);
    before_ = state();
    frames_before_ = frames();
  }
  // After strangers have spoken: their frames were not even counted as messages.
  void expect_nothing_changed(std::int64_t guests = 0) {
    EXPECT_EQ(frames() - frames_before_, 1 + guests) << "but for the question itself";
    EXPECT_EQ(state(), before_);
    EXPECT_TRUE(coordinator_->running());
  }

  std::optional<Process> coordinator_;
  std::string before_;
  std::int64_t frames_before_ = 0;
};

TEST_F(Strangers, WithoutAKeyGetNothing) {
  EXPECT_EQ(says_everything("insecure-" + endpoint_, std::nullopt), std::nullopt);
  expect_nothing_changed();
}

TEST_F(Strangers, WithAnUnknownKeyGetNothing) {
  EXPECT_EQ(says_everything(endpoint_, CallerKeys{make_key_pair(), coordinator_key()}),
            std::nullopt);
  expect_nothing_changed();
}

TEST_F(Strangers, WhoDoNotKnowTheCoordinatorGetNothing) {
  EXPECT_EQ(says_everything(endpoint_, CallerKeys{make_key_pair(), make_key_pair().public_key}),
            std::nullopt);
  expect_nothing_changed();
}

TEST_F(Strangers, WhoseKeyIsRevokedGetNothing) {
  ASSERT_EQ(paste(invite("client"), folder_ / "friend").code, 0);
  const CallerKeys keys = keys_of(folder_ / "friend");
  ASSERT_EQ(firesweep({"keys", "revoke", to_string(keys.own.public_key)}).code, 0);
  before_ = state();
  frames_before_ = frames();
  EXPECT_EQ(says_everything(endpoint_, keys), std::nullopt);
  expect_nothing_changed();
}

// While an invitation is open a stranger is a guest: one message a connection, and only the token
// is looked at.
TEST_F(Strangers, WhoAreGuestsGetNothingWithoutTheToken) {
  const std::string line = invite("client");
  EXPECT_EQ(says_everything(endpoint_, CallerKeys{make_key_pair(), coordinator_key()}),
            std::nullopt);
  EXPECT_EQ(state(), before_);
  EXPECT_TRUE(firesweep({"keys", "list", "-f", "csv"}).out.find("stranger") == std::string::npos);
  EXPECT_EQ(paste(line, folder_ / "friend").code, 0) << "it is still good";
}

TEST_F(Strangers, WhoAreGuestsHaveOneTry) {
  const std::string line = invite("client");
  const auto invitation = parse_invitation(words_of(line).at(3));
  ASSERT_TRUE(invitation);
  auto guest =
      DealerSocket::connect(endpoint_, CallerKeys{make_key_pair(), coordinator_key()}).value();
  const std::string status =
      encode(InboundFrame(ClientRequest{kClientProtocolVersion, request::Status{}}));
  ASSERT_TRUE(eventually([&] { return guest.send(status); }));
  ASSERT_TRUE(eventually([&] { return guest.send(encode(JoinRequest{invitation->token, "g"})); }));
  EXPECT_FALSE(guest.poll(kStrangersPatience)) << "the right token, but second";
  guest.reconnect();
  ASSERT_TRUE(eventually([&] { return guest.send(encode(JoinRequest{invitation->token, "g"})); }));
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
  RawConnection replay(endpoint_);
  replay.say(heard);
  const std::string answer = replay.hear(std::chrono::seconds(2));
  EXPECT_TRUE(replay.closed());
  EXPECT_EQ(answer.find("READY"), std::string::npos) << "no handshake is completed";
  EXPECT_EQ(answer.find("MESSAGE"), std::string::npos);
  expect_nothing_changed();
}

// The greeting of ZMTP and its mechanism is all that there is to be seen.
TEST_F(Strangers, LearnNothing) {
  std::string learnt;
  for (const std::string& bytes :
       {std::string(), std::string("GET / HTTP/1.1\r\n\r\n"), std::string(4096, '\xff'),
        std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16) + std::string(48, '\0'),
        std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE", 17) + std::string(4096, '\1')}) {
    RawConnection stranger(endpoint_);
    stranger.say(bytes);
    const std::string answer = stranger.hear();
    EXPECT_LE(answer.size(), 64U) << "a greeting";
    learnt += answer;
  }
  for (const char* word : {"firesweep", "READY", "sweep", "0.1", "4.3"}) {
    EXPECT_EQ(learnt.find(word), std::string::npos) << word;
  }
  expect_nothing_changed();
}

TEST_F(Keys, InsecureIsShouted) {
  Process coordinator = serve({"--insecure", "--log-file", (folder_ / "log").string()});
  endpoint_ = endpoint_of(coordinator);
  EXPECT_TRUE(endpoint_.starts_with("insecure-tcp://")) << endpoint_;
  EXPECT_NE(coordinator.out().find("INSECURE"), std::string::npos);
  EXPECT_TRUE(
      eventually([&] { return text_of("log").find("event=insecure") != std::string::npos; }));
  const Finished status = firesweep({"status"});
  EXPECT_NE(status.out.find("INSECURE"), std::string::npos) << status.out << status.err;
  Process worker("firesweep-worker", {"--coordinator", endpoint_, "--slots", "1"}, folder_.path());
  ASSERT_EQ(firesweep({"submit", sweep(2), "--coordinator", endpoint_}).code, 0);
  EXPECT_TRUE(becomes("SELECT state FROM sweeps", "FINISHED"));
  const std::string with_keys = endpoint_.substr(std::string("insecure-").size());
  const Finished refused = firesweep({"status", "--coordinator", with_keys});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("insecure-tcp://"), std::string::npos) << refused.err;
}

TEST_F(Keys, WhatOthersCanReadIsRefused) {
  const fs::path home = folder_ / "careless";
  const AnotherUser user(home);
  {
    Process coordinator = serve();
    endpoint_ = endpoint_of(coordinator);
  }
  fs::permissions(home / "firesweep" / kCoordinatorKeyFile, fs::perms(0644));
  const Finished refused = firesweep({"serve", "--listen", "tcp://127.0.0.1:*"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("chmod 600"), std::string::npos) << refused.err;
}

TEST_F(Keys, MistakesAreNamed) {
  const auto refused = [&](const std::vector<std::string>& words, const std::string& part) {
    const Finished tried = firesweep(words);
    EXPECT_EQ(tried.code, 2) << words[1];
    EXPECT_NE(tried.err.find(part), std::string::npos) << tried.err;
  };
  const std::string at = "tcp://10.0.0.1:5555";
  refused({"keys", "invit"}, "did you mean \"invite\"?");
  refused({"keys", "invite", "--role", "workr", "--coordinator", at}, "did you mean \"worker\"?");
  refused({"keys", "invite", "--expires", "0", "--coordinator", at}, "--expires");
  refused({"keys", "invite"}, "no coordinator serves");
  refused({"keys", "invite", "--coordinator", "insecure-" + at}, "asks nobody for a key");
  refused({"keys", "revoke", "nobody"}, "keys list");
  refused({"keys", "join", "abc", "--coordinator", at}, "64 hexadecimal digits");
  {
    const AnotherUser stranger(folder_ / "stranger");
    refused({"status", "--coordinator", at}, "keys invite");
  }
  Process coordinator = serve();
  endpoint_of(coordinator);
  refused({"keys", "invite"}, "other hosts cannot reach");
}

}  // namespace
}  // namespace firesweep::e2e
