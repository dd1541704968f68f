// Those who have a key and send too much, or what no decoder takes: workers go on, and the
// coordinator's memory stays as it was.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <zmq.hpp>

#include "shared/wire/bounds.h"
#include "shared/wire/codec.h"
#include "tests/e2e/with_keys.h"

namespace firesweep::e2e {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kMostGrowth = std::int64_t{50} << 20;

// A connection by a known key that reads nothing and sends whatever it is told to.
class Sender {
 public:
  Sender(zmq::context_t& context, const std::string& to, const CallerKeys& keys)
      : socket_(context, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvhwm, 1);
    socket_.set(zmq::sockopt::curve_serverkey, zmq::buffer(keys.coordinator.bytes));
    socket_.set(zmq::sockopt::curve_publickey, zmq::buffer(keys.own.public_key.bytes));
    socket_.set(zmq::sockopt::curve_secretkey, zmq::buffer(keys.own.secret.bytes));
    socket_.connect(to);
  }
  bool send(const std::string& bytes) {
    return socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait).has_value();
  }
  std::optional<std::string> answer(milliseconds patience) {
    zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
    zmq::message_t message;
    if (zmq::poll(&item, 1, patience) == 0 || !socket_.recv(message)) return std::nullopt;
    return message.to_string();
  }

 private:
  zmq::socket_t socket_;
};

std::int64_t bytes_of(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stoll(line.substr(name.size())) << 10;
  }
  return 0;
}

// The peak of a process's memory from now on, above what it has now.
class Growth {
 public:
  explicit Growth(pid_t pid) : pid_(pid) {
    std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << "5";
    before_ = bytes_of(pid, "VmRSS:");
  }
  std::int64_t until_now() const { return bytes_of(pid_, "VmHWM:") - before_; }

 private:
  pid_t pid_;
  std::int64_t before_ = 0;
};

std::string asks(auto body) {
  return encode(InboundFrame(ClientRequest{kClientProtocolVersion, std::move(body)}));
}

class Floods : public WithKeys {
 protected:
  static constexpr int kTrials = 150;

  void SetUp() override {
    coordinator_.emplace(serve({}, "5"));
    endpoint_ = endpoint_of(*coordinator_);
    for (const char* person : {"friend", "reader"}) {
      ASSERT_EQ(paste(invite(person == std::string("friend") ? "client" : "client-read"),
                      folder_ / person)
                    .code,
                0);
    }
  }
  // Sends it over many connections until the sweep is finished; how much it sent.
  std::int64_t flood_a_sweep(const CallerKeys& keys, int connections,
                             const std::vector<std::string>& messages) {
    Process worker("firesweep-worker", {"--coordinator", endpoint_, "--slots", "2"},
                   folder_.path());
    EXPECT_EQ(firesweep({"submit", sweep(kTrials, 2, 0.02), "--coordinator", endpoint_}).code, 0);
    EXPECT_TRUE(becomes("SELECT count(*) > 0 FROM results", "1")) << worker.err();
    std::atomic<bool> ended = false;
    std::int64_t sent = 0;
    std::thread flooder([&] {
      zmq::context_t context(1);
      std::vector<Sender> senders;
      for (int i = 0; i < connections; ++i) senders.emplace_back(context, endpoint_, keys);
      for (std::size_t turn = 0; !ended; ++turn) {
        for (Sender& sender : senders) sent += sender.send(messages[turn % messages.size()]);
        if (turn % 10 == 0) std::this_thread::sleep_for(milliseconds(1));
      }
    });
    EXPECT_TRUE(becomes("SELECT state FROM sweeps", "FINISHED")) << worker.err();
    const Finished status = as(folder_ / "reader", {"status", "-f", "json"});
    ended = true;
    flooder.join();
    EXPECT_EQ(status.code, 0) << "others are answered meanwhile: " << status.err;
    status_ = status.out;
    EXPECT_EQ(ask(database_, "SELECT count(*) FROM results"), std::to_string(kTrials));
    EXPECT_EQ(ask(database_, "SELECT count(*) FROM attempts"), std::to_string(kTrials))
        << "no lease was lost";
    EXPECT_EQ(ask(database_, "SELECT count(*) FROM attempts WHERE ended = 'LOST'"), "0");
    return sent;
  }
  // What the status said of a sender of bad messages.
  nlohmann::json shown_of(const CallerKeys& keys) {
    const std::string sender = "key " + to_string(keys.own.public_key).substr(0, 16);
    const auto status = nlohmann::json::parse(status_);
    for (const auto& peer : status.at("bad_peers")) {
      if (peer.at("sender") == sender) return peer;
    }
    ADD_FAILURE() << sender << " is not in " << status.at("bad_peers");
    return {};
  }

  std::optional<Process> coordinator_;
  std::string status_;  // while the flood went on
};

TEST_F(Floods, GarbageOfAKnownKeyIsCountedThenIgnoredAndWorkersGoOn) {
  const CallerKeys keys = keys_of(folder_ / "friend");
  const Growth growth(coordinator_->pid());
  const std::int64_t sent = flood_a_sweep(keys, 8, {std::string(2000, '\xff'), "not a message"});
  EXPECT_GT(sent, 1000);
  const nlohmann::json shown = shown_of(keys);
  EXPECT_EQ(shown.at("silenced"), true) << shown;
  EXPECT_GT(shown.at("ignored").get<std::int64_t>(), shown.at("refused").get<std::int64_t>());
  EXPECT_LE(shown.at("refused").get<std::int64_t>(), 8 * (32 + 60)) << "32, then one a second";
  EXPECT_LE(growth.until_now(), kMostGrowth);
}

TEST_F(Floods, QuestionsOfAClientThatReadsNothingAreCountedThenIgnoredAndWorkersGoOn) {
  const CallerKeys keys = keys_of(folder_ / "friend");
  const Growth growth(coordinator_->pid());
  const std::int64_t sent = flood_a_sweep(
      keys, 8,
      {asks(request::Status{}), asks(request::Query{"leaderboard", "json", {}, {}, {}}),
       asks(request::Submit{"s.json", "{" + std::string(200'000, ' '), {}})});
  EXPECT_GT(sent, 1000);
  const nlohmann::json shown = shown_of(keys);
  EXPECT_GT(shown.at("ignored").get<std::int64_t>(), 0) << shown;
  EXPECT_LE(growth.until_now(), kMostGrowth);
}

// One user's broken programs, and the workers of the same user: all have one key.
TEST_F(Floods, TheFloodersOwnWorkersAreStillHeard) {
  const CallerKeys keys = keys_to(endpoint_).value().value();
  flood_a_sweep(keys, 60, {"not a message"});
  const nlohmann::json shown = shown_of(keys);
  EXPECT_GE(shown.at("refused").get<std::int64_t>(), 1024) << "its key as a whole is ignored";
  EXPECT_EQ(shown.at("silenced"), true) << shown;
}

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string all;
  while (all.size() + part.size() <= bytes) all += part;
  return all;
}

// As Protocol Buffers write a field of bytes; no encoder of ours writes more than may be.
std::string field(int number, const std::string& content) {
  std::string head(1, static_cast<char>(number << 3 | 2));
  std::size_t size = content.size();
  for (; size >= 0x80; size >>= 7) head += static_cast<char>(size | 0x80);
  return head + static_cast<char>(size) + content;
}

request::Submit submission(const std::string& architecture) {
  return {"s.json",
          R"({"name": "s", "method": "grid", "trainer": "simulated",
              "metric": {"name": "val_accuracy", "goal": "maximize"},
              "parameters": {"variant": {"value": "x"}}})",
          {{"x", architecture}}};
}

TEST_F(Floods, WhatIsTooDeepTooLongOrTooManyIsRefusedInBoundedMemory) {
  constexpr std::size_t kText = 1'000'000, kAll = 8'000'000;
  const std::string deep_blocks = repeated(R"({"residual":[)", kText);
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 7; ++i) many.emplace_back("x" + std::to_string(i), repeated("[[],", kText));
  const auto file = [](const std::string& name, const std::string& text) {
    return asks(request::Submit{name, text, {}});
  };
  const std::string architecture = R"({"format": 1, "input": [3, 32, 32], "blocks": [)";
  const std::string version{'\x08', static_cast<char>(kClientProtocolVersion)};
  struct Case {
    std::string what, bytes, answer;  // answer: a part of the refusal; nothing: it gets none
  };
  const std::vector<Case> cases = {
      {"deep JSON", file("s.json", repeated("[", kText)), "deeper than 64"},
      {"deep objects", file("s.json", repeated(R"({"a":)", kText)), "deeper than 64"},
      {"JSON of too many values", file("s.json", "{\"a\":[" + repeated("0,", kText)), "values"},
      {"a huge file", file("s.json", repeated("[", kAll)), "bytes"},
      {"deep YAML", file("s.yaml", repeated("- ", kText)), "s.yaml"},
      {"YAML whose aliases multiply",
       file("s.yaml", "a: &a \"" + std::string(kText / 2, 'x') + "\"\nb: [" +
                          repeated("*a,", kText / 3) + "]\n"),
       "s.yaml"},
      {"a deep architecture", asks(submission(architecture + deep_blocks)), "deeper than 64"},
      {"a huge architecture", asks(submission(repeated("[", kAll))), "bytes"},
      {"many large architectures", asks(request::Submit{"s.json", "{}", many}), "s.json"},
      {"a grid of 10^12 points",
       file("s.json", R"({"name": "s", "method": "grid", "trainer": "simulated", "run_cap": 5,
            "metric": {"name": "val_accuracy", "goal": "maximize"}, "parameters":
            {"variant": {"value": "v3"}, "split_seed": {"int_uniform": [0, 1000000000000]}}})"),
       "s.json"},
      {"a long name of a file", field(2, version + field(2, field(1, std::string(kAll, 'n')))), ""},
      {"a long name of a worker", field(1, field(2, field(1, field(2, std::string(kAll, 'n'))))),
       ""},
      {"millions of parts", field(1, repeated(field(2, ""), kAll)), ""},
      {"a frame that is too large", std::string(kMaxMessageBytes + 1000, 'x'), ""},
  };
  const CallerKeys keys = keys_of(folder_ / "friend");
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    zmq::context_t context(1);
    Sender sender(context, endpoint_, keys);
    const Growth growth(coordinator_->pid());
    ASSERT_TRUE(eventually([&] { return sender.send(one.bytes); }));
    const auto answer = sender.answer(one.answer.empty() ? milliseconds(500) : kPatience);
    EXPECT_LE(growth.until_now(), kMostGrowth);
    RecordProperty(one.what, std::to_string(growth.until_now() >> 20) + " MiB");
    if (one.answer.empty()) {
      EXPECT_FALSE(answer) << "it is not answered";
      continue;
    }
    ASSERT_TRUE(answer);
    const auto frame = decode_outbound(*answer);
    ASSERT_TRUE(frame) << to_string(frame.error());
    const auto& reply = std::get<ClientReply>(*frame);
    ASSERT_FALSE(reply);
    EXPECT_NE(to_string(reply.error()).find(one.answer), std::string::npos)
        << to_string(reply.error());
  }
  EXPECT_TRUE(coordinator_->running());
  EXPECT_EQ(ask(database_, "SELECT count(*) FROM sweeps"), "0");
}

}  // namespace
}  // namespace firesweep::e2e
