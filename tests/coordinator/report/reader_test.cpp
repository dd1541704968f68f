#include "coordinator/report/reader.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "coordinator/report/render/render.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

using sample::kNow;

TrialId trial(std::int64_t number, std::int64_t sweep = 1) {
  return make_trial_id(SweepId{sweep}, number);
}

TrialConfig config(const std::string& variant, double lr, std::int64_t seed = 1) {
  TrialConfig c;
  c.variant = variant;
  c.lr = lr;
  c.seed = seed;
  return c;
}

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() : store_(*Store::open(file_)) {
    store_.commit(
        std::vector<Record>{sample::sweep_added(SweepId{1}),
                            sample::sweep_added(SweepId{2}, sample::frozen("other", "cifar10")),
                            sample::sweep_added(SweepId{3}, sample::frozen("again"))});
    sample::commit_all(
        store_,
        {{.trial = trial(0), .config = config("v2", 0.001), .params = 100, .val = 0.50},
         {.trial = trial(1), .config = config("v3", 0.001), .params = 200, .val = 0.45},
         {.trial = trial(2), .config = config("v3", 0.003), .params = 200, .val = 0.60},
         {.trial = trial(0, 2), .config = config("v2", 0.001), .params = 100, .val = 0.90},
         {.trial = trial(0, 3), .config = config("v5", 0.001), .params = 300, .val = 0.70}});
  }

  Reader reader() const { return *Reader::open(file_); }
  static std::vector<std::string> column(const Table& table, const std::string& name) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name != name) continue;
      for (const Row& row : table.rows) cells.push_back(row[i] ? to_string(*row[i]) : "-");
    }
    return cells;
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
  Store store_;
};

using Cells = std::vector<std::string>;

TEST_F(ReaderTest, LeaderboardHasASectionPerDatasetWithItsOwnRanks) {
  const Table table = *reader().leaderboard();
  ASSERT_EQ(table.sections.size(), 2u);
  EXPECT_EQ(table.sections[0].heading, "cifar10, held-out validation, 15 epochs (1 trial)");
  EXPECT_EQ(table.sections[1].heading, "cifar100, held-out validation, 15 epochs (4 trials)");
  EXPECT_EQ(column(table, "rank"), (Cells{"1", "1", "2", "3", "4"}));
  EXPECT_EQ(column(table, "trial"), (Cells{"2/0", "3/0", "1/2", "1/0", "1/1"}));
}

// Issue 13, case 34: what was trained on other images under the same name ranks apart.
TEST_F(ReaderTest, OtherImagesOfTheSameNameAreAnotherBoard) {
  const std::string one(64, 'a'), two(64, 'b');
  sample::commit_all(store_, {{.trial = trial(1, 2),
                               .config = config("v3", 0.001),
                               .params = 200,
                               .val = 0.8,
                               .content = one},
                              {.trial = trial(2, 2),
                               .config = config("v3", 0.003),
                               .params = 200,
                               .val = 0.7,
                               .content = two}});
  for (const auto& table :
       {*reader().leaderboard(SweepId{2}), *reader().leaderboard_points(SweepId{2})}) {
    ASSERT_EQ(table.sections.size(), 3u);
    EXPECT_NE(table.sections[1].heading.find("cifar10 (images aaaaaaaa), "), std::string::npos)
        << table.sections[1].heading;
    EXPECT_NE(table.sections[2].heading.find("cifar10 (images bbbbbbbb), "), std::string::npos);
    EXPECT_EQ(column(table, "rank"), (Cells{"1", "1", "1"}));
  }
  EXPECT_EQ(reader().pareto(SweepId{2})->size(), 3u);
}

TEST_F(ReaderTest, RanksOfOneSweepCountWithinIt) {
  const Table table = *reader().leaderboard(SweepId{1});
  EXPECT_EQ(column(table, "rank"), (Cells{"1", "2", "3"}));
  EXPECT_EQ(column(table, "trial"), (Cells{"1/2", "1/0", "1/1"}));
  EXPECT_EQ(column(*reader().leaderboard_points(SweepId{1}), "rank"), (Cells{"1", "2", "3"}));
}

TEST_F(ReaderTest, LimitIsPerSectionAndSaysWhatItLeavesOut) {
  const Table table = *reader().leaderboard(std::nullopt, 2);
  EXPECT_EQ(column(table, "trial"), (Cells{"2/0", "3/0", "1/2"}));
  EXPECT_EQ(table.sections.at(1).heading,
            "cifar100, held-out validation, 15 epochs (best 2 of 4 trials)");
  EXPECT_EQ(table.sections.at(1).first, 1u);
  EXPECT_EQ(table.sections.at(1).count, 2u);
}

// Issue 13: of huge boards neither the rows nor their text lie in memory at once.
TEST_F(ReaderTest, RowsThatAreWrittenAsTheyAreReadAreTheSameOnes) {
  std::vector<sample::Finished> many;
  for (std::int64_t number = 3; number < 1203; ++number) {
    many.push_back({.trial = trial(number),
                    .config = config("v3", 0.001, number),
                    .params = 200,
                    .val = static_cast<double>(number % 97) / 100});
  }
  sample::commit_all(store_, many);
  const auto written = [&](const char* format, const auto& report) {
    Spool spool(1000);
    const auto writer = row_writer(format, spool);
    const auto table = report(writer.get());
    EXPECT_TRUE(table && table->rows.empty());
    return spool.text();
  };
  const Reader all = reader();
  for (const std::optional<std::int64_t> limit : {std::optional<std::int64_t>(), {7}}) {
    const auto board = [&](RowWriter* w) { return all.leaderboard(std::nullopt, limit, w); };
    const auto points = [&](RowWriter* w) { return all.leaderboard_points({}, limit, w); };
    const auto trials = [&](RowWriter* w) { return all.trials(SweepId{1}, limit, w); };
    EXPECT_EQ(written("csv", board), render_csv(*board(nullptr)));
    EXPECT_EQ(written("json", board), render_json(*board(nullptr)));
    EXPECT_EQ(written("csv", points), render_csv(*points(nullptr)));
    EXPECT_EQ(written("json", trials), render_json(*trials(nullptr)));
  }
  EXPECT_EQ(all.leaderboard(std::nullopt, 7)->sections.at(1).heading,
            "cifar100, held-out validation, 15 epochs (best 7 of 1204 trials)");
  EXPECT_EQ(all.leaderboard()->rows.size(), 1205u);
}

TEST_F(ReaderTest, LeaderboardRanksAsItsViewDoes) {
  const Table table = *reader().leaderboard();
  const Rows view = ReadDatabase::open(file_)->query("SELECT rank, trial FROM leaderboard");
  ASSERT_EQ(table.rows.size(), view.rows.size());
  for (std::size_t i = 0; i < view.rows.size(); ++i) {
    EXPECT_EQ(table.rows[i][0], view.rows[i][0]);
    EXPECT_EQ(table.rows[i][2], view.rows[i][1]);
  }
}

// Issue 13, case 33: reports do not count past what is missing.
TEST_F(ReaderTest, ContradictingRowsAreNamedOfTheSweepAskedFor) {
  EXPECT_TRUE(reader().look_through({}));
  {
    SQLite::Database hands(file_.string(), SQLite::OPEN_READWRITE);
    hands.exec("DELETE FROM results WHERE trial_id >> 40 = 3");
  }
  const auto found = reader().look_through({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kBadInput);
  EXPECT_NE(found.error().what.find("trial 3/0 is COMPLETE but has no result"), std::string::npos)
      << found.error().what;
  EXPECT_FALSE(reader().look_through(SweepId{3}));
  EXPECT_TRUE(reader().look_through(SweepId{1}));
}

TEST_F(ReaderTest, LeaderboardReadsWellAsText) {
  EXPECT_EQ(render_text(*reader().leaderboard(SweepId{1}, 2)),
            "cifar100, held-out validation, 15 epochs (best 2 of 3 trials)\n"
            "rank  trial  variant     lr  smoothing  params    MACs  val acc  test acc  time\n"
            "────  ─────  ───────  ─────  ─────────  ──────  ──────  ───────  ────────  ────\n"
            "   1  1/2    v3       0.003        0.1     200  4.00 k  60.00 %   50.00 %  1:40\n"
            "   2  1/0    v2       0.001        0.1     100  2.00 k  50.00 %   50.00 %  1:40\n");
}

TEST_F(ReaderTest, HyperparametersThatVaryAreShown) {
  TrialConfig sgd = config("v3", 0.1);
  sgd.optimizer = "sgd";
  sample::commit_all(store_, {{.trial = trial(3), .config = sgd, .val = 0.1}});
  EXPECT_NE(render_text(*reader().leaderboard(SweepId{1})).find("optimizer"), std::string::npos);
  EXPECT_EQ(render_text(*reader().leaderboard(SweepId{3})).find("optimizer"), std::string::npos);
}

TEST_F(ReaderTest, PointsAreMeansAndSayWhatTheirIntervalIs) {
  EXPECT_EQ(reader().leaderboard_points()->note, "") << "one seed each: there is no interval";
  sample::commit_all(
      store_, {{.trial = trial(4), .config = config("v3", 0.003, 2), .params = 200, .val = 0.62}});
  const Table table = *reader().leaderboard_points(SweepId{1});
  EXPECT_EQ(column(table, "n_seeds"), (Cells{"2", "1", "1"}));
  EXPECT_EQ(column(table, "point"), (Cells{"1/2", "1/0", "1/1"}));
  EXPECT_NE(table.note.find("pooled"), std::string::npos);
}

TEST_F(ReaderTest, ParetoHasAllPointsAPanelPerDataset) {
  const auto panels = *reader().pareto();
  ASSERT_EQ(panels.size(), 2u);
  EXPECT_EQ(panels[0].board.dataset, "cifar10");
  const Table all = pareto_table(panels, PointsShown::kAll);
  EXPECT_EQ(column(all, "point"), (Cells{"2/0", "1/0", "1/2", "1/1", "3/0"}));
  EXPECT_EQ(column(all, "on_front"), (Cells{"1", "1", "1", "0", "1"}));
  EXPECT_EQ(column(all, "dominated_by"), (Cells{"-", "-", "-", "1/2", "-"}));
  EXPECT_EQ(column(all, "dataset"),
            (Cells{"cifar10", "cifar100", "cifar100", "cifar100", "cifar100"}));
}

TEST_F(ReaderTest, ParetoOfOneSweepIsJudgedWithinIt) {
  sample::commit_all(
      store_, {{.trial = trial(1, 3), .config = config("v2", 0.001), .params = 50, .val = 0.99}});
  const Table one = pareto_table(*reader().pareto(SweepId{1}), PointsShown::kFront);
  EXPECT_EQ(column(one, "point"), (Cells{"1/0", "1/2"}));
  const Table all = pareto_table(*reader().pareto(), PointsShown::kFront);
  EXPECT_EQ(column(all, "point"), (Cells{"2/0", "3/1"}));
}

TEST_F(ReaderTest, ListHasTheNewestSweepFirst) {
  const Table table = *reader().list();
  EXPECT_EQ(column(table, "sweep"), (Cells{"3", "2", "1"}));
  EXPECT_EQ(column(table, "complete"), (Cells{"1", "1", "3"}));
  EXPECT_EQ(column(table, "waiting"), (Cells{"8", "8", "6"}));
  EXPECT_EQ(column(table, "best_trial"), (Cells{"3/0", "2/0", "1/2"}));
}

TEST_F(ReaderTest, ListOfOneSweepHasNoOther) {
  const Table table = *reader().list(SweepId{2});
  EXPECT_EQ(column(table, "sweep"), (Cells{"2"}));
  EXPECT_EQ(reader().list(SweepId{9}).error().code, ErrorCode::kNotFound);
}

TEST_F(ReaderTest, ListSaysWhichSweepThisBuildCannotRead) {
  EXPECT_EQ(reader().list()->note, "");
  SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE sweeps SET spec = json_set(spec, '$.rules', 99) WHERE sweep_id = 2");
  const Table table = *reader().list();
  const Cells broken = column(table, "broken");
  EXPECT_EQ(broken[0], "-");
  EXPECT_NE(broken[1].find("this build cannot read it: frozen.json: /rules: found 99"),
            std::string::npos)
      << broken[1];
  EXPECT_EQ(table.note, "Sweep 2 is broken: " + broken[1]);
  EXPECT_EQ(column(table, "complete"), (Cells{"1", "1", "3"})) << "the others are as they were";
}

TEST_F(ReaderTest, TrialsOfASweepShowStateAndProgress) {
  const TrialKey running{trial(7), AttemptNo{1}};
  store_.commit(std::vector<Record>{
      sample::opened(running, config("v3", 0.01)), sample::epoch(running, 1, 0.1),
      sample::epoch(running, 2, 0.2),
      record::TrialChanged{running.trial, Running{AttemptNo{1}}, 0, 0, "", kNow}});
  const Table table = *reader().trials(SweepId{1});
  EXPECT_EQ(column(table, "trial"), (Cells{"1/0", "1/1", "1/2", "1/7"}));
  EXPECT_EQ(column(table, "state"), (Cells{"COMPLETE", "COMPLETE", "COMPLETE", "RUNNING"}));
  EXPECT_EQ(column(table, "val_accuracy"), (Cells{"0.5", "0.45", "0.6", "0.2"}));
  EXPECT_EQ(column(table, "epoch").back(), "2");
  EXPECT_EQ(reader().trials(SweepId{1}, 2)->rows.size(), 2u);
}

// Issue 13, kind 13: two hosts of one name. A worker that was started again is none of them.
TEST_F(ReaderTest, NamesakesAreToldApartByTheirProcess) {
  const auto shown = [&] { return render_text(*reader().trials(SweepId{1})); };
  const auto attempt = [&](std::int64_t number, SessionId session, std::int64_t pid) {
    record::AttemptOpened opened =
        sample::opened({trial(number), AttemptNo{1}}, config("v3", 0.01));
    opened.session = session;
    opened.at = kNow + std::chrono::seconds(number);
    return std::vector<Record>{
        record::WorkerSeen{session, opened.worker, pid, "cpu", "EPYC", 2, 1, "2.13.0", "abc", kNow},
        opened};
  };
  store_.commit(attempt(4, SessionId{1, 1}, 41));
  EXPECT_EQ(shown().find("session"), std::string::npos) << "it came after the one before";
  store_.commit(attempt(5, SessionId{2, 2}, 42));
  const std::string both = shown();
  EXPECT_NE(both.find("pid"), std::string::npos) << both;
  EXPECT_NE(both.find("42  00000000"), std::string::npos) << both;
  const std::string machine = render_csv(*reader().trials(SweepId{3}));
  EXPECT_NE(machine.find(",worker,worker_pid,worker_session,"), std::string::npos);
}

TEST_F(ReaderTest, CurvesHaveARowAnEpochAlsoWhileATrialRuns) {
  const TrialKey running{trial(7), AttemptNo{1}};
  store_.commit(std::vector<Record>{sample::opened(running, config("v3", 0.01)),
                                    sample::epoch(running, 2, 0.2),
                                    sample::epoch(running, 1, 0.1)});
  const Table table = *reader().curves(SweepId{1});
  EXPECT_EQ(column(table, "trial"), (Cells{"1/0", "1/1", "1/2", "1/7", "1/7"}));
  EXPECT_EQ(column(table, "val_accuracy"), (Cells{"0.5", "0.45", "0.6", "0.1", "0.2"}));
  EXPECT_EQ(column(table, "lr").back(), "0.01");
  EXPECT_EQ(column(table, "epoch").back(), "2");
  EXPECT_EQ(reader().curves(SweepId{1}, 1)->rows.size(), 1u);
  EXPECT_FALSE(reader().curves(SweepId{9}));
  for (const Row& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
}

// Pruned trials have no rank; their curves stay, and the list says which decision ended them.
TEST_F(ReaderTest, PrunedTrialsAreCountedBelowTheRankingAndListedWithTheirDecision) {
  EXPECT_EQ(reader().leaderboard(SweepId{1})->note, "");
  const SweepId pruning{4};
  const auto of = [&](std::int64_t number) { return make_trial_id(pruning, number); };
  store_.commit(std::vector<Record>{sample::sweep_added(
      pruning, sample::frozen("pruning", "cifar10", R"("early_terminate": {"type": "asha"})"))});
  sample::commit_all(store_,
                     {{.trial = of(0), .config = config("v3", 0.001), .params = 200, .val = 0.45}});
  for (const std::int64_t number : {1, 2}) {
    const TrialKey key{of(number), AttemptNo{1}};
    store_.commit(
        std::vector<Record>{sample::opened(key, config("v3", 0.01)), sample::epoch(key, 5, 0.25),
                            record::TrialTerminated{key, {5, 0.25, 0.4, 2, 3, 0}, kNow},
                            record::TrialChanged{key.trial, Pruned{AttemptNo{1}}, 0, 5, "", kNow}});
  }
  const Table ranking = *reader().leaderboard(pruning);
  EXPECT_EQ(column(ranking, "trial"), (Cells{"4/0"}));
  EXPECT_EQ(ranking.note, "2 trials pruned by asha, not ranked. `firesweep list 4` tells why.");
  EXPECT_EQ(reader().leaderboard()->note,
            "2 trials pruned by asha, not ranked. `firesweep list SWEEP` tells why.");
  EXPECT_EQ(reader().leaderboard_points(pruning)->note, ranking.note);
  EXPECT_EQ(reader().leaderboard(SweepId{1})->note, "");
  const Table list = *reader().trials(pruning);
  EXPECT_EQ(column(list, "state"), (Cells{"COMPLETE", "PRUNED", "PRUNED"}));
  EXPECT_EQ(column(list, "message")[2],
            "asha: stopped after epoch 5: 25.00 %, compared with 40.00 % (rank 2 of 3)");
  EXPECT_EQ(column(list, "message")[0], "");
  const Table curves = *reader().curves(pruning);
  EXPECT_EQ(column(curves, "state").back(), "PRUNED");
  EXPECT_EQ(column(curves, "epoch").back(), "5");
  EXPECT_NE(render_text(curves).find("PRUNED"), std::string::npos);
}

TEST_F(ReaderTest, UnknownSweepIsNamedWithThoseThatExist) {
  const auto none = reader().leaderboard(SweepId{9});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(to_string(none.error()),
            "sweep 9: there is no such sweep (there are: 3 (again), 2 (other), 1 (sample))");
  EXPECT_FALSE(reader().trials(SweepId{9}));
  EXPECT_FALSE(reader().leaderboard_points(SweepId{9}));
  EXPECT_FALSE(reader().pareto(SweepId{9}));
}

TEST_F(ReaderTest, EveryReportIsAsWideAsItsColumns) {
  const Reader all = reader();
  for (const Table& table :
       {*all.list(), *all.trials(SweepId{1}), *all.leaderboard(), *all.leaderboard_points()}) {
    ASSERT_FALSE(table.rows.empty());
    for (const Row& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  }
}

TEST(ReaderOpen, EmptyDatabaseHasReportsThatSaySo) {
  const sample::Folder folder;
  Store::open(folder / "sweeps.db")->publish_address("");  // one that is served stays
  const Reader reader = *Reader::open(folder / "sweeps.db");
  EXPECT_EQ(render_text(*reader.list()), "No sweeps yet.\n");
  EXPECT_EQ(render_text(*reader.leaderboard()), "No finished trials yet.\n");
  EXPECT_EQ(render_text(*reader.leaderboard_points()), "No finished points yet.\n");
  EXPECT_TRUE(reader.pareto()->empty());
}

TEST(ReaderOpen, MissingForeignAndEmptyFilesAreRefused) {
  const sample::Folder folder;
  EXPECT_EQ(Reader::open(folder / "none.db").error().code, ErrorCode::kNotFound);
  std::ofstream(folder / "text.db") << std::string(2000, 'x');
  EXPECT_EQ(Reader::open(folder / "text.db").error().code, ErrorCode::kBadInput);
  std::ofstream(folder / "empty.db") << "";
  EXPECT_EQ(Reader::open(folder / "empty.db").error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace firesweep
