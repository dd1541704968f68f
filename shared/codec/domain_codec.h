// One member of a sweep's "parameters" ↔ a domain, in W&B's terms. Internal to the codec room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/codec/json.h"
#include "shared/codec/json_node.h"
#include "shared/codec/parameter_codec.h"
#include "shared/domain/distributions.h"
#include "shared/domain/fields.h"

namespace firesweep {

// What a distribution makes: one of the values listed, whole numbers, real ones, or multiples of a
// step, which are either.
enum class Draws { kListed, kWhole, kReal, kSteps };

// A domain's "distribution" and the keys that stand beside it: all of them but "probabilities"
// must.
struct Distribution {
  std::string_view name;
  Draws draws;
  std::array<std::string_view, 3> keys;  // empty beyond its last
};
inline constexpr Distribution kDistributions[] = {
    {"constant", Draws::kListed, {"value"}},
    {"categorical", Draws::kListed, {"values", "probabilities"}},
    {"uniform", Draws::kReal, {"min", "max"}},
    {"log_uniform_values", Draws::kReal, {"min", "max"}},
    {"int_uniform", Draws::kWhole, {"min", "max"}},
    {"normal", Draws::kReal, {"mu", "sigma"}},
    {"inv_log_uniform_values", Draws::kReal, {"min", "max"}},
    {"log_normal", Draws::kReal, {"mu", "sigma"}},
    {"beta", Draws::kReal, {"a", "b"}},
    {"q_uniform", Draws::kSteps, {"min", "max", "q"}},
    {"q_log_uniform_values", Draws::kSteps, {"min", "max", "q"}},
    {"q_normal", Draws::kSteps, {"mu", "sigma", "q"}},
    {"q_log_normal", Draws::kSteps, {"mu", "sigma", "q"}},
    {"q_beta", Draws::kSteps, {"a", "b", "q"}},
};

// How the names of those begin that draw multiples of a step.
inline constexpr std::string_view kQuantizedPrefix = "q_";

// The members of an object that describes a domain.
inline constexpr std::array<std::string_view, 11> kDomainKeys = {
    "value", "values", "probabilities", "distribution", "min", "max", "mu", "sigma", "a", "b", "q"};

// The ends of an int_uniform lie between this and its negative: whole numbers that doubles hold.
inline constexpr std::int64_t kMostDrawn = std::int64_t{1} << 53;

// Whether a field's values may be drawn so; of a parameter of the architecture files, which is no
// field, all may.
bool suits(const Distribution& distribution, const Field* field);

// Of an unbounded distribution, the least share that its field's limits must leave.
inline constexpr double kLeastWithin = 0.25;

// The domain that an object such as {"values": [1, 2]} describes; {"value": x} is a list of one.
std::optional<Domain> read_domain(const ParameterName& name, const JsonNode& node);

// The object that `read_domain` reads as the same domain.
Json json_of(const Domain& domain);

}  // namespace firesweep
