// A sweep as its user specified it, decoded and checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/architecture.h"
#include "shared/domain/checkpoint_rules.h"
#include "shared/domain/choices.h"
#include "shared/domain/constraint.h"
#include "shared/domain/distributions.h"
#include "shared/domain/early_termination.h"
#include "shared/domain/layers.h"
#include "shared/domain/presets.h"
#include "shared/domain/racing.h"
#include "shared/domain/search_settings.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/value.h"

namespace firesweep {

struct Parameter {
  std::string name;  // a field's name, or "arch.NAME"
  Domain domain;
};

// What a condition asks of another parameter: one of these values.
struct Requirement {
  std::string name;
  std::vector<Value> values;
};

// A parameter that exists only where all of this is met. Elsewhere it has its default, as if the
// file did not give it.
struct ParameterCondition {
  std::string parameter;
  std::vector<Requirement> where;
};

struct SweepSpec {
  int rules = kRulesVersion;  // by which it was submitted (presets.h); kept for ever
  std::string name;
  Method method = Method::kGrid;
  SearchSettings search = {};            // of the method
  Metric metric = Metric::kValAccuracy;  // kTestAccuracy where the protocol holds nothing out
  bool maximize = true;
  DatasetName dataset = DatasetName::kCifar100;
  Trainer trainer = Trainer::kTorch;
  std::string preset = "default";     // see presets.h
  TrialConfig base;                   // the preset with every single-valued parameter applied
  bool lr_follows_optimizer = false;  // the optimizer is swept and lr not given: see presets.h
  bool weight_decay_follows_optimizer = false;
  // Those with more than one value or with a condition, in the file's order.
  std::vector<Parameter> parameters;
  // Names of parameters whose lists, of equal length, are varied together.
  std::vector<std::vector<std::string>> zip = {};
  std::vector<ParameterCondition> conditions = {};
  std::vector<std::int64_t> seeds{1};
  std::int64_t search_seed = 0;
  std::vector<std::map<std::string, Value>> exclude;
  std::vector<Constraint> constraints;
  std::optional<std::int64_t> run_cap;  // trials; required by method random
  DispatchOrder order = DispatchOrder::kLongestFirst;
  std::int64_t priority = 0;  // higher ones are served first, equal ones share the workers
  std::optional<std::int64_t> max_concurrent_trials;
  std::int64_t max_restarts = 3;  // per trial
  std::optional<std::int64_t> max_failed_trials;
  std::optional<std::chrono::milliseconds> max_trial_duration;
  std::optional<CheckpointRules> checkpoint;
  std::optional<EarlyTermination> early_terminate = {};
  std::optional<Racing> racing = {};
  bool reuse = false;                 // a trial takes the result of equal work in the database
  std::vector<std::string> warnings;  // said at submit: an unusual lr, …
};

// The spec with everything that it refers to, as stored in the database. After submit the files are
// not read again.
struct FrozenSweep {
  SweepSpec spec;
  std::string canonical;         // the spec as canonical JSON, defaults written out
  std::string hash;              // sha256 of the canonical spec and the architectures' contents
  std::string dataset_checksum;  // empty for the simulated trainer
  std::map<std::string, Architecture> architectures;  // by variant name
  // The same file frozen by each older version of the rules, the newest first. Only set for a file
  // that was just submitted.
  std::vector<std::shared_ptr<const FrozenSweep>> by_older_rules;
};

}  // namespace firesweep
