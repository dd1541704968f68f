// The user's own check that a killed training resumes bit for bit, with the real trainer.
#include <gtest/gtest.h>

#include "tests/e2e/process.h"

namespace firesweep::e2e {
namespace {

TEST(VerifyResume, AKilledTrainingEndsLikeOneThatNobodyTouched) {
  const TempFolder folder;
  for (const char* seed : {"1", "2"}) {
    const Finished verified =
        run("firesweep", {"verify-resume", "--threads", "1", "--seed", seed}, folder.path());
    EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
    EXPECT_NE(verified.out.find(std::string("seed ") + seed), std::string::npos);
    EXPECT_NE(verified.out.find("equal bit for bit"), std::string::npos) << verified.out;
  }
}

TEST(VerifyResume, AMistakeBeginsNothing) {
  const TempFolder folder;
  const Finished wrong =
      run("firesweep", {"verify-resume", "--dataset", "cifar101"}, folder.path());
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("cifar100"), std::string::npos) << wrong.err;
}

}  // namespace
}  // namespace firesweep::e2e
