#include "shared/codec/proposal_codec.h"

#include <optional>
#include <utility>

#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

tl::unexpected<Error> unreadable(const char* which, std::string_view text) {
  return fail(ErrorCode::kBadInput, which,
              "found " + std::string(text) + ", which firesweep did not write");
}

}  // namespace

std::string encode_coordinates(const std::vector<double>& at) { return dump_json(Json(at)); }

std::string encode_values(const std::map<std::string, Value>& values) {
  return dump_json(json_of(values));
}

std::string encode_points(const std::vector<std::int64_t>& points) {
  return dump_json(Json(points));
}

Result<void> decode_proposal(std::string_view at, std::string_view values, std::string_view running,
                             Proposal& proposal) {
  const auto coordinates = parse_json(at, "at");
  if (!coordinates || !coordinates->is_array()) return unreadable("at", at);
  for (const Json& one : *coordinates) {
    if (!one.is_number()) return unreadable("at", at);
    proposal.at.push_back(one.get<double>());
  }
  const auto named = parse_json(values, "values");
  if (!named || !named->is_object()) return unreadable("values", values);
  for (const auto& [name, value] : named->items()) {
    auto scalar = value_of(value);
    if (!scalar) return unreadable("values", values);
    proposal.values.emplace(name, *std::move(scalar));
  }
  const auto points = parse_json(running, "running");
  if (!points || !points->is_array()) return unreadable("running", running);
  for (const Json& one : *points) {
    if (!one.is_number_integer()) return unreadable("running", running);
    proposal.running.push_back(one.get<std::int64_t>());
  }
  return {};
}

}  // namespace firesweep
