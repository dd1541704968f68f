#include "coordinator/report/trained_model.h"

#include <gtest/gtest.h>

#include "coordinator/store/store.h"
#include "shared/codec/architecture_codec.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

TrialId trial(std::int64_t number, std::int64_t sweep = 1) {
  return make_trial_id(SweepId{sweep}, number);
}

class TrainedModel : public testing::Test {
 protected:
  TrainedModel() {
    auto store = *Store::open(file_);
    config_.variant = "v3";
    config_.lr = 0.0017;
    config_.seed = 5;
    store.commit(std::vector<Record>{
        sample::sweep_added(SweepId{1}),
        sample::sweep_added(SweepId{2},
                            sample::frozen("sim", "cifar100", R"("trainer": "simulated")"))});
    sample::commit_all(store, {{.trial = trial(0), .config = config_, .val = 0.5, .test = 0.48},
                               {.trial = trial(0, 2), .config = config_, .val = 0.5}});
    store.commit(std::vector<Record>{sample::opened({trial(1), AttemptNo{1}}, config_)});
  }

  sample::Folder folder_;
  const std::filesystem::path file_ = folder_ / "sweeps.db";
  TrialConfig config_;
};

TEST_F(TrainedModel, CardHasConfigArchitectureAndAccuracy) {
  const auto card = trained_model(file_, trial(0));
  ASSERT_TRUE(card) << to_string(card.error());
  EXPECT_EQ(card->trial, "1/0");
  EXPECT_EQ(card->config, config_);
  EXPECT_FALSE(card->config_hash.empty());
  EXPECT_EQ(card->seeds_used, (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(card->worker.empty());
  EXPECT_EQ(card->dataset, "cifar100");
  EXPECT_EQ(card->classes, 100);
  EXPECT_FLOAT_EQ(card->mean[0], 0.5071F);
  EXPECT_FLOAT_EQ(card->stddev[2], 0.2761F);
  EXPECT_EQ(card->val_accuracy, 0.5);
  EXPECT_EQ(card->test_accuracy, 0.48);
  const auto architecture = decode_architecture(card->architecture, "v3.json");
  ASSERT_TRUE(architecture) << to_string(architecture.error());
  EXPECT_TRUE(resolve(*architecture, card->classes));
}

TEST_F(TrainedModel, UnknownTrialIsNotFound) {
  const auto card = trained_model(file_, trial(77));
  ASSERT_FALSE(card);
  EXPECT_EQ(card.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(card.error().where, "trial 1/77");
}

TEST_F(TrainedModel, UnfinishedTrialIsRefusedWithItsState) {
  const auto card = trained_model(file_, trial(1));
  ASSERT_FALSE(card);
  EXPECT_EQ(card.error().code, ErrorCode::kConflict);
  EXPECT_NE(card.error().what.find("ASSIGNED"), std::string::npos) << card.error().what;
  EXPECT_NE(card.error().what.find("expected COMPLETE"), std::string::npos);
}

TEST_F(TrainedModel, SimulatedTrialHasNoWeights) {
  const auto card = trained_model(file_, trial(0, 2));
  ASSERT_FALSE(card);
  EXPECT_NE(card.error().what.find("simulated"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
