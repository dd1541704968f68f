// A set of 64-bit hashes, for millions of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace firesweep {

// Open addressing with linear probing; at most half full. One thread.
class HashSet {
 public:
  // Whether the hash is new. Amortised constant time for hashes whose lower bits are random.
  bool insert(std::uint64_t hash) {
    if (hash == kFree) {
      const bool is_new = !holds_free_;
      holds_free_ = true;
      return is_new;
    }
    if (2 * (used_ + 1) > slots_.size()) grow();
    return place(hash);
  }

  bool contains(std::uint64_t hash) const {
    if (hash == kFree) return holds_free_;
    return !slots_.empty() && slots_[slot_of(hash)] == hash;
  }

  std::size_t size() const { return used_ + (holds_free_ ? 1 : 0); }

 private:
  static constexpr std::uint64_t kFree = 0;  // a slot without a hash
  static constexpr std::size_t kFirstSlots = 1024;

  // Where it is, or would be placed.
  std::size_t slot_of(std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at] != kFree && slots_[at] != hash) at = (at + 1) & mask;
    return at;
  }

  bool place(std::uint64_t hash) {
    const std::size_t at = slot_of(hash);
    if (slots_[at] == hash) return false;
    slots_[at] = hash;
    ++used_;
    return true;
  }

  void grow() {
    std::vector<std::uint64_t> former(slots_.empty() ? kFirstSlots : 2 * slots_.size(), kFree);
    former.swap(slots_);
    used_ = 0;
    for (const std::uint64_t hash : former) {
      if (hash != kFree) place(hash);
    }
  }

  std::vector<std::uint64_t> slots_;  // a power of two of them
  std::size_t used_ = 0;
  bool holds_free_ = false;
};

}  // namespace firesweep
