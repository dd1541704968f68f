// Reads and writes a sweep file's "early_terminate". Internal to the codec room, except that
// `firesweep explain` tells the table of its members.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "shared/domain/early_termination.h"

namespace firesweep {

struct TerminationKey {
  std::string_view name;
  std::string_view help;  // one sentence
  // Of which types it is a member; empty: of all.
  std::array<std::optional<Termination>, 2> types = {};
  // A number between these, whole or real; `above` excludes the least. Neither, and no flag: see
  // `name`.
  bool whole = false;
  bool real = false;
  double min = 0;
  double max = 0;
  bool above = false;
  bool needed = false;
  bool flag = false;  // true or false
};

// The members but "type", in the order people are told them.
std::span<const TerminationKey> termination_keys();
bool belongs_to(const TerminationKey& key, Termination type);

inline constexpr std::size_t kMostGroupParameters = 100;

}  // namespace firesweep
