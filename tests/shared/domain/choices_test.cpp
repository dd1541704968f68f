#include "shared/domain/choices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "shared/domain/dataset_info.h"
#include "shared/domain/fields.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {
namespace {

template <class T>
class Choices : public ::testing::Test {};
using All = ::testing::Types<Trainer, DatasetName, Protocol, Metric, Method>;
TYPED_TEST_SUITE(Choices, All);

TYPED_TEST(Choices, EveryWordComesBackAndNoOtherIsOne) {
  for (const std::string_view word : kWordsOf<TypeParam>) {
    const auto choice = find_choice<TypeParam>(word);
    ASSERT_TRUE(choice) << word;
    EXPECT_EQ(to_string(*choice), word);
    std::string upper(word);
    upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
    EXPECT_EQ(find_choice<TypeParam>(upper), std::nullopt);
  }
  EXPECT_EQ(find_choice<TypeParam>(""), std::nullopt);
}

// Databases, frozen sweeps and hashes of every build stand on these words.
TEST(ChoiceWords, AreThoseThatFilesHold) {
  EXPECT_EQ(to_string(Trainer::kTorch), "torch");
  EXPECT_EQ(to_string(Trainer::kSimulated), "simulated");
  EXPECT_EQ(to_string(DatasetName::kCifar100), "cifar100");
  EXPECT_EQ(to_string(DatasetName::kCifar10), "cifar10");
  EXPECT_EQ(to_string(DatasetName::kFashionMnist), "fashion_mnist");
  EXPECT_EQ(to_string(Protocol::kHeldOut), "held_out");
  EXPECT_EQ(to_string(Protocol::kStudy), "study");
  EXPECT_EQ(to_string(Protocol::kRefit), "refit");
  EXPECT_EQ(to_string(Metric::kValAccuracy), "val_accuracy");
  EXPECT_EQ(to_string(Metric::kTestAccuracy), "test_accuracy");
  EXPECT_EQ(to_string(Method::kGrid), "grid");
  EXPECT_EQ(to_string(Method::kRandom), "random");
  EXPECT_EQ(to_string(Method::kSobol), "sobol");
  EXPECT_EQ(to_string(Method::kTpe), "tpe");
  EXPECT_EQ(to_string(Method::kEvolution), "evolution");
  EXPECT_EQ(to_string(Method::kNsga2), "nsga2");
  EXPECT_EQ(to_string(Method::kGp), "gp");
}

TEST(ChoiceWords, AreTheFieldTablesAndTheDatasets) {
  EXPECT_TRUE(std::ranges::equal(find_field("protocol")->choices, kWordsOf<Protocol>));
  for (const std::string_view word : kWordsOf<DatasetName>) {
    EXPECT_EQ(dataset_info(*find_choice<DatasetName>(word)).name, word);
    EXPECT_EQ(find_dataset(word), &dataset_info(*find_choice<DatasetName>(word)));
  }
  EXPECT_EQ(datasets().size(), kWordsOf<DatasetName>.size());
  EXPECT_EQ(find_dataset("cifar"), nullptr);
}

TEST(ChoiceWords, AFieldTakesItsWordsAndNamesThemInAMistake) {
  TrialConfig config;
  const Field& field = *find_field("protocol");
  EXPECT_EQ(get_field(config, field), Value(std::string("held_out")));
  ASSERT_TRUE(set_field(config, field, std::string("refit"), "here"));
  EXPECT_EQ(config.protocol, Protocol::kRefit);
  EXPECT_EQ(get_field(config, field), Value(std::string("refit")));
  const auto refused = set_field(config, field, std::string("held-out"), "here");
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_string(refused.error()),
            "here: found \"held-out\", expected one of \"held_out\", \"study\", \"refit\" (did you "
            "mean \"held_out\"?)");
  EXPECT_FALSE(set_field(config, field, true, "here"));
  EXPECT_EQ(config.protocol, Protocol::kRefit);
}

}  // namespace
}  // namespace firesweep
