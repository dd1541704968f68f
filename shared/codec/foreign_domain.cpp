#include "shared/codec/foreign_domain.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/codec/domain_codec.h"

namespace firesweep {
namespace {

// Distributions that are refused, with what to write instead.
struct RefusedDistribution {
  std::string_view word;
  std::string_view what;
  std::string_view hint;
};
constexpr RefusedDistribution kRefusedDistributions[] = {
    {"log_uniform", "\"log_uniform\" means exponents in one tool and values in another",
     "write \"log_uniform_values\", whose min and max are values"},
    {"q_log_uniform", "\"q_log_uniform\" means exponents in one tool and values in another",
     "write \"q_log_uniform_values\", whose min and max are values"},
    {"inv_log_uniform", "\"inv_log_uniform\" means exponents in one tool and values in another",
     "write \"inv_log_uniform_values\", whose min and max are values"},
    {"categorical_w_probabilities", "\"categorical_w_probabilities\" is no name here",
     "write \"categorical\", or leave it out: \"probabilities\" say it"},
};

// What groups of parameters call the choice itself, as in optimizer: {name: …, lr: …}.
constexpr std::array<std::string_view, 4> kGroupNames = {"name", "type", "kind", "class"};

// What is to be written instead of a group. What such files call "name" or "type" is the group's
// own value; members that are no parameters here are mistakes of their own.
std::string way_up(const ParameterName& name,
                   const std::vector<std::pair<std::string, JsonNode>>& members) {
  std::string itself;
  std::string others;
  for (const auto& [key, member] : members) {
    const bool is_name = std::ranges::find(kGroupNames, key) != kGroupNames.end();
    if (is_name && itself.empty() && name.field != nullptr) {
      itself = "\"" + std::string(name.field->name) + "\": " + member.json().dump();
    } else if (read_parameter_name(key, member)) {
      others += (others.empty() ? "" : ", ") + key;
    }
  }
  if (others.empty()) return itself.empty() ? "its members one level up" : itself;
  return itself + (itself.empty() ? "" : ", and ") + others + " one level up";
}

}  // namespace

bool is_refused_distribution(const JsonNode& domain) {
  const auto given = domain.find("distribution");
  if (!given) return false;
  const auto* word = given->json().get_ptr<const std::string*>();
  if (word == nullptr) return false;
  const auto* refused = std::ranges::find(kRefusedDistributions, *word, &RefusedDistribution::word);
  if (refused == std::end(kRefusedDistributions)) return false;
  given->complain(std::string(refused->what), std::string(refused->hint));
  return true;
}

bool is_group(const ParameterName& name, const JsonNode& domain) {
  const auto nested = domain.find("parameters");
  const JsonNode& group = nested && nested->json().is_object() ? *nested : domain;
  const auto members = group.members();
  const bool grouped = std::ranges::all_of(members, [](const auto& one) {
    const bool own = std::ranges::find(kDomainKeys, one.first) != kDomainKeys.end();
    return !own && one.second.json().is_object();
  });
  if (!grouped || members.empty()) return false;
  domain.complain("found a group of parameters, expected the values of one",
                  "write " + way_up(name, members));
  return true;
}

}  // namespace firesweep
