#include "tests/coordinator/store/sample.h"

#include <cstdlib>
#include <stdexcept>

#include "shared/codec/config_codec.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep::sample {
namespace {

constexpr const char* kArchitecture =
    R"({"format": 1, "name": "v3", "input": [3, 32, 32], "params": {"width": 8},
        "blocks": [{"conv_bn_relu": "$width"}, "global_avg_pool", {"linear": "classes"}]})";

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "firesweep-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

std::shared_ptr<const FrozenSweep> frozen_from(const std::string& members) {
  const std::string text =
      "{" + members +
      R"(, "parameters": {"variant": {"value": "v3"}, "lr": {"values": [0.001, 0.003, 0.01]},
                              "label_smoothing": {"values": [0.0, 0.1, 0.2]}}})";
  auto spec = decode_sweep(text, "sample.json");
  if (!spec) throw std::runtime_error(to_string(spec.error()));
  auto sweep = freeze(std::move(*spec), ArchitectureTexts{{"v3", kArchitecture}});
  if (!sweep) throw std::runtime_error(to_string(sweep.error()));
  return std::make_shared<const FrozenSweep>(std::move(*sweep));
}

}  // namespace

std::shared_ptr<const FrozenSweep> frozen(const std::string& name, const std::string& dataset,
                                          const std::string& members) {
  return frozen_from(R"("name": ")" + name + R"(", "dataset": ")" + dataset +
                     R"(", "method": "grid")" + (members.empty() ? "" : ", " + members));
}

std::shared_ptr<const FrozenSweep> frozen_search(std::int64_t run_cap) {
  return frozen_from(R"("name": "search", "dataset": "cifar100", "method": "tpe", "run_cap": )" +
                     std::to_string(run_cap));
}

record::SweepAdded sweep_added(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen,
                               std::int64_t total) {
  return {sweep, std::move(frozen), total, kNow};
}

record::AttemptOpened opened(TrialKey key, const TrialConfig& config, std::int64_t params,
                             const std::string& hash) {
  TrialConfig seedless = config;
  seedless.seed = 0;
  return {key,
          {config, config.variant, "architecture-hash",
           hash.empty() ? encode_config(seedless) : hash, params, 20 * params},
          "host/0",
          kSession,
          0,
          kNow};
}

record::EpochRecorded epoch(TrialKey key, std::int64_t number, std::optional<double> val) {
  EpochMetrics metrics;
  metrics.epoch = number;
  metrics.train_loss = 3.5;
  metrics.train_accuracy = 0.2;
  metrics.val_loss = val ? std::optional(3.0) : std::nullopt;
  metrics.val_accuracy = val;
  metrics.lr = 0.001;
  metrics.seconds = 2.5;
  metrics.images_per_s = 200;
  return {key, metrics, kNow};
}

TrialResult result(std::optional<double> val, double test, std::int64_t params) {
  TrialResult r;
  r.val_accuracy = val;
  r.test_accuracy = test;
  r.test_top5 = test;
  r.epochs = 15;
  r.best_epoch = 15;
  r.selected_epoch = 15;
  r.params = params;
  r.macs = 20 * params;
  r.train_seconds = 100;
  r.images_per_s = 195;
  r.device = "cpu";
  r.numeric_class = "avx2, 2 threads";
  r.torch_version = "2.13.0";
  r.build_commit = "abc";
  r.amp = "off";
  r.val_correct = {0x0f, 0xff};
  r.test_correct = {0xf0};
  return r;
}

std::vector<Record> life(const Finished& trial) {
  const TrialKey key{trial.trial, AttemptNo{1}};
  TrialResult told = result(trial.val, trial.test, trial.params);
  told.dataset_content = trial.content;
  return {opened(key, trial.config, trial.params, trial.hash),
          record::AttemptStarted{key, 0, false, kNow},
          epoch(key, 1, trial.val),
          record::AttemptEnded{key, AttemptEnd::kFinished, std::nullopt, "", false, kNow},
          record::ResultAccepted{key, std::move(told), kNow},
          record::TrialChanged{trial.trial, Complete{AttemptNo{1}}, 0, 0, "", kNow}};
}

void commit_all(Store& store, const std::vector<Finished>& trials) {
  std::vector<Record> records;
  for (const Finished& trial : trials) {
    for (Record& one : life(trial)) records.push_back(std::move(one));
  }
  store.commit(records);
}

}  // namespace firesweep::sample
