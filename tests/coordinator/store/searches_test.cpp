// What a search that learns has proposed and learnt reads back as it was.
#include <gtest/gtest.h>

#include <vector>

#include "coordinator/store/store.h"
#include "coordinator/store/stored_search.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

using sample::kNow;

const SweepId kSweep{1};

Proposal proposal(std::int64_t point) {
  return {point,
          {0.1 + 0.2, 3, 1e-300},
          {{"lr", 0.1 + 0.2}, {"epochs", std::int64_t{3}}, {"optimizer", std::string("sgd")}},
          point,
          {0, 1}};
}

TrialKey key(std::int64_t number) { return {make_trial_id(kSweep, number), AttemptNo{1}}; }

std::vector<Record> result(std::int64_t number, std::int64_t ordinal, std::optional<double> val) {
  std::vector<Record> records = sample::life({.trial = key(number).trial, .val = val});
  for (Record& one : records) {
    if (auto* accepted = std::get_if<record::ResultAccepted>(&one)) accepted->ordinal = ordinal;
  }
  return records;
}

TEST(StoredSearches, ProposalsAndResultsReadBackToTheLastBitAndInTheirOrder) {
  Store store = Store::in_memory();
  store.commit(std::vector<Record>{sample::sweep_added(kSweep, sample::frozen_search())});
  store.commit(std::vector<Record>{record::PointProposed{kSweep, proposal(0), kNow},
                                   record::PointProposed{kSweep, proposal(1), kNow}});
  store.commit(result(1, 1, 0.25));
  store.commit(result(0, 2, std::nullopt));
  const SweepSnapshot sweep = store.snapshot().sweeps.at(0);
  EXPECT_EQ(sweep.proposals, (std::vector<Proposal>{proposal(0), proposal(1)}));
  EXPECT_EQ(sweep.results, (std::vector<SearchResult>{{1, 0.25}, {0, std::nullopt}}));
}

TEST(StoredSearches, APointIsProposedOnceAndAResultLearntOnce) {
  Store store = Store::in_memory();
  store.commit(std::vector<Record>{sample::sweep_added(kSweep, sample::frozen_search())});
  store.commit(std::vector<Record>{record::PointProposed{kSweep, proposal(0), kNow}});
  EXPECT_THROW(store.commit(std::vector<Record>{record::PointProposed{kSweep, proposal(0), kNow}}),
               ConstraintViolation);
  store.commit(result(0, 1, 0.25));
  EXPECT_THROW(store.commit(result(1, 1, 0.25)), ConstraintViolation);
}

TEST(StoredSearches, AReaderFindsTheSweepOrNamesThoseThatThereAre) {
  const sample::Folder folder;
  {
    auto store = Store::open(folder / "sweeps.db");
    ASSERT_TRUE(store);
    store->commit(std::vector<Record>{sample::sweep_added(kSweep, sample::frozen_search()),
                                      record::PointProposed{kSweep, proposal(0), kNow}});
  }
  const auto read = read_search(folder / "sweeps.db", kSweep);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->sweep.proposals, std::vector<Proposal>{proposal(0)});
  EXPECT_EQ(to_string(read_search(folder / "sweeps.db", SweepId{4}).error()),
            "sweep 4: no such sweep (known sweeps: 1)");
}

}  // namespace
}  // namespace firesweep
