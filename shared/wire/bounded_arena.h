// Internal to the room. Parses a message within a bound of memory. Two bytes of a frame can be a
// part that takes a hundred, so the limit of a frame's size alone bounds little.
#pragma once

#include <google/protobuf/arena.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace firesweep {

// Used by one thread, which parses into one such arena at a time. The parsed message lives as long
// as it.
class BoundedArena {
 public:
  enum class Outcome { kParsed, kInvalid, kTooManyParts };

  // `most`: bytes for the parts of a message. The contents of its texts, which are no longer than
  // the frame, come on top.
  explicit BoundedArena(std::size_t most);
  BoundedArena(const BoundedArena&) = delete;

  template <class Message>
  std::pair<const Message*, Outcome> parse(std::string_view bytes) {
    try {
      auto* message = google::protobuf::Arena::CreateMessage<Message>(&arena_);
      const bool whole = message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      return {message, whole ? Outcome::kParsed : Outcome::kInvalid};
    } catch (const Full&) {
      return {nullptr, Outcome::kTooManyParts};
    }
  }

 private:
  struct Full {};
  static google::protobuf::ArenaOptions options(std::size_t most);
  static void* take(std::size_t bytes);  // throws Full

  google::protobuf::Arena arena_;
};

}  // namespace firesweep
