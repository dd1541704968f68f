#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <vector>

#include "coordinator/store/broken.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

using sample::kNow;

const SweepId kSweep{1};

TrialKey key(std::int64_t number, std::int64_t attempt = 1) {
  return {make_trial_id(kSweep, number), AttemptNo{attempt}};
}

class SnapshotTest : public testing::Test {
 protected:
  SnapshotTest() { store_.commit(std::vector<Record>{sample::sweep_added(kSweep, frozen_)}); }

  void commit(const std::vector<Record>& records) { store_.commit(records); }
  TrialSnapshot trial(std::int64_t number) const {
    return store_.snapshot().sweeps.at(0).trials.at(number);
  }

  std::shared_ptr<const FrozenSweep> frozen_ = sample::frozen();
  Store store_ = Store::in_memory();
};

TEST_F(SnapshotTest, EmptyDatabaseHasNoSweeps) {
  EXPECT_TRUE(Store::in_memory().snapshot().sweeps.empty());
}

TEST_F(SnapshotTest, CheckpointsAndWhatAnAttemptFoundReadBackEqual) {
  record::AttemptOpened opened = sample::opened(key(4));
  opened.known_epoch = 6;
  const StoredCheckpoint first{AttemptNo{1}, 2, 7, 900, "aa", "pt", "first.checkpoint"};
  const StoredCheckpoint second{AttemptNo{1}, 3, 8, 901, "bb", "pt", "second.checkpoint"};
  commit({opened, record::CheckpointStored{key(4).trial, first, kNow}});
  EXPECT_EQ(store_.snapshot().checkpoints.at(key(4).trial), first);
  EXPECT_EQ(trial(4).known_epoch, 6);
  commit({record::CheckpointStored{key(4).trial, second, kNow}});
  EXPECT_EQ(store_.snapshot().checkpoints.at(key(4).trial), second);
  commit({record::CheckpointRemoved{key(4).trial}});
  EXPECT_TRUE(store_.snapshot().checkpoints.empty());
  EXPECT_THROW(commit({record::CheckpointRemoved{key(4).trial}}), ConstraintViolation);
}

TEST_F(SnapshotTest, ScoresOfASweepThatTerminatesTrialsReadBackEqual) {
  commit({sample::opened(key(4)), sample::epoch(key(4), 1, 0.25), sample::epoch(key(4), 2, 0.5)});
  EXPECT_TRUE(store_.snapshot().sweeps.at(0).scores.empty()) << "nobody asks for them";
  const SweepId judged{2};
  const TrialKey one{make_trial_id(judged, 3), AttemptNo{1}};
  commit({sample::sweep_added(judged, sample::frozen("judged", "cifar100",
                                                     R"("early_terminate": {"type": "asha"})")),
          sample::opened(one), sample::epoch(one, 2, 0.5), sample::epoch(one, 1, 0.25),
          sample::epoch(one, 3, std::nullopt)});
  EXPECT_EQ(store_.snapshot().sweeps.at(1).scores,
            (std::vector<EpochScore>{{3, 1, 0.25}, {3, 2, 0.5}}));
}

TEST_F(SnapshotTest, TheRaceOfASweepReadsBackEqual) {
  const SweepId raced{2};
  const TrialKey one{make_trial_id(raced, 3), AttemptNo{1}};
  const TrialId out = make_trial_id(raced, 4);
  const RaceEvidence evidence{2, 3, 1, 3, 2, 0.25, 0.125, 4, 0.001, 6, 0.05};
  const record::TrialRacedOut decided{out, sample::opened({out, AttemptNo{1}}).description,
                                      evidence, kNow};
  commit(
      {sample::sweep_added(raced, sample::frozen("raced", "cifar100", R"("racing": {"top": 1})")),
       sample::opened(one), record::ResultAccepted{one, sample::result(0.5), kNow, {}}, decided,
       record::TrialChanged{out, Pruned{}, 0, 0, "", kNow}});
  const SweepSnapshot sweep = store_.snapshot().sweeps.at(1);
  EXPECT_EQ(sweep.seed_scores, (std::vector<SearchResult>{{3, 0.5}}));
  EXPECT_EQ(sweep.raced_out, (std::map<std::int64_t, RaceEvidence>{{4, evidence}}));
  EXPECT_TRUE(sweep.trials.at(4).state == TrialState(Pruned{}));
  EXPECT_THROW(commit({decided}), ConstraintViolation) << "once";
}

TEST_F(SnapshotTest, AnAttemptIsTerminatedOnce) {
  const record::TrialTerminated decided{key(4), {1, 0.25, 0.5, 3, 4, 0}, kNow};
  EXPECT_THROW(commit({decided}), ConstraintViolation) << "of a trial that is not there";
  commit({sample::opened(key(4)), sample::epoch(key(4), 1), decided});
  EXPECT_THROW(commit({decided}), ConstraintViolation);
}

TEST_F(SnapshotTest, ATrialIsPromotedOnceFromARung) {
  const auto promoted = [](std::int64_t epoch) {
    return record::TrialPromoted{key(4), {epoch, 0.5, 0.25, 2, 6, 0}, kNow};
  };
  EXPECT_THROW(commit({promoted(1)}), ConstraintViolation) << "of a trial that is not there";
  commit({sample::opened(key(4)), promoted(1), promoted(3)});
  EXPECT_THROW(commit({promoted(3)}), ConstraintViolation);
}

TEST_F(SnapshotTest, PromotionsComeWithTheirEvidence) {
  const TrialKey one{make_trial_id(SweepId{2}, 3), AttemptNo{1}};
  const Evidence evidence{2, 0.5, 0.25, 2, 6, 0};
  commit(
      {sample::sweep_added(
           SweepId{2}, sample::frozen("promoting", "cifar100",
                                      R"("early_terminate": {"type": "asha", "promotion": true})")),
       sample::opened(one), record::TrialPromoted{one, evidence, kNow}});
  EXPECT_EQ(store_.snapshot().sweeps.at(1).promotions,
            (std::vector<TrialPromotion>{{3, evidence}}));
  EXPECT_TRUE(store_.snapshot().sweeps.at(0).promotions.empty());
}

TEST_F(SnapshotTest, FrozenSweepReadsBackEqual) {
  const Snapshot snapshot = store_.snapshot();
  const FrozenSweep& read = *snapshot.sweeps.at(0).frozen;
  EXPECT_EQ(read.canonical, frozen_->canonical);
  EXPECT_EQ(read.hash, frozen_->hash);
  EXPECT_EQ(read.dataset_checksum, frozen_->dataset_checksum);
  ASSERT_EQ(read.architectures.size(), 1u);
  EXPECT_EQ(read.architectures.at("v3").hash, frozen_->architectures.at("v3").hash);
  EXPECT_EQ(read.architectures.at("v3").canonical, frozen_->architectures.at("v3").canonical);
  EXPECT_EQ(read.spec.parameters.size(), frozen_->spec.parameters.size());
  EXPECT_EQ(read.spec.base, frozen_->spec.base);
}

TEST_F(SnapshotTest, SweepsComeByIdWithTheirStates) {
  commit({sample::sweep_added(SweepId{3}), sample::sweep_added(SweepId{2}),
          record::SweepChanged{SweepId{2}, SweepState::kStopping, true, kNow}});
  const Snapshot snapshot = store_.snapshot();
  ASSERT_EQ(snapshot.sweeps.size(), 3u);
  EXPECT_EQ(snapshot.sweeps[1].sweep, SweepId{2});
  EXPECT_EQ(snapshot.sweeps[1].state, SweepState::kStopping);
  EXPECT_TRUE(snapshot.sweeps[1].failing);
  EXPECT_EQ(snapshot.sweeps[2].state, SweepState::kRunning);
}

TEST_F(SnapshotTest, ASweepThatDoesNotReadBackIsBrokenAlone) {
  const sample::Folder folder;
  Store store = *Store::open(folder / "sweeps.db");
  store.commit(std::vector<Record>{sample::sweep_added(SweepId{1}), sample::sweep_added(SweepId{2}),
                                   sample::sweep_added(SweepId{3}),
                                   sample::opened({make_trial_id(SweepId{2}, 5), AttemptNo{1}})});
  {
    SQLite::Database file((folder / "sweeps.db").string(), SQLite::OPEN_READWRITE);
    file.exec(
        "UPDATE sweeps SET spec = json_set(spec, '$.parameters.warp', json('{\"value\": 1}'))"
        " WHERE sweep_id = 2");
  }
  const Snapshot snapshot = store.snapshot();
  ASSERT_EQ(snapshot.sweeps.size(), 3u);
  const SweepSnapshot& broken = snapshot.sweeps[1];
  EXPECT_EQ(broken.broken,
            "this build cannot read it: frozen.json: /parameters/warp: unknown parameter, expected "
            "a field of the table or \"arch.NAME\" (`firesweep explain` lists them)");
  EXPECT_EQ(broken.frozen->spec.name, snapshot.sweeps[0].frozen->spec.name);
  EXPECT_EQ(broken.frozen->hash, snapshot.sweeps[0].frozen->hash);
  EXPECT_TRUE(broken.trials.contains(5)) << "what has begun is still there to be judged";
  EXPECT_EQ(snapshot.sweeps[0].broken, "");
  EXPECT_EQ(snapshot.sweeps[2].broken, "");
  const auto listed = broken_sweeps(*ReadDatabase::open(folder / "sweeps.db"));
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed.at(SweepId{2}), broken.broken);
}

TEST_F(SnapshotTest, TrialsWithoutARowAreNotThere) {
  EXPECT_TRUE(store_.snapshot().sweeps.at(0).trials.empty());
}

TEST_F(SnapshotTest, EveryStateReadsBackWithWhatItCarries) {
  const std::vector<TrialState> states = {Waiting{AttemptNo{0}},   Waiting{AttemptNo{1}},
                                          Assigned{AttemptNo{1}},  Running{AttemptNo{1}},
                                          Complete{AttemptNo{1}},  Pruned{AttemptNo{1}},
                                          Cancelled{AttemptNo{0}}, Cancelled{AttemptNo{1}}};
  std::vector<TrialState> all = states;
  for (const Reason reason :
       {Reason::kDrain, Reason::kEarlyStop, Reason::kTimeout, Reason::kUser}) {
    all.emplace_back(Stopping{AttemptNo{1}, reason});
  }
  for (const Reason reason : {Reason::kOom, Reason::kLost, Reason::kTimeout, Reason::kNan,
                              Reason::kBadConfig, Reason::kError}) {
    all.emplace_back(Failed{AttemptNo{1}, reason});
  }
  std::int64_t number = 0;
  for (const TrialState& state : all) {
    commit({record::TrialChanged{make_trial_id(kSweep, number), state, 2, 7, "why", kNow}});
    const TrialSnapshot read = trial(number);
    EXPECT_EQ(read.state, state) << name_of(state);
    EXPECT_EQ(read.restarts, 2);
    EXPECT_EQ(read.checkpoint_epoch, 7);
    ++number;
  }
}

TEST_F(SnapshotTest, LiveAttemptIsThereWithItsWorkerAndSession) {
  commit({sample::opened(key(4))});
  EXPECT_EQ(trial(4).state, TrialState(Assigned{AttemptNo{1}}));
  EXPECT_EQ(trial(4).worker, "host/0");
  EXPECT_EQ(trial(4).session, sample::kSession);
  EXPECT_FALSE(trial(4).started);
  commit({record::AttemptStarted{key(4), 3, false, kNow}});
  EXPECT_TRUE(trial(4).started);
  EXPECT_EQ(trial(4).resumed_from_epoch, 3);
}

TEST_F(SnapshotTest, NewestAttemptIsTheOneThatCounts) {
  commit({sample::opened(key(4)), record::AttemptStarted{key(4), 0, false, kNow},
          record::AttemptEnded{key(4), AttemptEnd::kLost, Reason::kLost, "", true, kNow},
          record::TrialChanged{key(4).trial, Waiting{AttemptNo{1}}, 1, 0, "", kNow}});
  EXPECT_TRUE(trial(4).started) << "a late result of the lost attempt may still come";
  commit({sample::opened(key(4, 2))});
  EXPECT_FALSE(trial(4).started);
  EXPECT_EQ(newest_attempt(trial(4).state), AttemptNo{2});
}

TEST_F(SnapshotTest, TrainSecondsAreSummedOverTheRecordedEpochs) {
  commit({sample::opened(key(0)), sample::epoch(key(0), 1), sample::epoch(key(0), 2),
          sample::epoch(key(0), 2)});
  EXPECT_DOUBLE_EQ(trial(0).train_seconds, 5.0);
}

}  // namespace
}  // namespace firesweep
