// The promise to users: what they are told is done is on the disk, and as often.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "coordinator/core/scheduler.h"
#include "tests/simulation/ledger.h"

namespace firesweep::simulation {

// Not thread-safe. Members may throw Violation.
class Answers {
 public:
  explicit Answers(Ledger& ledger) : ledger_(ledger) {}

  // A client's request, under the name it is answered by.
  void asked(const PeerId& client, std::shared_ptr<const FrozenSweep> submitted);
  void asked(const PeerId& client, SweepId sweep, std::shared_ptr<const FrozenSweep> extension);
  void asked(const PeerId& client, SweepId sweep, std::int64_t seed);  // for each of its points
  void asked(const PeerId& client, const request::Steer& steer);
  // The database is what it was when they were so; what was asked since is forgotten by all.
  Answers& operator=(const Answers& other) {
    submissions_ = other.submissions_;
    seeds_ = other.seeds_;
    steers_ = other.steers_;
    told_ = other.told_;
    return *this;
  }
  Answers(const Answers&) = default;

  // The answer leaves.
  void given(const PeerId& client, const ClientReply& reply);

 private:
  bool on_disk(const request::Steer& steer);

  Ledger& ledger_;
  std::map<PeerId, std::shared_ptr<const FrozenSweep>> submissions_;
  struct AddedSeed {
    SweepId sweep;
    std::int64_t seed = 0;
    std::int64_t numbers = 0;  // of the sweep when it was asked for; later files need not have it
  };
  std::map<PeerId, AddedSeed> seeds_;
  std::map<PeerId, request::Steer> steers_;
  std::map<std::string, std::int64_t> told_;  // how often each was said to be done
};

}  // namespace firesweep::simulation
