#include "tests/simulation/network.h"

#include <algorithm>
#include <utility>

namespace firesweep::simulation {

SocketId Network::open(int slot) {
  const SocketId id = ++last_;
  Socket& socket = sockets_[id];
  socket.slot = slot;
  rename(id, socket);
  return id;
}

void Network::rename(SocketId id, Socket& socket) {
  peers_.erase(socket.peer);
  socket.coordinator = current_;
  ++socket.incarnation;
  socket.peer = "socket-" + std::to_string(id) + "." + std::to_string(socket.incarnation);
  peers_[socket.peer] = id;
}

void Network::close(SocketId id) {
  const auto found = sockets_.find(id);
  if (found == sockets_.end() || !found->second.open) return;
  found->second.open = false;
  found->second.late_arrives = setting_.calm || setting_.random.chance(0.5);
  peers_.erase(found->second.peer);
}

Network::Line& Network::line(int slot) {
  if (lines_.size() <= static_cast<std::size_t>(slot)) {
    lines_.resize(static_cast<std::size_t>(slot) + 1);
  }
  return lines_[static_cast<std::size_t>(slot)];
}

void Network::send_up(SocketId id, const std::string& bytes, KindSet kinds) {
  const Socket& socket = sockets_.at(id);
  if (!listening_ && socket.coordinator == current_) {
    setting_.coverage.count(kinds, Delivery::kDied);
    return;
  }
  carry(id, true, bytes, kinds);
}

bool Network::send_down(const PeerId& peer, const std::string& bytes, KindSet kinds) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) {
    setting_.coverage.count(kinds, Delivery::kDied);
    return false;
  }
  carry(found->second, false, bytes, kinds);
  return true;
}

Duration Network::delay(KindSet kinds) {
  const NetworkFaults& weather = setting_.plan.weather;
  Duration time = setting_.random.between(weather.typical / 2, weather.typical * 2);
  if (!setting_.calm && setting_.random.chance(weather.slowness)) {
    const Duration slow = setting_.random.between(Duration(0), weather.slowest);
    if (slow > setting_.plan.lease / 3) setting_.coverage.count(kinds, Delivery::kDelayed);
    time += slow;
  }
  return time;
}

void Network::carry(SocketId id, bool up, const std::string& bytes, KindSet kinds) {
  Socket& socket = sockets_.at(id);
  const NetworkFaults& weather = setting_.plan.weather;
  const Line& way = line(socket.slot);
  Duration leaves = setting_.agenda.now();
  if (leaves < way.until && (up ? way.up : way.down)) {
    setting_.coverage.count(kinds, Delivery::kCutOff);
    if (way.how == Cut::kLoses) return;
    leaves = way.until;
  }
  if (!setting_.calm && setting_.random.chance(weather.loss)) {
    setting_.coverage.count(kinds, Delivery::kLost);
    return;
  }
  Duration& last = up ? socket.last_up : socket.last_down;
  const Duration arrives = std::max(leaves + delay(kinds), last + Duration(1));
  last = arrives;
  const std::uint64_t incarnation = socket.incarnation;
  const auto deliver = [this, id, incarnation, up, bytes, kinds] {
    arrive(id, incarnation, up, bytes, kinds);
  };
  if (!setting_.calm && setting_.random.chance(weather.duplication)) {
    setting_.coverage.count(kinds, Delivery::kDuplicated);
    const Duration later = setting_.random.between(Duration(1), std::chrono::milliseconds(300));
    setting_.agenda.at(arrives + later, deliver);
  }
  setting_.agenda.at(arrives, deliver);
}

void Network::arrive(SocketId id, std::uint64_t incarnation, bool up, const std::string& bytes,
                     KindSet kinds) {
  const Socket& socket = sockets_.at(id);
  if (socket.incarnation != incarnation || (!socket.open && !(up && socket.late_arrives))) {
    setting_.coverage.count(kinds, Delivery::kDied);
    return;
  }
  setting_.coverage.count(kinds, Delivery::kArrived);
  if (!up) return ports_.worker(socket.slot, id, bytes);
  SocketId& newest = newest_heard_[socket.slot];
  if (id < newest) setting_.coverage.count(kinds, Delivery::kOvertaken);
  newest = std::max(newest, id);
  ports_.coordinator(socket.coordinator, socket.peer, bytes);
}

void Network::cut(int slot, Duration until, Cut how, bool up, bool down) {
  Line& way = line(slot);
  way = {std::max(way.until, until), how, up, down};
}

void Network::reset(int slot) {
  for (auto& [id, socket] : sockets_) {
    if (socket.slot == slot && socket.open) rename(id, socket);
  }
}

void Network::coordinator_died(int coordinator) {
  for (auto& [id, socket] : sockets_) {
    if (socket.coordinator != coordinator) continue;
    if (socket.open) {
      rename(id, socket);
    } else {
      ++socket.incarnation;
    }
  }
}

void Network::listening(bool yes) { listening_ = yes; }

void Network::heal() {
  for (Line& way : lines_) way.until = std::min(way.until, setting_.agenda.now());
}

}  // namespace firesweep::simulation
