#include "worker/runtime/verbs/dataset_verbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "worker/runtime/exit_codes.h"

namespace firesweep {
namespace {

using ::testing::HasSubstr;

TEST(ProgressLine, ShowsShareBytesSpeedAndTimeLeft) {
  const std::string line = progress_line("cifar100", {84'100'000, 168'200'000, 8'410'000}, 200);
  EXPECT_THAT(line, HasSubstr("cifar100"));
  EXPECT_THAT(line, HasSubstr("50%"));
  EXPECT_THAT(line, HasSubstr("84.1 / 168.2 MB"));
  EXPECT_THAT(line, HasSubstr("8.4 MB/s"));
  EXPECT_THAT(line, HasSubstr("10 s left"));
  EXPECT_THAT(line, HasSubstr("█"));
}

TEST(ProgressLine, UnknownTotalShowsBytesAlone) {
  EXPECT_EQ(progress_line("x", {1'500'000, std::nullopt, 10}, 80), "x  1.5 MB");
}

TEST(ProgressLine, NarrowTerminalLosesTheBarFirst) {
  const std::string line = progress_line("cifar100", {84'100'000, 168'200'000, 8'410'000}, 60);
  EXPECT_THAT(line, Not(HasSubstr("█")));
  EXPECT_THAT(line, HasSubstr("50%"));
  EXPECT_LE(line.size(), 60u);
}

TEST(ProgressDisplay, ElsewhereThanOnATerminalEachTenthIsOnePlainLine) {
  std::ostringstream out;
  ProgressDisplay display("x", out, false, 80);
  for (std::int64_t bytes = 0; bytes <= 1000; ++bytes)
    display.show({bytes * 1'000'000, 1'000'000'000, 1});
  display.finish();
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
  EXPECT_THAT(text, HasSubstr("x: 0% of 1000.0 MB\n"));
  EXPECT_THAT(text, HasSubstr("x: 100% of"));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
}

TEST(ProgressDisplay, TerminalLineIsRedrawnAndEndedOnce) {
  std::ostringstream out;
  ProgressDisplay display("x", out, true, 80);
  display.show({1, 2, 1});
  display.show({2, 2, 1});
  display.finish();
  display.finish();
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 2);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(FetchVerb, ABuildWithoutDownloadsSaysWhereTheFilesAre) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(fetch_verb({"cifar100", "/nowhere"}, nullptr), kWorkerUsage);
  EXPECT_EQ(
      ::testing::internal::GetCapturedStderr(),
      "firesweep-worker: dataset cifar100: found a build without downloads (a bundle), expected "
      "one that tools/build.sh made\n"
      "  unpack https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz and name the folder with "
      "--data-dir or FIRESWEEP_DATA\n");
}

TEST(FetchVerb, WithoutDownloadsAWrongNameIsStillAWrongName) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(fetch_verb({"cifar10O", "/nowhere"}, nullptr), kWorkerUsage);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("cifar10O"));
}

}  // namespace
}  // namespace firesweep
