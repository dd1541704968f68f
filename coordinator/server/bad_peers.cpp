#include "coordinator/server/bad_peers.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <tuple>

namespace firesweep {
namespace {

constexpr double kSilenceEndsAt = 0.5;  // of the limit

// The entry that is least bad now.
template <class Map>
auto least_bad(Map& map, Patience patience, Duration now) {
  return std::min_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
    return a.second.level.at(patience, now) < b.second.level.at(patience, now);
  });
}

void sort_worst_first(std::vector<BadPeer>& peers) {
  const auto rank = [](const BadPeer& peer) {
    return std::tuple(peer.sender == "others", -(peer.refused + peer.ignored));
  };
  std::stable_sort(peers.begin(), peers.end(),
                   [&](const BadPeer& a, const BadPeer& b) { return rank(a) < rank(b); });
}

}  // namespace

double BadPeers::Level::at(Patience patience, Duration now) const {
  const double passed = seconds_in(now - when_);
  return std::max(0.0, level_ - passed * patience.forgiven_per_s);
}

bool BadPeers::Level::silent(Patience patience, Duration now) {
  if (silent_ && at(patience, now) <= patience.bad_messages * kSilenceEndsAt) silent_ = false;
  return silent_;
}

bool BadPeers::Level::add(Patience patience, Duration now) {
  level_ = at(patience, now) + 1;
  when_ = now;
  if (silent_ || level_ < patience.bad_messages) return false;
  silent_ = true;
  return true;
}

bool BadPeers::ignores(const std::string& connection, const std::string& sender, Duration now) {
  const std::lock_guard lock(mutex_);
  const auto by_sender = senders_.find(sender);
  if (by_sender != senders_.end()) {
    const auto by_connection = connections_.find(connection);
    const bool silenced =
        (by_sender->second.level.silent(kWithASender, now) && !good_.contains(connection)) ||
        (by_connection != connections_.end() &&
         by_connection->second.level.silent(kWithAConnection, now));
    if (silenced) {
      ++by_sender->second.ignored;
      return true;
    }
  }
  heard(connection, now);
  return false;
}

bool BadPeers::note(const std::string& connection, const std::string& sender, Duration now) {
  const std::lock_guard lock(mutex_);
  good_.erase(connection);
  Sender& of_sender = this->sender(sender, now);
  ++of_sender.refused;
  const bool all = of_sender.level.add(kWithASender, now);
  const bool one = this->connection(connection, sender, now).level.add(kWithAConnection, now);
  return all || one;
}

void BadPeers::heard(const std::string& connection, Duration now) {
  const auto known = good_.find(connection);
  if (known != good_.end()) {
    known->second = now;
    return;
  }
  if (good_.size() >= kMostGood) {
    good_.erase(std::min_element(good_.begin(), good_.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  good_.emplace(connection, now);
}

BadPeers::Connection& BadPeers::connection(const std::string& name, const std::string& sender,
                                           Duration now) {
  const auto known = connections_.find(name);
  if (known != connections_.end()) return known->second;
  if (connections_.size() >= kMostRemembered) {
    connections_.erase(least_bad(connections_, kWithAConnection, now));
  }
  return connections_.emplace(name, Connection{{}, sender}).first->second;
}

BadPeers::Sender& BadPeers::sender(const std::string& name, Duration now) {
  const auto known = senders_.find(name);
  if (known != senders_.end()) return known->second;
  if (senders_.size() >= kMostRemembered) {
    const auto forgotten = least_bad(senders_, kWithASender, now);
    others_.refused += forgotten->second.refused;
    others_.ignored += forgotten->second.ignored;
    senders_.erase(forgotten);
  }
  return senders_[name];
}

std::vector<BadPeer> BadPeers::list(Duration now) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string_view> silenced;
  for (const auto& [name, connection] : connections_) {
    Level level = connection.level;
    if (level.silent(kWithAConnection, now)) silenced.insert(connection.sender);
  }
  std::vector<BadPeer> peers;
  for (const auto& [name, sender] : senders_) {
    Level level = sender.level;
    peers.push_back({name, sender.refused, sender.ignored,
                     level.silent(kWithASender, now) || silenced.contains(name)});
  }
  if (others_.refused > 0) peers.push_back(others_);
  sort_worst_first(peers);
  return peers;
}

std::vector<BadPeer> merged(std::vector<BadPeer> first, const std::vector<BadPeer>& second) {
  for (const BadPeer& peer : second) {
    const auto same = std::find_if(first.begin(), first.end(),
                                   [&](const BadPeer& one) { return one.sender == peer.sender; });
    if (same == first.end()) {
      first.push_back(peer);
      continue;
    }
    same->refused += peer.refused;
    same->ignored += peer.ignored;
    same->silenced = same->silenced || peer.silenced;
  }
  sort_worst_first(first);
  return first;
}

}  // namespace firesweep
