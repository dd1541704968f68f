// Waiting in tests for what another thread or the network does: always for an event, with a bound
// that only a broken build reaches.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "shared/transport/dealer_socket.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

inline constexpr std::chrono::milliseconds kLong{20'000};

inline bool send_when_connected_within(DealerSocket& socket, std::string_view bytes,
                                       std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (socket.send(bytes)) return true;
    socket.poll_send(std::min(limit, std::chrono::milliseconds(1000)));
  }
  return false;
}

inline bool send_when_connected(DealerSocket& socket, std::string_view bytes) {
  return send_when_connected_within(socket, bytes, kLong);
}

inline std::optional<std::pair<std::string, std::string>> next(RouterSocket& socket) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < deadline) {
    auto messages = socket.receive(1);
    if (!messages.empty() && messages.front().whole) {
      return std::pair{messages.front().peer, messages.front().bytes};
    }
    socket.poll(std::chrono::milliseconds(1000));
  }
  return std::nullopt;
}

inline std::optional<std::string> next(DealerSocket& socket) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < deadline) {
    if (auto message = socket.receive()) return message;
    socket.poll(std::chrono::milliseconds(1000));
  }
  return std::nullopt;
}

}  // namespace firesweep
