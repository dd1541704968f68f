// Records as a scheduler would emit them, for tests of the store and of what reads it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/store/store.h"
#include "shared/domain/records.h"

namespace firesweep::sample {

inline constexpr UtcTime kNow{1'700'000'000'000};
inline constexpr SessionId kSession{0x0123456789abcdef, 0xfedcba9876543210};

// A folder that vanishes with its content.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Frozen from a real sweep file; `members` are further members of it, such as "\"preset\":
// \"study\"".
std::shared_ptr<const FrozenSweep> frozen(const std::string& name = "sample",
                                          const std::string& dataset = "cifar100",
                                          const std::string& members = "");

// The same parameters under a method that learns, so many trials.
std::shared_ptr<const FrozenSweep> frozen_search(std::int64_t run_cap = 9);

record::SweepAdded sweep_added(SweepId sweep,
                               std::shared_ptr<const FrozenSweep> frozen = sample::frozen(),
                               std::int64_t total = 9);

// What the leaderboard is about, of one trial.
struct Finished {
  TrialId trial;
  TrialConfig config = {};
  std::int64_t params = 1'000'000;
  std::optional<double> val = {};
  double test = 0.5;
  std::string hash = {};     // of the config; made from its members where empty
  std::string content = {};  // of the dataset, where its name does not say it
};

record::AttemptOpened opened(TrialKey key, const TrialConfig& config = {},
                             std::int64_t params = 1'000'000, const std::string& hash = {});
record::EpochRecorded epoch(TrialKey key, std::int64_t number, std::optional<double> val = 0.25);
TrialResult result(std::optional<double> val = 0.5, double test = 0.5,
                   std::int64_t params = 1'000'000);

// The whole life of a trial that completes at its first attempt.
std::vector<Record> life(const Finished& trial);
void commit_all(Store& store, const std::vector<Finished>& trials);

}  // namespace firesweep::sample
