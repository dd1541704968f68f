// Who sends what cannot be used: counted for each sender, and ignored for a while past a limit.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/clock.h"

namespace firesweep {

// So many bad messages at once lead to silence. Each is forgiven after a while. Silence ends once
// half of them are forgiven: a worker that was mended is heard again without a new connection.
struct Patience {
  double bad_messages;
  double forgiven_per_s;
};

inline constexpr Patience kWithAConnection{32, 1};  // silence: 16 s
inline constexpr Patience kWithASender{1024, 16};   // silence: 32 s

struct BadPeer {
  std::string sender;        // as Arrival has it; "others": those that are no longer remembered
  std::int64_t refused = 0;  // bad messages that were looked at
  std::int64_t ignored = 0;  // messages of any kind that were dropped unread
  bool silenced = false;     // as a whole, or any of its connections
};

// Judges connections by themselves and, more patiently, all connections of a sender together.
// Broken programs do not silence the good ones of the same user, whose key they share: of a sender
// that is ignored, those connections are still heard whose last message was good. Remembers at most
// kMostRemembered of each and forgets the least bad, and at most kMostGood good connections:
// bounded whatever peers do. Times are steady and never go back. Safe from any thread.
class BadPeers {
 public:
  static constexpr std::size_t kMostRemembered = 1024;
  static constexpr std::size_t kMostGood = 4096;

  // Whether a message is to be dropped unread; then it is counted as ignored. Else it counts as
  // good, until note() says that it was not.
  bool ignores(const std::string& connection, const std::string& sender, Duration now);

  // A message was bad. True if the connection or its sender is ignored from now on.
  bool note(const std::string& connection, const std::string& sender, Duration now);

  // The senders of bad messages, the worst first; "others" last.
  std::vector<BadPeer> list(Duration now) const;

 private:
  // A leaky bucket.
  class Level {
   public:
    bool silent(Patience patience, Duration now);  // updates
    bool add(Patience patience, Duration now);     // true if silence begins
    double at(Patience patience, Duration now) const;

   private:
    double level_ = 0;
    Duration when_{0};
    bool silent_ = false;
  };
  struct Connection {
    Level level;
    std::string sender;
  };
  struct Sender {
    Level level;
    std::int64_t refused = 0, ignored = 0;
  };
  using Connections = std::map<std::string, Connection>;
  using Senders = std::map<std::string, Sender>;

  Connection& connection(const std::string& name, const std::string& sender, Duration now);
  Sender& sender(const std::string& name, Duration now);
  void heard(const std::string& connection, Duration now);

  mutable std::mutex mutex_;  // guards what follows
  Connections connections_;
  Senders senders_;
  std::map<std::string, Duration> good_;  // connections: when they were heard last
  BadPeer others_{.sender = "others"};
};

// One list of several: counts of a sender are added, silenced by any is silenced.
std::vector<BadPeer> merged(std::vector<BadPeer> first, const std::vector<BadPeer>& second);

}  // namespace firesweep
