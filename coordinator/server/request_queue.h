// Clients' requests that wait for their turn. Answering one may take long (a report over a large
// database, a sweep file to check), and no number of them may keep workers waiting.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "shared/wire/messages.h"

namespace firesweep {

struct WaitingRequest {
  std::string peer;  // the connection to be answered
  ClientRequest request;
  std::size_t bytes = 0;  // that it takes, about
};

// Requests of one sender stay in their order; senders take turns, however much each asks. Bounded.
// Not thread-safe.
class RequestQueue {
 public:
  static constexpr std::size_t kMostOfASender = 64;
  static constexpr std::size_t kMostBytesOfASender = std::size_t{9} << 20;  // one of the largest
  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;

  // False if the sender, or all together, have too much waiting; then the request is dropped.
  bool add(const std::string& sender, WaitingRequest request);
  // Takes the next one; nothing if none waits.
  std::optional<WaitingRequest> next();
  bool empty() const { return size_ == 0; }

 private:
  struct Line {
    std::deque<WaitingRequest> requests;
    std::size_t bytes = 0;
  };

  std::map<std::string, Line> lines_;  // by sender; none is empty
  std::deque<std::string> turns_;      // senders with a line
  std::size_t size_ = 0, bytes_ = 0;
};

}  // namespace firesweep
