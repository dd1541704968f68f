// Assignments between builds whose tables of hyperparameters differ.
#include "tests/shared/older_fields.h"

#include <gtest/gtest.h>

#include "shared/wire/codec.h"
#include "tests/shared/wire/samples.h"

namespace firesweep {
namespace {

std::string assignment(std::vector<Field> table, const TrialConfig& config) {
  const OtherFields other(std::move(table), older::first_names());
  Assign assign = samples::assign();
  assign.config = config;
  return encode(OutboundFrame(samples::coordinator_frame({assign})));
}

Result<TrialConfig> read(std::vector<Field> table, const std::string& bytes) {
  const OtherFields other(std::move(table), older::first_names());
  const auto frame = decode_outbound(bytes);
  if (!frame) return tl::unexpected(frame.error());
  return std::get<Assign>(std::get<CoordinatorFrame>(*frame).messages.at(0)).config;
}

TEST(OlderFields, AnOlderCoordinatorsTrialIsTrainedAsItWouldHave) {
  TrialConfig config;
  config.deterministic = true;
  const auto now = read(older::new_table(), assignment(older::old_table(), config));
  ASSERT_TRUE(now) << to_string(now.error());
  EXPECT_EQ(now->split_seed, 2);
  EXPECT_EQ(now->grad_clip, 0);
}

TEST(OlderFields, AnOlderWorkerTrainsWhatAsksForNothingNew) {
  TrialConfig config;
  config.split_seed = 2;  // exactness
  const auto then = read(older::old_table(), assignment(older::new_table(), config));
  ASSERT_TRUE(then) << to_string(then.error());
  EXPECT_TRUE(then->deterministic);
}

TEST(OlderFields, AnOlderWorkerRefusesWhatItDoesNotKnow) {
  TrialConfig config;
  config.grad_clip = 1;
  const auto refused = read(older::old_table(), assignment(older::new_table(), config));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("\"grad_clip\""), std::string::npos);
}

}  // namespace
}  // namespace firesweep
