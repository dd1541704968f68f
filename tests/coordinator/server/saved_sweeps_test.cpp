// Sweeps that every version so far has left half done (tests/coordinator/store/saved) go on with
// this build: the same file resumes them, their trials are configured as they were frozen, and they
// run to their end, grow, rank and are exported.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "coordinator/report/query.h"
#include "coordinator/search/sweep_space.h"
#include "coordinator/server/intake.h"
#include "coordinator/server/offline.h"
#include "coordinator/server/scheduler_options.h"
#include "coordinator/store/read_database.h"
#include "coordinator/store/store.h"
#include "shared/codec/config_codec.h"
#include "shared/codec/config_hash.h"
#include "shared/domain/methods.h"
#include "tests/coordinator/store/sample.h"
#include "tests/places.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path saved_folder() { return source_dir() / "tests/coordinator/store/saved"; }

// A sweep file as make.sh of a version submits it.
request::Submit file_of(const std::string& name, int version) {
  request::Submit submit{name + ".json", content(saved_folder() / "sweeps" / (name + ".json")), {}};
  if (version >= 8 && name == "done") {
    const std::string promotion = version >= 10 ? R"(, "promotion": true)" : "";
    submit.spec_text.insert(
        submit.spec_text.find("\"max_restarts\""),
        R"("early_terminate": {"type": "asha", "min_iter": 1, "eta": 2)" + promotion + "}, ");
  }
  const std::string random = R"("method": "random")";
  if (version >= 9 && name == "random") {
    submit.spec_text.replace(submit.spec_text.find(random), random.size(), R"("method": "tpe")");
  }
  for (const char* variant : {"v1", "v2", "v3", "v4", "v5"}) {
    submit.architectures.emplace_back(
        variant, content(source_dir() / "architectures" / (std::string(variant) + ".json")));
  }
  return submit;
}

// A worker that has everything finished the moment it is assigned.
class InstantWorker {
 public:
  explicit InstantWorker(Store& store)
      : store_(store), scheduler_(store.snapshot(), default_scheduler_options(), now_) {}

  // Until nothing more is given out. What was assigned, by trial.
  std::map<TrialId, Assign> run() {
    Hello hello;
    hello.name = "host/0";
    hello.pid = 1;
    hello.capabilities.device = "cpu";
    hello.capabilities.trainers = {"simulated", "torch"};
    hello.capabilities.amp_kinds = {"off", "bf16", "fp16"};
    hello.capabilities.fields = newer_fields();
    send({hello});
    while (!todo_.empty()) {
      const Assign assign = todo_.back();
      todo_.pop_back();
      TrialResult result;
      result.val_accuracy = 0.5;
      result.test_accuracy = 0.5;
      result.epochs = assign.config.epochs;
      send({Report{++reports_, assign.key, report::Started{}},
            Report{++reports_, assign.key, report::Finished{result}}});
    }
    return assigned_;
  }

  // Workers of before the crash do not come back: their leases run out.
  void pass_leases() {
    for (int i = 0; i < 40; ++i) {
      now_.steady += std::chrono::milliseconds(500);
      take(scheduler_.on(event::Tick{}, now_));
    }
  }

 private:
  void send(std::vector<WorkerMessage> messages) {
    take(scheduler_.on(
        event::WorkerFrameArrived{"peer", WorkerFrame{{1, 2}, ++frames_, std::move(messages)}},
        now_));
  }

  void take(std::vector<Effect> effects) {
    std::vector<Record> records;
    for (Effect& effect : effects) {
      if (auto* persist = std::get_if<effect::Persist>(&effect)) {
        records.push_back(std::move(persist->record));
      } else if (const auto* sent = std::get_if<effect::SendToWorker>(&effect)) {
        for (const CoordinatorMessage& message : sent->frame.messages) {
          if (const auto* assign = std::get_if<Assign>(&message)) {
            todo_.push_back(*assign);
            assigned_.emplace(assign->key.trial, *assign);
          }
        }
      }
    }
    store_.commit(records);
  }

  Store& store_;
  Instant now_{};
  Scheduler scheduler_;
  std::uint64_t frames_ = 0;
  std::uint64_t reports_ = 0;
  std::vector<Assign> todo_;
  std::map<TrialId, Assign> assigned_;
};

class SavedSweeps : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const fs::path saved = saved_folder() / ("v" + std::to_string(GetParam()) + ".db");
    fs::copy_file(saved, file_);
  }
  Store open() {
    auto store = Store::open(file_);
    if (!store) throw std::runtime_error(to_string(store.error()));
    return std::move(*store);
  }
  Rows query(const std::string& sql) const { return ReadDatabase::open(file_)->query(sql); }
  std::int64_t number(const std::string& sql) const {
    return std::get<std::int64_t>(*query(sql).rows.at(0).at(0));
  }
  template <class Answer>
  Answer ask(Store& store, ClientRequest request) {
    const ClientReply reply = apply_offline(store, request);
    EXPECT_TRUE(reply) << to_string(reply.error());
    return reply ? std::get<Answer>(*reply) : Answer{};
  }
  std::string export_of(const std::string& report, const std::string& format) const {
    const auto text = run_query(file_, report, format, {}, {});
    return text ? *text : to_string(text.error());
  }
  bool has_all_states() const { return GetParam() >= 5; }
  // Builds up to version 4 trained by recipe 1 (config_hash.h): theirs is other work.
  bool same_recipe() const { return GetParam() >= 5; }

  sample::Folder folder_;
  fs::path file_ = folder_ / "sweeps.db";
};

SweepSpace space_of(const SweepSnapshot& sweep) {
  auto space = SweepSpace::make(sweep.frozen);
  if (!space) throw std::runtime_error(to_string(space.error()));
  for (const auto& extension : sweep.extensions) {
    if (const auto done = space->extend(extension); !done) {
      throw std::runtime_error(to_string(done.error()));
    }
  }
  for (const Proposal& proposal : sweep.proposals) {
    if (const auto kept = space->keep(proposal); !kept) {
      throw std::runtime_error(to_string(kept.error()));
    }
  }
  return std::move(*space);
}

TEST_P(SavedSweeps, EveryTrialIsConfiguredAsItWasFrozen) {
  const Snapshot snapshot = open().snapshot();
  int compared = 0;
  for (const SweepSnapshot& sweep : snapshot.sweeps) {
    ASSERT_EQ(sweep.broken, "");
    const SweepSpace space = space_of(sweep);
    EXPECT_EQ(space.trials(), sweep.total_trials);
    const Rows stored = query(
        "SELECT number, config, config_hash, architecture_hash, params"
        " FROM configs JOIN trials USING (trial_id) WHERE sweep_id = " +
        std::to_string(sweep.sweep.value));
    for (const auto& row : stored.rows) {
      const std::int64_t number = std::get<std::int64_t>(*row[0]);
      const auto config = space.config(number);
      ASSERT_TRUE(config) << number;
      const auto kept = decode_config(std::get<std::string>(*row[1]));
      ASSERT_TRUE(kept) << to_string(kept.error());
      EXPECT_EQ(*config, *kept) << encode_config(*config);
      const ResolvedArchitecture& architecture = space.architecture(number);
      EXPECT_EQ(architecture.hash, std::get<std::string>(*row[3]));
      if (same_recipe()) {
        EXPECT_EQ(config_hash(*config, architecture.hash, sweep.frozen->dataset_checksum,
                              sweep.frozen->spec.trainer),
                  std::get<std::string>(*row[2]))
            << "its checkpoints and results would no longer be of equal work";
      }
      EXPECT_EQ(space.cost(number).params, std::get<std::int64_t>(*row[4]));
      ++compared;
    }
  }
  EXPECT_GE(compared, 16);
}

TEST_P(SavedSweeps, TheSameFileResumesItsSweep) {
  Store store = open();
  std::map<std::string, std::int64_t> sweeps{{"done", 1}, {"study", 2}};
  sweeps["live"] = has_all_states() ? 7 : 3;
  if (has_all_states()) sweeps["random"] = 3;
  const std::int64_t before = number("SELECT count(*) FROM sweeps");
  for (const auto& [name, sweep] : sweeps) {
    const auto reply =
        ask<reply::Submitted>(store, {kClientProtocolVersion, file_of(name, GetParam())});
    EXPECT_EQ(reply.sweep.value, sweep) << name;
    EXPECT_TRUE(reply.resumed) << name;
  }
  EXPECT_EQ(number("SELECT count(*) FROM sweeps"), before);
}

TEST_P(SavedSweeps, AllRunToTheirEndAndGrow) {
  Store store = open();
  const std::int64_t live = has_all_states() ? 7 : 3;
  if (has_all_states()) {
    for (const std::int64_t sweep : {3, 4, 6}) {
      ask<reply::SweepSteered>(store, {kClientProtocolVersion,
                                       request::Steer{request::Verb::kResume, SweepId{sweep}, {}}});
    }
  }
  request::Submit more = file_of("live", GetParam());
  const std::string seeds = "\"seeds\": [7, 8]";
  more.spec_text.replace(more.spec_text.find(seeds), seeds.size(), "\"seeds\": [7, 8, 20]");
  const auto grown =
      ask<reply::Extended>(store, {kClientProtocolVersion, request::Extend{SweepId{live}, more}});
  EXPECT_EQ(grown.added, 6);
  const Snapshot before = store.snapshot();
  InstantWorker worker(store);
  worker.pass_leases();
  const auto assigned = worker.run();
  for (const auto& [trial, assign] : assigned) {
    for (const SweepSnapshot& sweep : before.sweeps) {
      if (sweep.sweep != sweep_of(trial)) continue;
      const auto frozen = space_of(sweep).config(number_of(trial));
      if (!frozen && learns(sweep.frozen->spec.method)) continue;  // proposed since
      EXPECT_EQ(assign.config, frozen) << to_string(trial);
    }
  }
  EXPECT_EQ(number("SELECT count(*) FROM sweeps WHERE state NOT IN ('FINISHED', 'CANCELLED')"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM sweep_overview WHERE state = 'FINISHED' AND"
                   " trials > complete + pruned + failed + cancelled"),
            0);
  EXPECT_EQ(number("SELECT count(*) FROM leaderboard"), number("SELECT count(*) FROM results"));
  EXPECT_EQ(number("SELECT count(*) FROM leaderboard WHERE tta IS NULL OR lr IS NULL"), 0);
}

// The half-done sweep as its file might also have been left, whatever the version.
TEST_P(SavedSweeps, FromEveryStateTheHalfDoneSweepGoesOnOrStaysEnded) {
  const std::string live = std::to_string(has_all_states() ? 7 : 3);
  const std::string state_of_it =
      "SELECT count(*) FROM sweeps WHERE sweep_id = " + live + " AND state = ";
  const fs::path saved = saved_folder() / ("v" + std::to_string(GetParam()) + ".db");
  for (const std::string state :
       {"RUNNING", "PAUSED", "STOPPED", "FAILED", "STOPPING", "CANCELLED"}) {
    SCOPED_TRACE(state);
    for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove_all(entry.path());
    fs::copy_file(saved, file_);
    SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
        .exec("UPDATE sweeps SET state = '" + state + "' WHERE sweep_id = " + live);
    Store store = open();
    const bool ends = state == "STOPPING" || state == "CANCELLED";
    if (!ends) {
      EXPECT_TRUE(
          ask<reply::Submitted>(store, {kClientProtocolVersion, file_of("live", GetParam())})
              .resumed);
    }
    InstantWorker worker(store);
    worker.pass_leases();
    worker.run();
    const std::string end = state == "STOPPING" ? "STOPPED" : ends ? state : "FINISHED";
    EXPECT_EQ(number(state_of_it + "'" + end + "'"), 1);
    EXPECT_EQ(number("SELECT running + assigned FROM sweep_overview WHERE sweep = " + live), 0);
  }
}

// A file of an older version is read as it will be once migrated.
TEST_P(SavedSweeps, ReportsOfTheOldFileAreThoseOfTheMigratedOne) {
  std::map<std::string, std::string> before;
  for (const char* report : {"list", "leaderboard", "points", "pareto"}) {
    for (const char* format : {"csv", "json"}) {
      before[std::string(report) + format] = export_of(report, format);
    }
  }
  const std::string bytes = content(file_);
  EXPECT_EQ(bytes, content(saved_folder() / ("v" + std::to_string(GetParam()) + ".db")))
      << "reading changes nothing";
  open();
  for (const auto& [name, text] : before) {
    const bool csv = name.ends_with("csv");
    EXPECT_EQ(export_of(name.substr(0, name.size() - (csv ? 3 : 4)), csv ? "csv" : "json"), text);
  }
  EXPECT_NE(before["leaderboardcsv"].find("v3"), std::string::npos);
}

std::vector<int> versions() {
  std::vector<int> all;
  for (int version = 1;; ++version) {
    if (!fs::exists(saved_folder() / ("v" + std::to_string(version) + ".db"))) return all;
    all.push_back(version);
  }
}

INSTANTIATE_TEST_SUITE_P(OfVersion, SavedSweeps, testing::ValuesIn(versions()),
                         [](const auto& one) { return std::to_string(one.param); });

}  // namespace
}  // namespace firesweep
