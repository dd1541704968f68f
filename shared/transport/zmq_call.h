// Internal to the room. Turns cppzmq's exceptions into values if they are expected, else into
// std::runtime_error.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

namespace firesweep {

// Both sides: whoever says nothing for so long is disconnected.
inline constexpr int kHandshakeMs = 10'000;

// What any ØMQ call that should not fail throws upward.
[[noreturn]] inline void throw_broken(const zmq::error_t& error, const std::string& what) {
  throw std::runtime_error(what + ": " + error.what());
}

// One message taken without blocking.
struct Received {
  std::vector<zmq::message_t> frames;
};

// The next whole message, or nothing if none waits. Continues after interruptions, since the frames
// of a message arrive together.
inline std::optional<Received> receive_now(zmq::socket_t& socket) {
  Received received;
  for (;;) {
    zmq::message_t frame;
    try {
      if (!socket.recv(frame, zmq::recv_flags::dontwait)) return std::nullopt;
    } catch (const zmq::error_t& error) {
      if (error.num() == EINTR) continue;
      throw_broken(error, "cannot receive");
    }
    const bool more = frame.more();
    received.frames.push_back(std::move(frame));
    if (!more) return received;
  }
}

// What a socket's monitor tells, in two frames: the event's number with a value, and the address.
struct SocketEvent {
  std::uint16_t number = 0;
  std::uint32_t value = 0;
};

// From the first of the frames; nothing where it is none.
inline std::optional<SocketEvent> event_in(const zmq::message_t& frame) {
  SocketEvent event;
  if (frame.size() != sizeof event.number + sizeof event.value) return std::nullopt;
  std::memcpy(&event.number, frame.data(), sizeof event.number);
  std::memcpy(&event.value, frame.data<char>() + sizeof event.number, sizeof event.value);
  return event;
}

// Waits for `events` on one socket; false after `timeout` or where a signal came.
inline bool wait_for(zmq::socket_t& socket, short events, std::chrono::milliseconds timeout) {
  zmq::pollitem_t item{socket.handle(), 0, events, 0};
  try {
    return zmq::poll(&item, 1, timeout) > 0;
  } catch (const zmq::error_t& error) {
    if (error.num() == EINTR) return false;
    throw_broken(error, "cannot poll");
  }
}

}  // namespace firesweep
