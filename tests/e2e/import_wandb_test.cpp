// A sweep file of W&B becomes one of ours, as its user sees it.
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

constexpr const char* kTheirs = R"(program: train.py
method: bayes
metric: {name: val_acc, goal: maximize}
parameters:
  learning_rate: {min: 0.001, max: 0.1}
  optimizer: {values: [adamw, sgd]}
  hidden_size: {values: [64, 128]}
)";

TEST(ImportWandb, PrintsASweepThatIsPreviewedAndSaysWhatItLeftOut) {
  const TempFolder folder;
  const std::string theirs = write(folder / "theirs.yaml", kTheirs);
  const Finished ran = run("firesweep", {"import-wandb", theirs}, folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const char* said :
       {"carried over: learning_rate as lr\n", "left out: hidden_size: ", "left out: program: "}) {
    EXPECT_NE(ran.err.find(said), std::string::npos) << said << " missing in: " << ran.err;
  }
  const std::string ours = write(folder / "ours.json", ran.out);
  const Finished preview = run("firesweep", {"preview", ours, "--no-probe"}, folder.path());
  EXPECT_EQ(preview.code, 0) << preview.err << ran.out;
}

TEST(ImportWandb, WritesAFileButNeverOverAnother) {
  const TempFolder folder;
  const std::string theirs = write(folder / "theirs.yaml", kTheirs);
  const std::vector<std::string> words{"import-wandb", theirs, "-o", "ours.json"};
  const Finished first = run("firesweep", words, folder.path());
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.out.find("firesweep preview ours.json"), std::string::npos) << first.out;
  EXPECT_EQ(run("firesweep", words, folder.path()).code, 0) << "the same text again";
  write(folder / "ours.json", "{}");
  const Finished over = run("firesweep", words, folder.path());
  EXPECT_EQ(over.code, 2);
  EXPECT_NE(over.err.find("found another file there"), std::string::npos) << over.err;
  const Finished yaml =
      run("firesweep", {"import-wandb", theirs, "-o", "ours.yaml"}, folder.path());
  EXPECT_EQ(yaml.code, 2);
  EXPECT_NE(yaml.err.find("name it ours.json"), std::string::npos) << yaml.err;
}

TEST(ImportWandb, WhereNothingIsLeftItSaysSo) {
  const TempFolder folder;
  const std::string theirs =
      write(folder / "theirs.yaml", "method: grid\nparameters: {bits: {values: [2, 4]}}\n");
  const Finished ran = run("firesweep", {"import-wandb", theirs}, folder.path());
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("found none of the hyperparameters"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace firesweep::e2e
