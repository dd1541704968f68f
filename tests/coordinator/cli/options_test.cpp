#include "coordinator/cli/options.h"

#include <gtest/gtest.h>

#include "coordinator/cli/exit_codes.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

const Usage kUsage{"verb", "FILE", "Does things.", 1, 1};

po::options_description some_options() {
  po::options_description options("Options");
  options.add_options()("format,f", po::value<std::string>(), "how");
  return options;
}

TEST(Options, PositionalWordsAndOptionsAreToldApart) {
  const Parsed parsed = parse(kUsage, some_options(), {"a.json", "-f", "csv"});
  ASSERT_FALSE(parsed.exit);
  EXPECT_EQ(parsed.positional, Words{"a.json"});
  EXPECT_EQ(parsed.get<std::string>("format"), "csv");
}

TEST(Options, UnknownOptionIsRefusedWithItsNearMiss) {
  ::testing::internal::CaptureStderr();
  const Parsed parsed = parse(kUsage, some_options(), {"a.json", "--fromat=csv"});
  EXPECT_EQ(parsed.exit, kNothingBegan);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("--fromat"), std::string::npos) << said;
  EXPECT_NE(said.find("did you mean \"--format\"?"), std::string::npos) << said;
}

TEST(Options, DurationsAreTypedAsInSweepFiles) {
  po::options_description options("Options");
  options.add_options()("timeout", po::value<TypedDuration>()->default_value({15}), "how long");
  EXPECT_EQ(parse(kUsage, options, {"a"}).get<TypedDuration>("timeout")->seconds, 15);
  EXPECT_EQ(parse(kUsage, options, {"a", "--timeout", "90"}).get<TypedDuration>("timeout")->seconds,
            90);
  EXPECT_EQ(
      parse(kUsage, options, {"a", "--timeout", "1h30m"}).get<TypedDuration>("timeout")->seconds,
      5400);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(parse(kUsage, options, {"a", "--timeout=-1"}).exit, kNothingBegan);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("timeout"), std::string::npos) << said;
}

TEST(Options, AbbreviationsAreNotGuessed) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(parse(kUsage, some_options(), {"a.json", "--form", "csv"}).exit, kNothingBegan);
  ::testing::internal::GetCapturedStderr();
}

TEST(Options, MissingAndSurplusWordsAreNamed) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(parse(kUsage, some_options(), {}).exit, kNothingBegan);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("expected FILE"), std::string::npos);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(parse(kUsage, some_options(), {"a", "b"}).exit, kNothingBegan);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("\"b\""), std::string::npos);
}

TEST(Options, TrialsAreReadAsSweepSlashNumber) {
  EXPECT_EQ(parse_trial("3/17").value(), make_trial_id(SweepId{3}, 17));
  EXPECT_EQ(parse_trial("3/0").value(), make_trial_id(SweepId{3}, 0));
  for (const char* wrong :
       {"", "3", "/", "3/", "/1", "0/1", "a/1", "1/-1", "1/1099511627776", "1/1x"}) {
    EXPECT_FALSE(parse_trial(wrong)) << wrong;
  }
}

TEST(Options, SweepsAreWholeNumbersFromOne) {
  EXPECT_EQ(parse_sweep("12").value(), SweepId{12});
  for (const char* wrong : {"", "0", "-1", "x", "1.5", "99999999999999999999"})
    EXPECT_FALSE(parse_sweep(wrong));
}

}  // namespace
}  // namespace firesweep
