#include "shared/transport/outgoing.h"

#include <algorithm>
#include <utility>

namespace firesweep {
namespace {

// What libzmq holds on to.
struct HeldMessage {
  std::string bytes;
  std::shared_ptr<std::atomic<std::int64_t>> of_peer, of_all;

  void add(std::int64_t count) const {
    *of_peer += count;
    *of_all += count;
  }
};

void let_go(void*, void* hint) {
  const std::unique_ptr<HeldMessage> waiting(static_cast<HeldMessage*>(hint));
  waiting->add(-static_cast<std::int64_t>(waiting->bytes.size()));
}

}  // namespace

bool Outgoing::room_for(std::string_view peer) const {
  const auto known = peers_.find(peer);
  return known == peers_.end() || *known->second <= kMostOfAPeer;
}

std::optional<zmq::message_t> Outgoing::message(std::string_view peer, std::string_view bytes) {
  Count& of_peer = count_of(peer);
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t waits = *of_peer;
  if (waits > 0 && waits + size > kMostOfAPeer) return std::nullopt;
  if (*all_ + size > most_of_all_ && waits + size > kAlways) return std::nullopt;
  auto waiting = std::make_unique<HeldMessage>(HeldMessage{std::string(bytes), of_peer, all_});
  waiting->add(size);
  HeldMessage* const held = waiting.release();
  return zmq::message_t(held->bytes.data(), held->bytes.size(), let_go, held);
}

Outgoing::Count& Outgoing::count_of(std::string_view peer) {
  const auto known = peers_.find(peer);
  if (known != peers_.end()) return known->second;
  if (peers_.size() >= most_peers_) {
    std::erase_if(peers_, [](const auto& one) { return *one.second == 0; });
    most_peers_ = std::max<std::size_t>(1024, 2 * peers_.size());
  }
  Count count = std::make_shared<std::atomic<std::int64_t>>(0);
  return peers_.emplace(std::string(peer), std::move(count)).first->second;
}

}  // namespace firesweep
