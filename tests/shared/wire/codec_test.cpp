#include "shared/wire/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <limits>
#include <set>

#include "tests/shared/wire/samples.h"

namespace firesweep {
namespace {

template <class Variant>
std::size_t kinds_among(const std::vector<Variant>& samples) {
  std::set<std::size_t> kinds;
  for (const Variant& sample : samples) kinds.insert(sample.index());
  return kinds.size();
}

TEST(Samples, ContainEveryKindOfMessage) {
  EXPECT_EQ(kinds_among(samples::worker_messages()), std::variant_size_v<WorkerMessage>);
  EXPECT_EQ(kinds_among(samples::report_bodies()), std::variant_size_v<ReportBody>);
  EXPECT_EQ(kinds_among(samples::coordinator_messages()), std::variant_size_v<CoordinatorMessage>);
  std::vector<decltype(ClientRequest::body)> bodies;
  for (const ClientRequest& request : samples::requests()) bodies.push_back(request.body);
  EXPECT_EQ(kinds_among(bodies), std::variant_size_v<decltype(ClientRequest::body)>);
  std::vector<ClientAnswer> answers;
  for (const ClientReply& reply : samples::replies()) {
    if (reply) answers.push_back(*reply);
  }
  EXPECT_EQ(kinds_among(answers), std::variant_size_v<ClientAnswer>);
  std::vector<LayerOp> ops;
  for (const Layer& layer : samples::architecture().layers) ops.push_back(layer.op);
  ops.push_back(Concat{});
  EXPECT_EQ(kinds_among(ops), std::variant_size_v<LayerOp>);
}

TEST(Codec, EveryInboundFrameSurvivesTheRoundTrip) {
  for (const InboundFrame& frame : samples::inbound()) {
    const auto decoded = decode_inbound(encode(frame));
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_TRUE(*decoded == frame);
  }
}

TEST(Codec, EveryOutboundFrameSurvivesTheRoundTrip) {
  for (const OutboundFrame& frame : samples::outbound()) {
    const auto decoded = decode_outbound(encode(frame));
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_TRUE(*decoded == frame);
  }
}

TEST(Codec, EqualFramesHaveEqualBytes) {
  EXPECT_EQ(encode(samples::inbound().front()), encode(samples::inbound().front()));
  EXPECT_EQ(encode(samples::outbound().front()), encode(samples::outbound().front()));
}

TEST(Codec, AnArchitectureSharedByAssignmentsTravelsOnce) {
  const auto one = encode(OutboundFrame(samples::coordinator_frame({samples::assign()})));
  const auto two =
      encode(OutboundFrame(samples::coordinator_frame({samples::assign(), samples::assign()})));
  auto small = samples::assign();
  small.architecture = {};
  const auto without = encode(OutboundFrame(samples::coordinator_frame({small})));
  EXPECT_LT(two.size() - one.size(), without.size());
}

TEST(Codec, FramesOfTheOtherDirectionAreRefused) {
  for (const InboundFrame& frame : samples::inbound()) EXPECT_FALSE(decode_outbound(encode(frame)));
  for (const OutboundFrame& frame : samples::outbound())
    EXPECT_FALSE(decode_inbound(encode(frame)));
}

TEST(Codec, NoBytesAreRefused) {
  EXPECT_FALSE(decode_inbound(""));
  EXPECT_FALSE(decode_outbound(""));
}

// Whatever a decoder takes from damaged bytes must be a frame it would take again: nothing out of
// bounds gets through.
void expect_error_or_valid(std::string_view bytes) {
  if (const auto frame = decode_inbound(bytes)) {
    const auto again = decode_inbound(encode(*frame));
    ASSERT_TRUE(again) << to_string(again.error());
    ASSERT_TRUE(*again == *frame);
  }
  if (const auto frame = decode_outbound(bytes)) {
    const auto again = decode_outbound(encode(*frame));
    ASSERT_TRUE(again) << to_string(again.error());
    ASSERT_TRUE(*again == *frame);
  }
}

// One message a frame: the first samples, which hold them all at once, would only cost time.
std::vector<std::string> all_samples() {
  std::vector<std::string> all;
  const auto inbound = samples::inbound();
  for (std::size_t i = 1; i < inbound.size(); ++i) all.push_back(encode(inbound[i]));
  const auto outbound = samples::outbound();
  for (std::size_t i = 1; i < outbound.size(); ++i) all.push_back(encode(outbound[i]));
  return all;
}

TEST(Codec, FramesTruncatedAtAnyByteAreRefusedOrValid) {
  for (const std::string& bytes : all_samples()) {
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      expect_error_or_valid(std::string_view(bytes).substr(0, length));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Codec, FramesWithAnyBitFlippedAreRefusedOrValid) {
  for (std::string bytes : all_samples()) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      expect_error_or_valid(bytes);
      if (HasFatalFailure()) return;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
  }
}

RC_GTEST_PROP(Codec, RandomBytesAreRefusedOrValid, (const std::string& bytes)) {
  expect_error_or_valid(bytes);
  RC_ASSERT(!::testing::Test::HasFatalFailure());
}

double any_double() { return std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>()); }
double any_number() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double strange = *rc::gen::element(0.5, -1.0, 2.0, kInfinity, -kInfinity,
                                           std::numeric_limits<double>::quiet_NaN());
  return *rc::gen::arbitrary<bool>() ? strange : any_double();
}

// A worker must never be stuck with a report that its coordinator refuses to read.
RC_GTEST_PROP(Codec, WhateverIsMeasuredCanBeDelivered, ()) {
  TrialResult result = samples::result();
  for (auto* value : {&result.val_accuracy, &result.val_loss, &result.val_top5,
                      &result.best_val_accuracy, &result.test_accuracy_flip}) {
    *value = any_number();
  }
  for (auto* value : {&result.test_accuracy, &result.test_loss, &result.test_top5,
                      &result.train_loss, &result.train_seconds, &result.images_per_s}) {
    *value = any_number();
  }
  result.device = *rc::gen::arbitrary<std::string>();
  EpochMetrics metrics;
  for (auto* value : {&metrics.train_loss, &metrics.train_accuracy, &metrics.lr, &metrics.seconds,
                      &metrics.images_per_s}) {
    *value = any_number();
  }
  metrics.val_loss = any_number();
  metrics.val_accuracy = any_number();
  LiveProgress live;
  live.loss = any_number();
  live.accuracy = any_number();
  live.images_per_s = any_number();
  const auto message = *rc::gen::arbitrary<std::string>();
  const WorkerFrame frame =
      samples::worker_frame({Report{1, samples::kKey, report::Finished{result}},
                             Report{2, samples::kKey, report::Progressed{metrics}},
                             Report{3, samples::kKey, report::Errored{Reason::kError, message, 0}},
                             Heartbeat{1, {}, 1, live}});
  const auto decoded = decode_inbound(encode(InboundFrame(frame)));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(std::get<WorkerFrame>(*decoded).messages.size() == 4U);
}

TEST(Codec, ALossThatIsNotFiniteArrivesAsTheLargestNumber) {
  EpochMetrics metrics = samples::metrics();
  metrics.val_loss = std::numeric_limits<double>::quiet_NaN();
  metrics.val_accuracy = std::numeric_limits<double>::quiet_NaN();
  metrics.images_per_s = std::numeric_limits<double>::infinity();
  const auto decoded = decode_inbound(encode(InboundFrame(
      samples::worker_frame({Report{1, samples::kKey, report::Progressed{metrics}}}))));
  ASSERT_TRUE(decoded);
  const auto& report = std::get<Report>(std::get<WorkerFrame>(*decoded).messages.front());
  const EpochMetrics& arrived = std::get<report::Progressed>(report.body).metrics;
  EXPECT_EQ(arrived.val_loss, std::numeric_limits<double>::max());
  EXPECT_EQ(arrived.val_accuracy, std::nullopt);
  EXPECT_EQ(arrived.images_per_s, 0.0);
}

TEST(Codec, AReplyBeyondOneMessageBecomesAnErrorThatSaysSo) {
  const ClientReply reply = reply::Rendered{std::string(kMaxMessageBytes, 'x')};
  const std::string bytes = encode(OutboundFrame(reply));
  ASSERT_LE(bytes.size(), kMaxMessageBytes);
  const auto decoded = decode_outbound(bytes);
  ASSERT_TRUE(decoded);
  const auto& arrived = std::get<ClientReply>(*decoded);
  ASSERT_FALSE(arrived);
  EXPECT_NE(arrived.error().what.find("8388608"), std::string::npos) << arrived.error().what;
}

}  // namespace
}  // namespace firesweep
