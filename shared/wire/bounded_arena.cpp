#include "shared/wire/bounded_arena.h"

#include <new>

namespace firesweep {
namespace {

// An arena asks a plain function for its blocks.
thread_local std::size_t bytes_left = 0;

}  // namespace

BoundedArena::BoundedArena(std::size_t most) : arena_(options(most)) {}

google::protobuf::ArenaOptions BoundedArena::options(std::size_t most) {
  bytes_left = most;  // the arena takes its first block when it is made
  google::protobuf::ArenaOptions options;
  options.block_alloc = take;
  options.block_dealloc = [](void* block, std::size_t) { ::operator delete(block); };
  return options;
}

void* BoundedArena::take(std::size_t bytes) {
  if (bytes > bytes_left) throw Full();
  bytes_left -= bytes;
  return ::operator new(bytes);
}

}  // namespace firesweep
