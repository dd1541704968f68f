// Who may connect, and what each may do: real programs, real sockets, a user and host of their own
// for everybody.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "shared/transport/client.h"
#include "shared/transport/key_files.h"
#include "shared/wire/codec.h"
#include "tests/e2e/strangers.h"
#include "tests/e2e/with_keys.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class Keys : public WithKeys {};

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
