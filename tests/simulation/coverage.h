// What has happened at least once: pairs of trial state and event, kinds of messages and what
// became of them, calamities that struck. A campaign is worth little where a legal pair is missing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>

#include "shared/domain/trial_state.h"
#include "tests/simulation/kinds.h"
#include "tests/simulation/plan.h"

namespace firesweep::simulation {

// What can become of a message on its way.
enum class Delivery {
  kArrived,
  kLost,        // dropped by the network
  kDuplicated,  // arrived twice
  kDelayed,     // arrived later than a lease's third
  kCutOff,      // sent into a cut network
  kDied,        // under way, or about to be sent, when one side's process died
  kOvertaken,   // arrived by a socket that had been replaced by a newer one
};
inline constexpr int kDeliveries = static_cast<int>(Delivery::kOvertaken) + 1;
std::string_view to_string(Delivery delivery);

// How a longer trial begins that may begin as a shorter one.
enum class Beginning {
  kHere,         // from a checkpoint on its host
  kFetched,      // from one that the coordinator has
  kFromNothing,  // there is none, or it does not arrive
};
inline constexpr int kBeginnings = static_cast<int>(Beginning::kFromNothing) + 1;
std::string_view to_string(Beginning beginning);

inline constexpr int kStates = static_cast<int>(std::variant_size_v<TrialState>);
inline constexpr int kEvents = static_cast<int>(std::variant_size_v<TrialEvent>);

// Plain counts; not thread-safe, but can be added up.
struct Coverage {
  std::array<std::array<std::int64_t, kEvents>, kStates> transitions{};
  std::array<std::array<std::int64_t, kDeliveries>, kKinds> messages{};
  std::array<std::int64_t, kCalamities> calamities{};
  std::array<std::int64_t, kBeginnings> beginnings{};

  void count(KindSet kinds, Delivery delivery);
  void count(const TrialState& state, const TrialEvent& event) {
    ++transitions[state.index()][event.index()];
  }
  void count(Calamity calamity) { ++calamities[static_cast<std::size_t>(calamity)]; }
  void count(Beginning beginning) { ++beginnings[static_cast<std::size_t>(beginning)]; }
  void add(const Coverage& other);

  // A line for everything that can happen and did not, and for everything that was thought
  // impossible and happened; empty where the coverage is whole.
  std::string missing() const;
  // The counts as tables.
  std::string table() const;
};

// Where the transitions of the calling thread are counted; null: nowhere. The linker leads
// firesweep::transition here, see CMakeLists.txt.
inline thread_local Coverage* coverage_of_thread = nullptr;

}  // namespace firesweep::simulation
