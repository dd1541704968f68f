#include "shared/domain/trial_state.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace firesweep {
namespace {

namespace e = trial_event;

constexpr AttemptNo kNewest{2};
constexpr AttemptNo kOlder{1};

// Every state there is, reasons included; the newest attempt is 2 (0 for an untouched trial).
const std::vector<std::pair<std::string, TrialState>>& states() {
  static const std::vector<std::pair<std::string, TrialState>> all{
      {"WAITING/untouched", Waiting{}},
      {"WAITING", Waiting{kNewest}},
      {"ASSIGNED", Assigned{kNewest}},
      {"RUNNING", Running{kNewest}},
      {"STOPPING/DRAIN", Stopping{kNewest, Reason::kDrain}},
      {"STOPPING/EARLY_STOP", Stopping{kNewest, Reason::kEarlyStop}},
      {"STOPPING/TIMEOUT", Stopping{kNewest, Reason::kTimeout}},
      {"STOPPING/USER", Stopping{kNewest, Reason::kUser}},
      {"COMPLETE", Complete{kNewest}},
      {"PRUNED", Pruned{kNewest}},
      {"FAIL/LOST", Failed{kNewest, Reason::kLost}},
      {"FAIL/OOM", Failed{kNewest, Reason::kOom}},
      {"FAIL/TIMEOUT", Failed{kNewest, Reason::kTimeout}},
      {"FAIL/NAN", Failed{kNewest, Reason::kNan}},
      {"FAIL/BAD_CONFIG", Failed{kNewest, Reason::kBadConfig}},
      {"FAIL/ERROR", Failed{kNewest, Reason::kError}},
      {"CANCELLED", Cancelled{kNewest}},
      {"CANCELLED/untouched", Cancelled{}},
  };
  return all;
}

// Every event there is, with everything its payload can change.
const std::vector<std::pair<std::string, TrialEvent>>& events() {
  static const std::vector<std::pair<std::string, TrialEvent>> all{
      {"assigned#1", e::AssignedTo{AttemptNo{1}}},
      {"assigned#2", e::AssignedTo{AttemptNo{2}}},
      {"assigned#3", e::AssignedTo{AttemptNo{3}}},
      {"started", e::Started{}},
      {"progressed", e::Progressed{}},
      {"unstarted", e::Unstarted{}},
      {"handed_back", e::HandedBack{}},
      {"lost, may restart", e::AttemptLost{true}},
      {"lost, may not restart", e::AttemptLost{false}},
      {"errored OOM, may restart", e::Errored{Reason::kOom, true}},
      {"errored OOM, may not restart", e::Errored{Reason::kOom, false}},
      {"errored ERROR, may restart", e::Errored{Reason::kError, true}},
      {"errored ERROR, may not restart", e::Errored{Reason::kError, false}},
      {"errored NAN, may restart", e::Errored{Reason::kNan, true}},
      {"errored NAN, may not restart", e::Errored{Reason::kNan, false}},
      {"errored BAD_CONFIG, may restart", e::Errored{Reason::kBadConfig, true}},
      {"errored BAD_CONFIG, may not restart", e::Errored{Reason::kBadConfig, false}},
      {"errored LOST", e::Errored{Reason::kLost, true}},
      {"errored TIMEOUT", e::Errored{Reason::kTimeout, true}},
      {"errored EARLY_STOP", e::Errored{Reason::kEarlyStop, true}},
      {"errored USER", e::Errored{Reason::kUser, true}},
      {"errored DRAIN", e::Errored{Reason::kDrain, true}},
      {"stop DRAIN", e::StopRequested{Reason::kDrain}},
      {"stop EARLY_STOP", e::StopRequested{Reason::kEarlyStop}},
      {"stop TIMEOUT", e::StopRequested{Reason::kTimeout}},
      {"stop USER", e::StopRequested{Reason::kUser}},
      {"stop OOM", e::StopRequested{Reason::kOom}},
      {"stop LOST", e::StopRequested{Reason::kLost}},
      {"stop NAN", e::StopRequested{Reason::kNan}},
      {"stop BAD_CONFIG", e::StopRequested{Reason::kBadConfig}},
      {"stop ERROR", e::StopRequested{Reason::kError}},
      {"finished#0", e::Finished{AttemptNo{0}}},
      {"finished by older", e::Finished{kOlder}},
      {"finished by newest", e::Finished{kNewest}},
      {"finished by future", e::Finished{AttemptNo{3}}},
      {"cancelled", e::CancelledByUser{}},
      {"raced_out", e::RacedOut{}},
      {"reused", e::Reused{}},
      {"retried", e::Retried{}},
      {"not promoted", e::NotPromoted{}},
  };
  return all;
}

using Pair = std::pair<std::string, std::string>;

const TrialState kWaits = Waiting{kNewest};
const TrialState kRuns = Running{kNewest};
const TrialState kDone = Complete{kNewest};
const TrialState kCancels = Cancelled{kNewest};
const TrialState kPrunes = Pruned{kNewest};
TrialState fails(Reason reason) { return Failed{kNewest, reason}; }
TrialState stops(Reason reason) { return Stopping{kNewest, reason}; }

// Every legal pair, written out; whatever is not here must be refused.
std::map<Pair, TrialState> legal_pairs() {
  std::map<Pair, TrialState> table{
      {{"WAITING/untouched", "assigned#1"}, Assigned{AttemptNo{1}}},
      {{"WAITING/untouched", "cancelled"}, Cancelled{}},
      {{"WAITING/untouched", "raced_out"}, Pruned{}},
      {{"WAITING/untouched", "reused"}, Complete{AttemptNo{1}}},

      {{"WAITING", "assigned#3"}, Assigned{AttemptNo{3}}},
      {{"WAITING", "finished by older"}, kWaits},
      {{"WAITING", "finished by newest"}, kDone},
      {{"WAITING", "cancelled"}, kCancels},
      {{"WAITING", "not promoted"}, kPrunes},

      {{"ASSIGNED", "started"}, kRuns},
      {{"ASSIGNED", "progressed"}, kRuns},
      {{"ASSIGNED", "unstarted"}, kWaits},
      {{"ASSIGNED", "handed_back"}, kWaits},
      {{"ASSIGNED", "lost, may restart"}, kWaits},
      {{"ASSIGNED", "lost, may not restart"}, fails(Reason::kLost)},
      {{"ASSIGNED", "errored OOM, may restart"}, kWaits},
      {{"ASSIGNED", "errored OOM, may not restart"}, fails(Reason::kOom)},
      {{"ASSIGNED", "errored ERROR, may restart"}, kWaits},
      {{"ASSIGNED", "errored ERROR, may not restart"}, fails(Reason::kError)},
      {{"ASSIGNED", "errored NAN, may restart"}, fails(Reason::kNan)},
      {{"ASSIGNED", "errored NAN, may not restart"}, fails(Reason::kNan)},
      {{"ASSIGNED", "errored BAD_CONFIG, may restart"}, fails(Reason::kBadConfig)},
      {{"ASSIGNED", "errored BAD_CONFIG, may not restart"}, fails(Reason::kBadConfig)},
      {{"ASSIGNED", "stop DRAIN"}, stops(Reason::kDrain)},
      {{"ASSIGNED", "stop EARLY_STOP"}, stops(Reason::kEarlyStop)},
      {{"ASSIGNED", "stop TIMEOUT"}, stops(Reason::kTimeout)},
      {{"ASSIGNED", "stop USER"}, stops(Reason::kUser)},
      {{"ASSIGNED", "finished by older"}, Assigned{kNewest}},
      {{"ASSIGNED", "finished by newest"}, kDone},

      {{"RUNNING", "started"}, kRuns},
      {{"RUNNING", "progressed"}, kRuns},
      {{"RUNNING", "handed_back"}, kWaits},
      {{"RUNNING", "lost, may restart"}, kWaits},
      {{"RUNNING", "lost, may not restart"}, fails(Reason::kLost)},
      {{"RUNNING", "errored OOM, may restart"}, kWaits},
      {{"RUNNING", "errored OOM, may not restart"}, fails(Reason::kOom)},
      {{"RUNNING", "errored ERROR, may restart"}, kWaits},
      {{"RUNNING", "errored ERROR, may not restart"}, fails(Reason::kError)},
      {{"RUNNING", "errored NAN, may restart"}, fails(Reason::kNan)},
      {{"RUNNING", "errored NAN, may not restart"}, fails(Reason::kNan)},
      {{"RUNNING", "errored BAD_CONFIG, may restart"}, fails(Reason::kBadConfig)},
      {{"RUNNING", "errored BAD_CONFIG, may not restart"}, fails(Reason::kBadConfig)},
      {{"RUNNING", "stop DRAIN"}, stops(Reason::kDrain)},
      {{"RUNNING", "stop EARLY_STOP"}, stops(Reason::kEarlyStop)},
      {{"RUNNING", "stop TIMEOUT"}, stops(Reason::kTimeout)},
      {{"RUNNING", "stop USER"}, stops(Reason::kUser)},
      {{"RUNNING", "finished by older"}, kRuns},
      {{"RUNNING", "finished by newest"}, kDone},

      {{"STOPPING/DRAIN", "stop DRAIN"}, stops(Reason::kDrain)},
      {{"STOPPING/DRAIN", "stop EARLY_STOP"}, stops(Reason::kEarlyStop)},
      {{"STOPPING/DRAIN", "stop TIMEOUT"}, stops(Reason::kTimeout)},
      {{"STOPPING/DRAIN", "stop USER"}, stops(Reason::kUser)},
      {{"STOPPING/DRAIN", "finished by newest"}, kDone},
      {{"STOPPING/EARLY_STOP", "stop DRAIN"}, stops(Reason::kEarlyStop)},
      {{"STOPPING/EARLY_STOP", "stop EARLY_STOP"}, stops(Reason::kEarlyStop)},
      {{"STOPPING/EARLY_STOP", "stop TIMEOUT"}, stops(Reason::kTimeout)},
      {{"STOPPING/EARLY_STOP", "stop USER"}, stops(Reason::kUser)},
      {{"STOPPING/EARLY_STOP", "finished by newest"}, kDone},
      {{"STOPPING/TIMEOUT", "stop DRAIN"}, stops(Reason::kTimeout)},
      {{"STOPPING/TIMEOUT", "stop EARLY_STOP"}, stops(Reason::kTimeout)},
      {{"STOPPING/TIMEOUT", "stop TIMEOUT"}, stops(Reason::kTimeout)},
      {{"STOPPING/TIMEOUT", "stop USER"}, stops(Reason::kUser)},
      {{"STOPPING/TIMEOUT", "finished by newest"}, kDone},
      {{"STOPPING/USER", "stop DRAIN"}, stops(Reason::kUser)},
      {{"STOPPING/USER", "stop EARLY_STOP"}, stops(Reason::kUser)},
      {{"STOPPING/USER", "stop TIMEOUT"}, stops(Reason::kUser)},
      {{"STOPPING/USER", "stop USER"}, stops(Reason::kUser)},
      {{"STOPPING/USER", "finished by newest"}, kCancels},

      {{"COMPLETE", "finished by older"}, kDone},
      {{"COMPLETE", "finished by newest"}, kDone},
      {{"PRUNED", "finished by older"}, kPrunes},
      {{"PRUNED", "finished by newest"}, kPrunes},
      {{"FAIL/LOST", "finished by older"}, fails(Reason::kLost)},
      {{"FAIL/LOST", "finished by newest"}, kDone},
      {{"FAIL/LOST", "retried"}, kWaits},
      {{"CANCELLED", "finished by older"}, kCancels},
      {{"CANCELLED", "finished by newest"}, kCancels},
      {{"CANCELLED", "retried"}, kWaits},
      {{"CANCELLED/untouched", "retried"}, Waiting{}},
  };
  const std::vector<std::pair<std::string, Reason>> settled_failures{
      {"FAIL/OOM", Reason::kOom},
      {"FAIL/TIMEOUT", Reason::kTimeout},
      {"FAIL/NAN", Reason::kNan},
      {"FAIL/BAD_CONFIG", Reason::kBadConfig},
      {"FAIL/ERROR", Reason::kError}};
  for (const auto& [state, reason] : settled_failures) {
    table[{state, "finished by older"}] = fails(reason);
    table[{state, "finished by newest"}] = fails(reason);
    table[{state, "retried"}] = kWaits;
  }
  // A stopping trial: what leaves it alone, and where any end but a result takes it.
  const std::vector<std::pair<Reason, TrialState>> ends{{Reason::kDrain, kWaits},
                                                        {Reason::kEarlyStop, kPrunes},
                                                        {Reason::kTimeout, fails(Reason::kTimeout)},
                                                        {Reason::kUser, kCancels}};
  for (const auto& [reason, end] : ends) {
    const std::string from = "STOPPING/" + std::string(to_string(reason));
    for (const char* event : {"started", "progressed", "finished by older"}) {
      table[{from, event}] = stops(reason);
    }
    for (const char* event :
         {"unstarted", "handed_back", "lost, may restart", "lost, may not restart",
          "errored OOM, may restart", "errored OOM, may not restart", "errored ERROR, may restart",
          "errored ERROR, may not restart", "errored NAN, may restart",
          "errored NAN, may not restart", "errored BAD_CONFIG, may restart",
          "errored BAD_CONFIG, may not restart"}) {
      table[{from, event}] = end;
    }
  }
  return table;
}

TEST(TrialState, EveryPairIsListedOrRefused) {
  const auto table = legal_pairs();
  std::set<Pair> seen;
  for (const auto& [state_name, state] : states()) {
    for (const auto& [event_name, event] : events()) {
      SCOPED_TRACE(state_name + " + " + event_name);
      const auto expected = table.find({state_name, event_name});
      const auto next = transition(state, event);
      if (expected == table.end()) {
        ASSERT_FALSE(next.has_value());
        EXPECT_EQ(next.error().code, ErrorCode::kConflict);
        continue;
      }
      seen.insert(expected->first);
      ASSERT_TRUE(next.has_value()) << to_string(next.error());
      EXPECT_TRUE(*next == expected->second) << "is " << name_of(*next);
    }
  }
  EXPECT_EQ(seen.size(), table.size()) << "the table names a state or event that does not exist";
}

TEST(TrialState, ThePairsCoverEveryStateAndEveryEventOfTheVariants) {
  std::set<std::size_t> state_kinds;
  for (const auto& [name, state] : states()) state_kinds.insert(state.index());
  EXPECT_EQ(state_kinds.size(), std::variant_size_v<TrialState>);
  std::set<std::size_t> event_kinds;
  for (const auto& [name, event] : events()) event_kinds.insert(event.index());
  EXPECT_EQ(event_kinds.size(), std::variant_size_v<TrialEvent>);
}

TEST(TrialState, ARefusalNamesStateAndEvent) {
  const auto next = transition(Complete{kNewest}, e::Started{});
  ASSERT_FALSE(next.has_value());
  EXPECT_NE(next.error().what.find("COMPLETE"), std::string::npos);
  EXPECT_NE(next.error().what.find("started"), std::string::npos);
}

TEST(TrialState, LiveMeansHeldByAnAttempt) {
  for (const auto& [name, state] : states()) {
    SCOPED_TRACE(name);
    const bool held = name == "ASSIGNED" || name == "RUNNING" || name.starts_with("STOPPING");
    EXPECT_EQ(live_attempt(state), held ? kNewest : AttemptNo{});
    EXPECT_EQ(is_terminal(state), !held && !name.starts_with("WAITING"));
    EXPECT_EQ(newest_attempt(state), name.ends_with("untouched") ? AttemptNo{} : kNewest);
  }
}

TEST(TrialState, NamesAreDistinct) {
  std::set<std::string_view> state_names;
  for (const auto& [name, state] : states()) state_names.insert(name_of(state));
  EXPECT_EQ(state_names.size(), std::variant_size_v<TrialState>);
  std::set<std::string_view> event_names;
  for (const auto& [name, event] : events()) event_names.insert(name_of(event));
  EXPECT_EQ(event_names.size(), std::variant_size_v<TrialEvent>);
  std::set<std::string_view> reasons;
  for (int reason = 0; reason <= static_cast<int>(Reason::kDrain); ++reason) {
    reasons.insert(to_string(static_cast<Reason>(reason)));
  }
  EXPECT_EQ(reasons.size(), 9u);
}

}  // namespace
}  // namespace firesweep
