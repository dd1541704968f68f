#include "tests/simulation/coverage.h"

#include <cstdio>
#include <string_view>
#include <variant>

// Every call of the trial's state machine comes by here (-Wl,--wrap). FIRESWEEP_TRANSITION is the
// name of firesweep::transition(const TrialState&, const TrialEvent&) as the compiler writes it,
// given by CMakeLists.txt; where it changes, linking fails.

namespace firesweep::simulation {

Result<TrialState> real_transition(const TrialState&,
                                   const TrialEvent&) asm("__real_" FIRESWEEP_TRANSITION);
Result<TrialState> counted_transition(const TrialState&,
                                      const TrialEvent&) asm("__wrap_" FIRESWEEP_TRANSITION);

Result<TrialState> counted_transition(const TrialState& state, const TrialEvent& event) {
  if (coverage_of_thread != nullptr) coverage_of_thread->count(state, event);
  return real_transition(state, event);
}

namespace {

template <class Variant, std::size_t... I>
std::array<Variant, sizeof...(I)> one_of_each(std::index_sequence<I...>) {
  return {Variant(std::in_place_index<I>)...};
}

const auto kEveryState = one_of_each<TrialState>(std::make_index_sequence<kStates>());
const auto kEveryEvent = one_of_each<TrialEvent>(std::make_index_sequence<kEvents>());

struct StateEvent {
  std::string_view state, event;
};
// Legal by the table of PROMISES §2, and beyond the reach of what the coordinator can be asked to
// do today. Whoever makes one of them reachable removes its line.
constexpr StateEvent kOutOfReach[] = {
    {"RUNNING", "started"},    // a repeated start is answered without asking the table
    {"COMPLETE", "finished"},  // answered without asking the table: the same again, or superseded
};

// Legal: what the table accepts for some contents of state and event.
bool legal(int state, int event) {
  const std::string_view s = name_of(kEveryState[static_cast<std::size_t>(state)]);
  const std::string_view e = name_of(kEveryEvent[static_cast<std::size_t>(event)]);
  const bool leased = s == "ASSIGNED" || s == "RUNNING";
  const bool held = leased || s == "STOPPING";
  if (e == "assigned" || e == "cancelled" || e == "not_promoted") return s == "WAITING";
  if (e == "raced_out" || e == "reused") return s == "WAITING";
  if (e == "unstarted") return s == "ASSIGNED" || s == "STOPPING";
  if (e == "finished") return true;
  if (e == "retried") return s == "FAIL" || s == "CANCELLED";
  return held;
}

bool reachable(int state, int event) {
  const std::string_view s = name_of(kEveryState[static_cast<std::size_t>(state)]);
  const std::string_view e = name_of(kEveryEvent[static_cast<std::size_t>(event)]);
  // The scheduler starts a trial before it tells it anything that only a started one can do.
  if (s == "ASSIGNED" &&
      (e == "progressed" || e == "handed_back" || e == "errored" || e == "finished")) {
    return false;
  }
  for (const StateEvent& one : kOutOfReach) {
    if (one.state == s && one.event == e) return false;
  }
  return legal(state, event);
}

bool possible(Kind kind, Delivery delivery) {
  if (kind == Kind::kRefused) return false;  // every simulated worker is of this build
  const bool upward = kind <= Kind::kGoodbye;
  // A worker closes its old socket before it opens a new one.
  if (delivery == Delivery::kOvertaken)
    return upward && kind != Kind::kGoodbye && kind != Kind::kReturned;
  return true;
}

std::string count_text(std::int64_t count) {
  char text[24];
  std::snprintf(text, sizeof text, "%11lld", static_cast<long long>(count));
  return text;
}

std::string padded(std::string_view text) {
  std::string cell(text);
  cell.resize(16, ' ');
  return cell;
}

}  // namespace

std::string_view to_string(Delivery delivery) {
  static constexpr std::string_view kNames[kDeliveries] = {
      "arrived", "lost", "duplicated", "delayed", "cut off", "died", "overtaken"};
  return kNames[static_cast<int>(delivery)];
}

std::string_view to_string(Beginning beginning) {
  static constexpr std::string_view kNames[kBeginnings] = {
      "longer trial begins from its host's checkpoint",
      "longer trial begins from the coordinator's checkpoint", "longer trial begins from nothing"};
  return kNames[static_cast<int>(beginning)];
}

void Coverage::count(KindSet kinds, Delivery delivery) {
  for (int kind = 0; kind < kKinds; ++kind) {
    if ((kinds >> kind & 1u) != 0) {
      ++messages[static_cast<std::size_t>(kind)][static_cast<std::size_t>(delivery)];
    }
  }
}

void Coverage::add(const Coverage& other) {
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    for (std::size_t j = 0; j < transitions[i].size(); ++j) {
      transitions[i][j] += other.transitions[i][j];
    }
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    for (std::size_t j = 0; j < messages[i].size(); ++j) messages[i][j] += other.messages[i][j];
  }
  for (std::size_t i = 0; i < calamities.size(); ++i) calamities[i] += other.calamities[i];
  for (std::size_t i = 0; i < beginnings.size(); ++i) beginnings[i] += other.beginnings[i];
}

std::string Coverage::missing() const {
  std::string text;
  for (int state = 0; state < kStates; ++state) {
    for (int event = 0; event < kEvents; ++event) {
      const bool seen =
          transitions[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)] > 0;
      if (seen == reachable(state, event)) continue;
      text += seen ? "happened, though thought out of reach: trial " : "never happened: trial ";
      text += std::string(name_of(kEveryState[static_cast<std::size_t>(state)])) + " × " +
              std::string(name_of(kEveryEvent[static_cast<std::size_t>(event)])) + "\n";
    }
  }
  for (int kind = 0; kind < kKinds; ++kind) {
    for (int delivery = 0; delivery < kDeliveries; ++delivery) {
      const auto k = static_cast<Kind>(kind);
      const auto f = static_cast<Delivery>(delivery);
      const bool seen =
          messages[static_cast<std::size_t>(kind)][static_cast<std::size_t>(delivery)] > 0;
      if (seen || !possible(k, f)) continue;
      text += "never happened: message " + std::string(to_string(k)) + " × " +
              std::string(to_string(f)) + "\n";
    }
  }
  for (int kind = 0; kind < kCalamities; ++kind) {
    if (calamities[static_cast<std::size_t>(kind)] > 0) continue;
    text += "never happened: " + std::string(to_string(static_cast<Calamity>(kind))) + "\n";
  }
  for (int how = 0; how < kBeginnings; ++how) {
    if (beginnings[static_cast<std::size_t>(how)] > 0) continue;
    text += "never happened: " + std::string(to_string(static_cast<Beginning>(how))) + "\n";
  }
  return text;
}

std::string Coverage::table() const {
  std::string text = padded("trial");
  for (const TrialEvent& event : kEveryEvent) {
    std::string head(name_of(event));
    head.resize(10, ' ');
    text += "  " + head.substr(0, 9);
  }
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    text += "\n" + padded(name_of(kEveryState[i]));
    for (const std::int64_t count : transitions[i]) text += count_text(count);
  }
  text += "\n\n" + padded("message");
  for (int delivery = 0; delivery < kDeliveries; ++delivery) {
    std::string head(to_string(static_cast<Delivery>(delivery)));
    head.resize(10, ' ');
    text += "  " + head.substr(0, 9);
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    text += "\n" + padded(to_string(static_cast<Kind>(i)));
    for (const std::int64_t count : messages[i]) text += count_text(count);
  }
  text += "\n\n";
  for (std::size_t i = 0; i < calamities.size(); ++i) {
    text +=
        count_text(calamities[i]) + "  " + std::string(to_string(static_cast<Calamity>(i))) + "\n";
  }
  for (std::size_t i = 0; i < beginnings.size(); ++i) {
    text +=
        count_text(beginnings[i]) + "  " + std::string(to_string(static_cast<Beginning>(i))) + "\n";
  }
  return text;
}

}  // namespace firesweep::simulation
