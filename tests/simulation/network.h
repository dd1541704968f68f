// Sockets between workers and the coordinator. A connection delivers in order what it delivers at
// all; frames are lost, repeated, delayed, cut off and lost with a process, as the plan says. It
// knows bytes and kinds of messages, not what they mean.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "tests/simulation/kinds.h"
#include "tests/simulation/setting.h"

namespace firesweep::simulation {

using SocketId = std::uint64_t;

// Not thread-safe. Every time is the world's.
class Network {
 public:
  struct Ports {
    std::function<void(int coordinator, const PeerId&, const std::string&)> coordinator;
    std::function<void(int slot, SocketId, const std::string&)> worker;
  };
  enum class Cut { kNone, kLoses, kHolds };

  Network(Setting& setting, Ports ports) : setting_(setting), ports_(std::move(ports)) {}

  // A worker's fresh socket, connected to the coordinator that runs now.
  SocketId open(int slot);
  // What was sent by it may still arrive; what was sent to it does not.
  void close(SocketId socket);

  void send_up(SocketId socket, const std::string& bytes, KindSet kinds);
  // False where nobody has that name (any more); such frames are lost.
  bool send_down(const PeerId& peer, const std::string& bytes, KindSet kinds);

  // From now until `until` the slot's frames (all of them: negative) are lost or held back, in the
  // directions given.
  void cut(int slot, Duration until, Cut how, bool up, bool down);
  // The connection breaks and is made again at once: what was under way is lost, the worker gets
  // another name at the coordinator.
  void reset(int slot);
  // The coordinator of that number died: its connections are made again to the one that
  // runs, what was under way is lost.
  void coordinator_died(int coordinator);
  // Which coordinator sockets connect to, from now on.
  void connect_to(int coordinator) { current_ = coordinator; }
  // No connection is made for a while: nobody listens.
  void listening(bool yes);
  void heal();

 private:
  struct Socket {
    int slot = 0;
    int coordinator = 0;
    std::uint64_t incarnation = 0;  // grows whenever what is under way is lost
    bool open = true;
    bool late_arrives = true;  // after it was closed
    PeerId peer;
    Duration last_up{0}, last_down{0};
  };
  struct Line {
    Duration until{0};
    Cut how = Cut::kNone;
    bool up = false, down = false;
  };

  void rename(SocketId id, Socket& socket);
  void carry(SocketId id, bool up, const std::string& bytes, KindSet kinds);
  void arrive(SocketId id, std::uint64_t incarnation, bool up, const std::string& bytes,
              KindSet kinds);
  Duration delay(KindSet kinds);
  Line& line(int slot);

  Setting& setting_;
  Ports ports_;
  SocketId last_ = 0;
  int current_ = 0;
  bool listening_ = true;
  std::map<SocketId, Socket> sockets_;
  std::map<PeerId, SocketId> peers_;
  std::map<int, SocketId> newest_heard_;  // by slot: the newest socket something arrived by
  std::vector<Line> lines_;               // by slot
};

}  // namespace firesweep::simulation
