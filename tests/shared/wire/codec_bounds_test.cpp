#include <gtest/gtest.h>
#include <malloc.h>

#include <bit>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <string>

#include "shared/domain/layer_limits.h"
#include "shared/wire/codec.h"
#include "tests/sanitized.h"
#include "tests/shared/wire/samples.h"

namespace firesweep {
namespace {

// Fields as firesweep.proto's encoding has them, so that a test can write what no encoder of ours
// would.
std::string varint(std::uint64_t value) {
  std::string bytes;
  while (value >= 0x80) {
    bytes += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  return bytes + static_cast<char>(value);
}
std::string whole(int field, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(static_cast<std::uint64_t>(value));
}
std::string fixed(int field, std::uint64_t value) {
  std::string bytes = varint(static_cast<std::uint64_t>(field) << 3 | 1);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}
std::string number(int field, double value) {
  return fixed(field, std::bit_cast<std::uint64_t>(value));
}
std::string nested(int field, const std::string& content) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(content.size()) + content;
}

const std::string kSessionField = nested(1, fixed(1, 1) + fixed(2, 2));

std::string from_worker(const std::string& message) {
  return nested(1, kSessionField + nested(2, message) + whole(3, 1));
}
std::string report_of(const std::string& body) {
  return from_worker(nested(3, whole(1, 1) + nested(2, whole(1, 5) + whole(2, 1)) + body));
}
std::string from_coordinator(const std::string& message) {
  return nested(3, kSessionField + whole(2, 1) + nested(3, message));
}

template <class T>
void expect_refused(const Result<T>& result, const std::string& where, const std::string& what) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(result.error().where, where);
  EXPECT_NE(result.error().what.find(what), std::string::npos) << result.error().what;
}

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string all;
  while (all.size() + part.size() <= bytes) all += part;
  return all;
}

// Peak of memory while `work` runs, above what was used before; 0 under a sanitizer, whose own
// memory says nothing of the decoder.
std::int64_t grows_by(const std::function<void()>& work) {
  const auto of_status = [](const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(name)) return std::stoll(line.substr(name.size())) << 10;
    }
    return 0LL;
  };
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const std::int64_t before = of_status("VmRSS:");
  work();
  return testing::kSanitized ? 0 : of_status("VmHWM:") - before;
}

// Without the bound a frame of 8 MiB takes from 200 to 900 MB.
TEST(CodecBounds, AFrameOfMillionsOfPartsIsRefusedInBoundedMemory) {
  const std::size_t most = kMaxMessageBytes - 100;
  const std::vector<std::pair<const char*, std::string>> bombs = {
      {"messages", nested(1, repeated(nested(2, ""), most))},
      {"messages with kinds", nested(1, repeated(nested(2, nested(2, "")), most))},
      {"held trials", from_worker(nested(1, repeated(nested(6, ""), most)))},
      {"names", from_worker(nested(1, nested(4, repeated(nested(6, ""), most))))},
      {"datasets", from_worker(nested(1, nested(4, repeated(nested(5, ""), most))))},
      {"measures", report_of(nested(5, repeated(nested(1, ""), most)))},
      {"seeds",
       nested(2, whole(1, kClientProtocolVersion) + nested(7, nested(3, std::string(most, '\1'))))},
      {"architectures", nested(2, nested(2, repeated(nested(3, ""), most)))},
      {"another direction", nested(3, repeated(nested(4, nested(5, "")), most))},
  };
  for (const auto& [what, bytes] : bombs) {
    SCOPED_TRACE(what);
    ASSERT_LE(bytes.size(), kMaxMessageBytes);
    const std::int64_t grown = grows_by([&, said = std::string_view(bytes)] {
      EXPECT_FALSE(decode_inbound(said));
      EXPECT_FALSE(decode_outbound(said));
    });
    EXPECT_LT(grown, 25 << 20);
    RecordProperty(what, std::to_string(grown >> 20) + " MiB");
  }
}

TEST(CodecBounds, ALongNameIsRefusedInBoundedMemory) {
  const std::string bytes = from_worker(nested(1, nested(2, std::string(8'000'000, 'x'))));
  const std::int64_t grown = grows_by([&] {
    expect_refused(decode_inbound(bytes), "worker frame/messages/0/hello/name", "8000000");
  });
  EXPECT_LT(grown, 25 << 20) << "the frame itself is held by who received it";
}

TEST(CodecBounds, HandWrittenFieldsAreWhatTheDecoderReads) {
  const auto decoded = decode_inbound(report_of(nested(3, whole(1, 9))));
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(std::get<WorkerFrame>(*decoded),
            (WorkerFrame{{1, 2}, 1, {Report{1, {{5}, {1}}, report::Started{9}}}}));
}

TEST(CodecBounds, FieldsOfANewerPeerAreIgnored) {
  const auto decoded =
      decode_inbound(report_of(nested(3, whole(1, 9) + nested(200, "news"))) + whole(1000, 1));
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(std::get<WorkerFrame>(*decoded).messages.size(), 1U);
}

TEST(CodecBounds, FramesOfAnUnknownKindAreRefused) {
  expect_refused(decode_inbound(nested(99, "x")), "message", "unknown kind");
  expect_refused(decode_outbound(nested(99, "x")), "message", "unknown kind");
}

TEST(CodecBounds, MessagesOfAnUnknownKindAreRefusedByTheirPlace) {
  expect_refused(decode_inbound(from_worker(nested(50, "x"))), "worker frame/messages/0",
                 "unknown kind");
  expect_refused(decode_inbound(report_of(nested(50, "x"))), "worker frame/messages/0/report",
                 "unknown kind");
  expect_refused(decode_outbound(from_coordinator(nested(50, "x"))), "coordinator frame/messages/0",
                 "unknown kind");
  expect_refused(decode_inbound(nested(2, whole(1, kClientProtocolVersion))), "request",
                 "unknown kind");
}

TEST(CodecBounds, UnknownEnumeratorsAreRefused) {
  expect_refused(decode_inbound(report_of(nested(6, whole(1, 77)))),
                 "worker frame/messages/0/report/errored/reason", "unknown enumerator 77");
  expect_refused(decode_inbound(report_of(nested(6, ""))),
                 "worker frame/messages/0/report/errored/reason", "unknown enumerator 0");
  expect_refused(decode_outbound(from_coordinator(nested(6, whole(1, 1) + whole(2, 9)))),
                 "coordinator frame/messages/0/ack/verdict", "unknown enumerator 9");
}

TEST(CodecBounds, ReasonsThatDoNotBelongAreRefused) {
  expect_refused(decode_inbound(report_of(nested(6, whole(1, 8)))),
                 "worker frame/messages/0/report/errored/reason", "found USER");
  expect_refused(decode_outbound(from_coordinator(nested(4, whole(2, 4)))),
                 "coordinator frame/messages/0/stop/reason", "found NAN");
}

TEST(CodecBounds, NumbersMustBeFiniteAndFractionsFractions) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string place = "worker frame/messages/0/report/progressed/";
  expect_refused(decode_inbound(report_of(nested(4, number(2, kNan)))), place + "train_loss",
                 "finite");
  expect_refused(decode_inbound(report_of(nested(4, number(3, 1.5)))), place + "train_accuracy",
                 "1.5");
  expect_refused(decode_inbound(report_of(nested(4, number(5, kNan)))), place + "val_accuracy",
                 "fraction");
  expect_refused(decode_inbound(report_of(nested(4, number(9, -1)))), place + "seconds",
                 "at least 0");
  expect_refused(decode_inbound(report_of(nested(4, number(10, kInfinity)))),
                 place + "images_per_s", "finite");
}

TEST(CodecBounds, NegativeIdsAndCountsAreRefused) {
  const auto with_key = [](TrialKey key) {
    return decode_inbound(
        encode(InboundFrame(samples::worker_frame({Report{1, key, report::Returned{}}}))));
  };
  expect_refused(with_key({{-1}, {1}}), "worker frame/messages/0/report/key/trial", "found -1");
  expect_refused(with_key({{1}, {-1}}), "worker frame/messages/0/report/key/attempt", "found -1");
  EXPECT_TRUE(with_key({{std::numeric_limits<std::int64_t>::max()}, {1}}));
  expect_refused(decode_inbound(report_of(nested(3, whole(1, std::int64_t{1} << 31)))),
                 "worker frame/messages/0/report/started/resumed_from_epoch", "2147483648");
}

TEST(CodecBounds, ASessionOfZeroIsRefused) {
  expect_refused(decode_inbound(nested(1, "")), "worker frame/session", "none");
  expect_refused(decode_outbound(nested(3, "")), "coordinator frame/session", "none");
}

TEST(CodecBounds, AWorkersFrameWithoutANumberIsRefusedUnlessItGreetsInAnotherProtocol) {
  const auto unnumbered = [](const WorkerMessage& message) {
    WorkerFrame frame = samples::worker_frame({message});
    frame.sequence = 0;
    return decode_inbound(encode(InboundFrame(std::move(frame))));
  };
  expect_refused(unnumbered(Heartbeat{}), "worker frame/sequence", "at least 1");
  Hello hello;
  expect_refused(unnumbered(hello), "worker frame/sequence", "at least 1");
  hello.protocol = kProtocolVersion - 1;
  EXPECT_TRUE(unnumbered(hello)) << "it is to be told why it cannot serve here";
}

TEST(CodecBounds, OfARequestInAnotherProtocolOnlyTheNumberIsRead) {
  const auto request = [](std::uint32_t protocol) {
    return decode_inbound(nested(2, whole(1, protocol) + nested(99, "a body of another time")));
  };
  expect_refused(request(kClientProtocolVersion), "request", "unknown kind");
  const auto newer = request(kClientProtocolVersion + 1);
  ASSERT_TRUE(newer) << "it is to be told why it is not answered";
  EXPECT_EQ(std::get<ClientRequest>(*newer).protocol, kClientProtocolVersion + 1);
}

TEST(CodecBounds, AnErrorHasTheFieldsThatClientsOfEveryVersionRead) {
  const auto bytes = [](ErrorCode code) {
    return encode(OutboundFrame(ClientReply(fail(code, "where", "what", "hint"))));
  };
  const std::string texts = nested(3, "where") + nested(4, "what") + nested(5, "hint");
  EXPECT_EQ(bytes(ErrorCode::kNotFound), nested(4, texts + whole(6, 1)));
  EXPECT_EQ(bytes(ErrorCode::kConflict), nested(4, texts + whole(7, 1)));
  EXPECT_EQ(bytes(ErrorCode::kUnavailable), nested(4, texts));
}

TEST(CodecBounds, AnAnswerThatIsNoneOrBreaksItsBoundsIsRefused) {
  const auto answer = [](const std::string& content) {
    return decode_outbound(nested(4, whole(1, 1) + content));
  };
  expect_refused(answer(""), "reply", "unknown kind");
  expect_refused(answer(nested(99, "x")), "reply", "unknown kind");
  expect_refused(answer(nested(8, "")), "reply/submitted/state", "unknown enumerator 0");
  const std::string running = whole(5, 1);
  EXPECT_TRUE(answer(nested(8, running)));
  expect_refused(answer(nested(8, whole(1, -1) + running)), "reply/submitted/sweep", "found -1");
  expect_refused(answer(nested(8, whole(3, -1) + running)), "reply/submitted/trials", "found -1");
  std::string warnings;
  for (int i = 0; i <= kMaxListed; ++i) warnings += nested(6, "w");
  expect_refused(answer(nested(8, running + warnings)), "reply/submitted/warnings", "257 entries");
  expect_refused(answer(nested(9, whole(2, 1) + whole(5, -1))), "reply/extended/first", "found -1");
  expect_refused(answer(nested(10, whole(2, 8))), "reply/sweep_steered/state",
                 "unknown enumerator 8");
  expect_refused(answer(nested(11, whole(2, 4))), "reply/trial_steered/now",
                 "unknown enumerator 4");
  expect_refused(answer(nested(12, nested(1, std::string(kMaxNameBytes + 1, 'n')))),
                 "reply/released/worker", "257 bytes");
}

TEST(CodecBounds, MoreWarningsThanAreListedAreLeftOut) {
  reply::Submitted submitted;
  submitted.warnings.resize(kMaxListed + 1, "w");
  const auto decoded = decode_outbound(encode(OutboundFrame(ClientReply(submitted))));
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  const auto& reply = std::get<ClientReply>(*decoded);
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<reply::Submitted>(*reply).warnings.size(), std::size_t{kMaxListed});
}

TEST(CodecBounds, RepeatedFieldsHaveTheirMost) {
  Heartbeat beat;
  beat.held.resize(kMaxHeld);
  EXPECT_TRUE(decode_inbound(encode(InboundFrame(samples::worker_frame({beat})))));
  beat.held.resize(kMaxHeld + 1);
  expect_refused(decode_inbound(encode(InboundFrame(samples::worker_frame({beat})))),
                 "worker frame/messages/0/heartbeat/held", "1025 entries");
  std::vector<WorkerMessage> messages(kMaxMessagesPerFrame, Goodbye{});
  EXPECT_TRUE(decode_inbound(encode(InboundFrame(samples::worker_frame(messages)))));
  messages.emplace_back(Goodbye{});
  expect_refused(decode_inbound(encode(InboundFrame(samples::worker_frame(messages)))),
                 "worker frame/messages", "4097 entries");
}

TEST(CodecBounds, StringsHaveTheirMost) {
  const std::string name(kMaxNameBytes + 1, 'n');
  const std::string text(kMaxTextBytes + 1, 't');
  expect_refused(decode_inbound(from_worker(nested(1, nested(2, name)))),
                 "worker frame/messages/0/hello/name", "257 bytes");
  expect_refused(decode_inbound(report_of(nested(6, whole(1, 1) + nested(2, text)))),
                 "worker frame/messages/0/report/errored/message", "4097 bytes");
  expect_refused(decode_outbound(nested(4, nested(4, text))), "reply/what", "4097 bytes");
}

TEST(CodecBounds, LongTextsAreCutWhenWrittenAndNamesToo) {
  const std::string text(3 * kMaxTextBytes, 't');
  const auto decoded = decode_outbound(
      encode(OutboundFrame(ClientReply(fail(ErrorCode::kBadInput, text, text, text)))));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<ClientReply>(*decoded).error().hint, std::string(kMaxTextBytes, 't'));
}

TEST(CodecBounds, BitmapsHaveTheirMost) {
  TrialResult result;
  result.val_correct.resize(kMaxBitmapBytes, 0xff);
  result.test_correct.resize(kMaxBitmapBytes + 1, 0xff);
  const auto decoded = decode_inbound(encode(
      InboundFrame(samples::worker_frame({Report{1, samples::kKey, report::Finished{result}}}))));
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  const auto& report = std::get<Report>(std::get<WorkerFrame>(*decoded).messages.front());
  EXPECT_EQ(std::get<report::Finished>(report.body).result.val_correct, result.val_correct);
  EXPECT_TRUE(std::get<report::Finished>(report.body).result.test_correct.empty());
  const std::string bits = nested(6, std::string(kMaxBitmapBytes + 1, '\0'));
  expect_refused(decode_inbound(report_of(nested(5, nested(1, nested(1, "val_correct") + bits)))),
                 "worker frame/messages/0/report/finished/val_correct", "65537 bytes");
}

TEST(CodecBounds, AMeasureOfANewerBuildIsIgnoredAndNoneComesTwiceOrInAnotherKind) {
  const auto finished = [](const std::string& measures) {
    return decode_inbound(report_of(nested(5, measures)));
  };
  const std::string known = nested(1, nested(1, "epochs") + whole(3, 8));  // 4, zigzag
  const auto read = finished(nested(1, nested(1, "of_tomorrow") + whole(3, 2)) + known);
  ASSERT_TRUE(read) << to_string(read.error());
  const auto& report = std::get<Report>(std::get<WorkerFrame>(*read).messages.front());
  EXPECT_EQ(std::get<report::Finished>(report.body).result.epochs, 4);
  const std::string where = "worker frame/messages/0/report/finished/epochs";
  expect_refused(finished(known + known), where, "twice");
  expect_refused(finished(nested(1, nested(1, "epochs") + whole(2, 1))), where, "another kind");
  expect_refused(finished(nested(1, nested(1, "epochs") + whole(3, 1))), where, "-1");
}

Result<OutboundFrame> assigned(const Assign& assign) {
  return decode_outbound(encode(OutboundFrame(samples::coordinator_frame({assign}))));
}

Layers nest(int depth) {
  Layers layers = {{"leaf", Flatten{}, {8, 0, 0}}};
  for (int level = 1; level < depth; ++level) {
    LayerOp op = level % 3 == 0   ? LayerOp(Concat{{layers}})
                 : level % 3 == 1 ? LayerOp(Residual{layers, {}, false})
                                  : LayerOp(Sequence{layers});
    layers = {{"0", std::move(op), {8, 0, 0}}};
  }
  return layers;
}

TEST(CodecBounds, LayersNestAtMostThirtyTwoDeep) {
  Assign assign = samples::assign();
  assign.architecture.layers = nest(kMaxLayerDepth);
  const auto decoded = assigned(assign);
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(std::get<Assign>(std::get<CoordinatorFrame>(*decoded).messages.front()), assign);
  assign.architecture.layers = nest(kMaxLayerDepth + 1);
  const auto refused = assigned(assign);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("deeper than 32"), std::string::npos) << refused.error().what;
  assign.architecture.layers = nest(1000);
  EXPECT_FALSE(assigned(assign));
}

TEST(CodecBounds, AConcatAtEveryLevelStillReachesTheFullDepth) {
  Assign assign = samples::assign();
  Layers layers = {{"leaf", Flatten{}, {8, 0, 0}}};
  for (int level = 1; level < kMaxLayerDepth; ++level)
    layers = {{"0", Concat{{layers}}, {8, 0, 0}}};
  assign.architecture.layers = layers;
  const auto decoded = assigned(assign);
  EXPECT_TRUE(decoded) << to_string(decoded.error());
}

TEST(CodecBounds, AnArchitectureHasAtMostTenThousandLayers) {
  Assign assign = samples::assign();
  const Layer leaf{"0", Flatten{}, {8, 0, 0}};
  assign.architecture.layers = {{"0", Sequence{Layers(kMaxLayers - 1, leaf)}, {8, 0, 0}}};
  EXPECT_TRUE(assigned(assign));
  assign.architecture.layers.push_back(leaf);
  const auto refused = assigned(assign);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("10001 entries"), std::string::npos) << refused.error().what;
}

TEST(CodecBounds, LayersOfAnUnknownKindAreRefused) {
  const std::string layer = nested(5, nested(1, "0") + nested(99, ""));
  expect_refused(decode_outbound(nested(3, kSessionField + whole(2, 1) + nested(4, layer))),
                 "coordinator frame/architectures/0/layers/0", "unknown kind");
}

TEST(CodecBounds, AnAssignmentMustReferToAnArchitectureOfItsFrame) {
  std::string bytes = encode(OutboundFrame(samples::coordinator_frame({samples::assign()})));
  const std::string index_7 = nested(3, nested(3, nested(2, whole(7, 7))));
  const auto refused = decode_outbound(bytes + index_7);
  ASSERT_FALSE(refused);
}

std::string config_with(const std::string& fields) {
  return from_coordinator(nested(2, nested(6, fields)));
}

TEST(CodecBounds, TrialFieldsOfANewerPeerAreRefusedByName) {
  const auto refused =
      decode_outbound(config_with(nested(1, nested(1, "label_smoothin") + number(4, 0.1))));
  expect_refused(refused, "coordinator frame/messages/0/assign/config", "\"label_smoothin\"");
  EXPECT_NE(refused.error().hint.find("label_smoothing"), std::string::npos)
      << refused.error().hint;
  EXPECT_NE(refused.error().hint.find("same build"), std::string::npos) << refused.error().hint;
}

TEST(CodecBounds, TrialFieldsAreHeldToTheFieldTable) {
  const std::string place = "coordinator frame/messages/0/assign/config/";
  const auto lr = nested(1, nested(1, "lr") + number(4, 0.1));
  expect_refused(decode_outbound(config_with(lr + lr)), place + "lr", "twice");
  expect_refused(decode_outbound(config_with(lr)), place + "variant", "not found");
  expect_refused(decode_outbound(config_with(nested(1, nested(1, "lr") + nested(5, "fast")))),
                 place + "lr", "");
  expect_refused(decode_outbound(config_with(nested(1, nested(1, "lr") + number(4, -3)))),
                 place + "lr", "");
  expect_refused(decode_outbound(config_with(nested(1, nested(1, "lr")))), place + "lr",
                 "no value");
}

TEST(CodecBounds, TextThatIsNotUtf8IsRefused) {
  EXPECT_FALSE(decode_inbound(from_worker(nested(1, nested(2, "\xff\xfe")))));
}

TEST(CodecBounds, MessagesBeyondEightMebibytesAreRefusedUnread) {
  expect_refused(decode_inbound(std::string(kMaxMessageBytes + 1, '\0')), "message",
                 "8388609 bytes");
  expect_refused(decode_outbound(std::string(kMaxMessageBytes + 1, '\0')), "message",
                 "8388609 bytes");
}

TEST(CodecBounds, IntervalsOfZeroAreRefused) {
  expect_refused(decode_outbound(from_coordinator(nested(1, whole(2, 1000)))),
                 "coordinator frame/messages/0/welcome/heartbeat_every_ms", "found 0");
}

}  // namespace
}  // namespace firesweep
