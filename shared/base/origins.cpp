#include "shared/base/origins.h"

namespace firesweep {
namespace {

bool is_at_or_below(std::string_view pointer, std::string_view member) {
  return pointer.starts_with(member) &&
         (pointer.size() == member.size() || pointer[member.size()] == '/');
}

}  // namespace

const Origin* origin_of(std::string_view pointer, const Origins& origins) {
  const Origin* nearest = nullptr;
  for (const Origin& origin : origins) {
    if (!is_at_or_below(pointer, origin.pointer)) continue;
    if (nearest == nullptr || origin.pointer.size() > nearest->pointer.size()) nearest = &origin;
  }
  return nearest;
}

std::string written_at(std::string_view pointer, std::string_view file_name,
                       const Origins& origins) {
  const Origin* origin = origin_of(pointer, origins);
  if (origin != nullptr && origin->is_setting) return origin->source;
  const std::string file(origin == nullptr ? file_name : origin->source);
  if (file.empty()) return std::string(pointer);
  return pointer.empty() ? file : file + ": " + std::string(pointer);
}

}  // namespace firesweep
