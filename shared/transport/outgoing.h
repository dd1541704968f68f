// Bounds what waits to be sent. libzmq counts messages, whatever their size: a peer that reads
// nothing could make it hold a thousand large ones. Internal to the room.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <zmq.hpp>

namespace firesweep {

// One thread sends; libzmq's threads may let go of messages at any time, also after this object's
// end.
class Outgoing {
 public:
  static constexpr std::int64_t kMostOfAPeer = std::int64_t{4} << 20;
  // What a peer may have waiting though all together have too much: commands and acknowledgements
  // go on while others read nothing.
  static constexpr std::int64_t kAlways = std::int64_t{64} << 10;

  // `most_of_all`: bytes for all peers together.
  explicit Outgoing(std::int64_t most_of_all) : most_of_all_(most_of_all) {}

  // False while more than kMostOfAPeer waits for it.
  bool room_for(std::string_view peer) const;

  // A message of these bytes, which wait until libzmq has sent it. Nothing if too much waits. What
  // a peer is sent while nothing waits for it may be larger than kMostOfAPeer.
  std::optional<zmq::message_t> message(std::string_view peer, std::string_view bytes);

 private:
  using Count = std::shared_ptr<std::atomic<std::int64_t>>;  // bytes
  Count& count_of(std::string_view peer);

  std::int64_t most_of_all_;
  std::map<std::string, Count, std::less<>> peers_;
  std::size_t most_peers_ = 1024;  // then those for whom nothing waits are forgotten
  Count all_ = std::make_shared<std::atomic<std::int64_t>>(0);
};

}  // namespace firesweep
