#include "shared/base/near_miss.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace firesweep {
namespace {

constexpr std::array<std::string_view, 5> kFields = {"label_smoothing", "lr", "epochs",
                                                     "batch_size", "weight_decay"};

TEST(DidYouMean, NamesTheFieldOfASlip) {
  EXPECT_EQ(did_you_mean("epoch", kFields), "did you mean \"epochs\"?");                // missing
  EXPECT_EQ(did_you_mean("weight__decay", kFields), "did you mean \"weight_decay\"?");  // doubled
  EXPECT_EQ(did_you_mean("batch-size", kFields), "did you mean \"batch_size\"?");       // replaced
  EXPECT_EQ(did_you_mean("label_smoohting", kFields),
            "did you mean \"label_smoothing\"?");  // swapped
}

TEST(DidYouMean, CountsASwapOfNeighboursOnce) {
  // Of three letters one edit is a near miss and two are not.
  constexpr std::array<std::string_view, 1> kCandidates = {"amp"};
  EXPECT_EQ(did_you_mean("apm", kCandidates), "did you mean \"amp\"?");
  EXPECT_EQ(did_you_mean("pma", kCandidates), "");
}

TEST(DidYouMean, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(did_you_mean("momentum", kFields), "");
  EXPECT_EQ(did_you_mean("", kFields), "");
  EXPECT_EQ(did_you_mean("lr", {}), "");
}

TEST(DidYouMean, PrefersTheNearest) {
  constexpr std::array<std::string_view, 3> kCandidates = {"sgd_nesterov", "cosine", "cosines"};
  EXPECT_EQ(did_you_mean("cosinee", kCandidates), "did you mean \"cosine\"?");
}

TEST(DidYouMean, TakesTheFirstOfEquallyNear) {
  constexpr std::array<std::string_view, 2> kCandidates = {"val1", "val2"};
  EXPECT_EQ(did_you_mean("val3", kCandidates), "did you mean \"val1\"?");
}

RC_GTEST_PROP(DidYouMean, FindsAnyLongWordWithOneCharacterRemoved, ()) {
  const auto word = *rc::gen::container<std::string>(12, rc::gen::inRange('a', 'z'));
  const auto gone = *rc::gen::inRange<std::size_t>(0, word.size());
  std::string mistyped = word;
  mistyped.erase(gone, 1);
  const std::vector<std::string_view> candidates = {word};
  RC_ASSERT(did_you_mean(mistyped, candidates) == "did you mean \"" + word + "\"?");
}

}  // namespace
}  // namespace firesweep
