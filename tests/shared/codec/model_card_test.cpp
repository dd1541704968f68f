#include "shared/codec/model_card.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

ModelCard sample_card() {
  ModelCard card;
  card.trial = "1/17";
  card.worker = "host/0";
  card.config.variant = "v2";
  card.config.lr = 0.00123;
  card.config.seed = 7;
  card.config.arch_params["head_dropout"] = 0.1;
  card.config_hash = "ab12";
  card.seeds_used = {7, 8};
  card.architecture = R"({"blocks":["flatten",{"linear":"classes"}],"format":1,"input":[3,32,32]})";
  card.dataset = "cifar100";
  card.classes = 100;
  card.mean = {0.5071F, 0.4867F, 0.4408F};
  card.stddev = {0.2675F, 0.2565F, 0.2761F};
  card.selected_epoch = 15;
  card.val_accuracy = 0.5712;
  card.test_accuracy = 0.5666;
  return card;
}

TEST(ModelCard, SurvivesTheRoundTrip) {
  const ModelCard card = sample_card();
  const auto back = decode_model_card(encode_model_card(card), "model.json");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->trial, card.trial);
  EXPECT_EQ(back->worker, card.worker);
  EXPECT_EQ(back->config, card.config);
  EXPECT_EQ(back->config_hash, card.config_hash);
  EXPECT_EQ(back->seeds_used, card.seeds_used);
  EXPECT_EQ(back->architecture, card.architecture);
  EXPECT_EQ(back->dataset, card.dataset);
  EXPECT_EQ(back->classes, card.classes);
  EXPECT_EQ(back->mean, card.mean);
  EXPECT_EQ(back->stddev, card.stddev);
  EXPECT_EQ(back->selected_epoch, card.selected_epoch);
  EXPECT_EQ(back->val_accuracy, card.val_accuracy);
  EXPECT_EQ(back->test_accuracy, card.test_accuracy);
}

TEST(ModelCard, WithoutValidationHasNoValidationAccuracy) {
  ModelCard card = sample_card();
  card.val_accuracy.reset();
  const auto back = decode_model_card(encode_model_card(card), "model.json");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->val_accuracy, std::nullopt);
}

TEST(ModelCard, MistakesNameTheFileAndThePlace) {
  std::string text = encode_model_card(sample_card());
  text.replace(text.find("\"classes\": 100"), 14, "\"classes\": -4 ");
  const auto wrong = decode_model_card(text, "out/model.json");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().where.find("out/model.json"), std::string::npos);
  EXPECT_NE(wrong.error().where.find("/classes"), std::string::npos);
  EXPECT_NE(wrong.error().what.find("-4"), std::string::npos);

  const auto empty = decode_model_card("{}", "model.json");
  ASSERT_FALSE(empty);
  EXPECT_NE(to_string(empty.error()).find("format"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
