// A bad network between callers and targets: a TCP relay that delays, throttles, holds back,
// swallows and cuts, by a script that follows from a seed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace firesweep::e2e {

enum class Trouble {
  kDelay,     // bytes arrive later, in their order
  kThrottle,  // few bytes a second, so that a message arrives in pieces
  kHold,      // nothing passes; what is said meanwhile arrives afterwards
  kSwallow,   // the connections of that moment stay open and lose every byte, until they are cut
  kCut,       // the connections of that moment end, with what they had not delivered
  kRefuse     // the same, and new connections end at once
};

enum class Cut {
  kReset,        // both sides learn of it
  kClose,        // both sides, in order: as if the other had closed
  kResetCaller,  // the target's side stays open for a while, and what it says is lost
  kResetTarget
};

struct TroubleAt {
  std::chrono::milliseconds at{};  // after the script's begin
  std::chrono::milliseconds lasts{};
  Trouble trouble = Trouble::kDelay;
  std::size_t way = 0;
  std::array<bool, 2> directions{true, true};  // towards the target, towards the caller
  std::chrono::milliseconds delay{};           // kDelay
  std::int64_t bytes_per_second = 0;           // kThrottle
  Cut cut = Cut::kReset;                       // kCut
};

struct RelayScript {
  std::uint64_t seed = 1;
  int troubles = 0;
  std::size_t hosts = 1;  // ways 2n and 2n+1 are host n's; a trouble strikes one of them, or both
  std::chrono::milliseconds length{};
  std::chrono::milliseconds lease{};  // troubles are shorter and longer than it
};

// Every trouble in the order of time, each kind at least once from 20 troubles on. Pure.
std::vector<TroubleAt> relay_script(const RelayScript& options);

struct RelayFigures {
  std::map<Trouble, int> troubles;  // that began
  int longer_than_lease = 0;        // of those in which nothing passes
  std::int64_t connections = 0;
  std::int64_t cut = 0;    // connections, by the script
  std::int64_t bytes = 0;  // delivered
  std::int64_t lost = 0;   // bytes that were taken and not delivered

  std::string text() const;  // one line
};

// Callers and targets notice nothing of it but the troubles. It runs on a thread of its own; the
// members are safe from one thread.
class Relay {
 public:
  struct Way {
    std::string from;  // tcp://A.B.C.D:PORT, where callers connect; port 0 is any free one
    std::string to;
  };
  // Throws where it cannot listen. `lease` is what the figures count by.
  Relay(const std::vector<Way>& ways, std::chrono::milliseconds lease);
  ~Relay();
  Relay(const Relay&) = delete;

  // Where callers of a way connect.
  std::string address(std::size_t way) const;
  // Begins a script now, in place of what is left of one before.
  void trouble(std::vector<TroubleAt> script);
  // Ends every trouble now.
  void calm() { trouble({}); }
  RelayFigures figures() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep::e2e
