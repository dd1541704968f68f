#include "shared/domain/presets.h"

#include <gtest/gtest.h>

#include "shared/domain/fields.h"

namespace firesweep {
namespace {

TEST(Presets, AdamwIsTheConfigAsDeclaredAndWasTheDefaultOnce) {
  ASSERT_NE(find_preset("adamw"), nullptr);
  EXPECT_EQ(*find_preset("adamw"), TrialConfig{});
  EXPECT_EQ(*find_preset("default", 2), TrialConfig{});
  EXPECT_EQ(find_preset("published"), nullptr);
}

TEST(Presets, EveryPresetIsWithinTheFieldsBounds) {
  for (const std::string_view name : preset_names()) {
    for (const Field& field : fields()) {
      TrialConfig config;
      EXPECT_TRUE(set_field(config, field, get_field(*find_preset(name), field), ""))
          << name << " " << field.name;
    }
  }
}

TEST(Presets, DefaultIsTheRecipeThatMeasuredBest) {
  TrialConfig recipe = *find_preset("muon");
  recipe.init = "dirac";
  recipe.sgd_lr = 0.2;
  recipe.crop_padding = 2;
  EXPECT_EQ(*find_preset("default"), recipe);
}

TEST(Presets, StudyIsThePublishedRecipe) {
  const TrialConfig& study = *find_preset("study");
  EXPECT_EQ(study.batch_size, 32);
  EXPECT_FALSE(study.drop_last);
  EXPECT_EQ(study.lr, 0.1);
  EXPECT_EQ(study.schedule_epochs, 50);
  EXPECT_EQ(study.weight_decay, 0.01);
  EXPECT_TRUE(study.decay_all);
  EXPECT_EQ(study.schedule, "one_cycle_per_epoch");
  EXPECT_EQ(study.augmentation, "crop_flip_jitter");
  EXPECT_EQ(study.val_size, 0);
  EXPECT_EQ(study.protocol, Protocol::kStudy);
}

TEST(Presets, TheFirstRulesKnowOnlyThoseOfTheirTime) {
  EXPECT_EQ(preset_names(1), (std::vector<std::string_view>{"default", "sgd", "study"}));
  EXPECT_EQ(preset_names(),
            (std::vector<std::string_view>{"adamw", "default", "muon", "sgd", "study"}));
  EXPECT_EQ(preset_names(2), (std::vector<std::string_view>{"default", "muon", "sgd", "study"}));
  EXPECT_EQ(find_preset("muon", 1), nullptr);
}

TEST(Presets, AnotherOptimizerBringsItsOwnDefaultsOnlyWhereNoneWasGiven) {
  TrialConfig config;
  config.optimizer = "sgd";
  apply_optimizer_defaults(config, "default", true, false);
  EXPECT_EQ(config.lr, 0.1);
  EXPECT_EQ(config.weight_decay, TrialConfig{}.weight_decay);
  apply_optimizer_defaults(config, "default", false, true);
  EXPECT_EQ(config.weight_decay, 5e-4);

  config.optimizer = "muon";
  apply_optimizer_defaults(config, "adamw", true, true);
  EXPECT_EQ(config.lr, 0.03);
  EXPECT_EQ(config.sgd_lr, 0.1);
  EXPECT_EQ(config.weight_decay, 5e-4);

  for (const std::string_view preset : {"sgd", "default"}) {
    config = *find_preset(preset);
    config.optimizer = "adamw";
    apply_optimizer_defaults(config, preset, true, true);
    EXPECT_EQ(config.lr, TrialConfig{}.lr) << preset;
    EXPECT_EQ(config.weight_decay, TrialConfig{}.weight_decay) << preset;
  }
}

TEST(Presets, ItsOwnOptimizerKeepsThePresetsValues) {
  for (const std::string_view name : preset_names()) {
    TrialConfig config = *find_preset(name);
    apply_optimizer_defaults(config, name, true, true);
    EXPECT_EQ(config, *find_preset(name)) << name;
  }
}

}  // namespace
}  // namespace firesweep
