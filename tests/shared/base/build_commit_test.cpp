#include "shared/base/build_commit.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace firesweep {
namespace {

TEST(BuildCommit, IsACommitOrSaysThatItIsUnknown) {
  const std::string commit{build_commit()};
  EXPECT_TRUE(std::regex_match(commit, std::regex("[0-9a-f]{12,40}(-dirty)?|unknown"))) << commit;
}

}  // namespace
}  // namespace firesweep
