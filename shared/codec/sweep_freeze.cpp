#include <algorithm>
#include <optional>

#include "shared/base/near_miss.h"
#include "shared/codec/architecture_codec.h"
#include "shared/codec/config_hash.h"
#include "shared/codec/json.h"
#include "shared/codec/sha256.h"
#include "shared/codec/sweep_canonical.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_place.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

constexpr Shape kImageShape{3, 32, 32};  // of every dataset (dataset_info.h)

std::string sweep_hash(const FrozenSweep& frozen) {
  std::string text = "recipe " + std::to_string(kRecipeVersion) + "\n" + frozen.canonical + "\n" +
                     frozen.dataset_checksum + "\n";
  for (const auto& [name, architecture] : frozen.architectures) {
    text += name + " " + architecture.hash + "\n";
  }
  return sha256_hex(text);
}

// The error for a variant that names none of `known`.
tl::unexpected<Error> unknown_variant(const SweepSpec& spec, const std::string& name,
                                      const std::vector<std::string_view>& known,
                                      std::string_view file_name) {
  const auto names = variants_of(spec);
  const auto index = std::find(names.begin(), names.end(), name) - names.begin();
  const bool swept = std::any_of(spec.parameters.begin(), spec.parameters.end(),
                                 [](const Parameter& p) { return p.name == "variant"; });
  const std::string pointer =
      "/parameters/variant" + (swept ? "/values/" + std::to_string(index) : std::string("/value"));
  std::string list;
  for (const std::string_view key : known) {
    list += (list.empty() ? "\"" : ", \"") + std::string(key) + "\"";
  }
  return fail(
      ErrorCode::kBadInput, file_name.empty() ? pointer : std::string(file_name) + ": " + pointer,
      "found \"" + name +
          "\", expected an architecture: " + (list.empty() ? "there is none" : "one of " + list),
      did_you_mean(name, known));
}

template <class T>
std::vector<std::string_view> names_of(const std::map<std::string, T>& map) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : map) names.emplace_back(name);
  return names;
}

std::optional<Error> mismatch(const Architecture& architecture, const std::string& name,
                              const SweepSpec& spec) {
  if (architecture.name != name) {
    return Error{ErrorCode::kBadInput,
                 name + ".json: /name",
                 "found \"" + architecture.name + "\", expected \"" + name +
                     "\", the name the sweep calls it by",
                 {}};
  }
  if (!(architecture.input == kImageShape)) {
    return Error{ErrorCode::kBadInput,
                 name + ".json: /input",
                 "found " + to_string(architecture.input) + ", expected " + to_string(kImageShape) +
                     ", the shape of an image of " + std::string(to_string(spec.dataset)),
                 {}};
  }
  return std::nullopt;
}

// Whether the stored form gives a field under its name and under its former one as well, as builds
// did that had both, and is the same as the fresh one but for that.
bool same_but_for_twins(std::string_view stored, std::string_view fresh) {
  Json before = Json::parse(stored), now = Json::parse(fresh);
  bool twins = false;
  for (const Field& field : fields()) {
    const std::string name(field.name), former(field.former.name);
    Json& given = before.at("parameters");
    if (former.empty() || !given.contains(name) || !given.contains(former)) continue;
    twins = true;
    for (Json* form : {&before, &now}) {
      form->at("parameters").erase(name);
      form->at("parameters").erase(former);
    }
  }
  return twins && before.dump() == now.dump();
}

}  // namespace

std::vector<std::string> variants_of(const SweepSpec& spec) {
  for (const Parameter& parameter : spec.parameters) {
    const auto* list = std::get_if<ValueList>(&parameter.domain);
    if (parameter.name != "variant" || list == nullptr) continue;
    std::vector<std::string> names;
    for (const Value& value : list->values) names.push_back(std::get<std::string>(value));
    return names;
  }
  return {spec.base.variant};
}

Result<FrozenSweep> freeze(SweepSpec spec, const std::map<std::string, Architecture>& architectures,
                           std::string_view file_name) {
  FrozenSweep frozen;
  for (const std::string& name : variants_of(spec)) {
    const auto architecture = architectures.find(name);
    if (architecture == architectures.end()) {
      return unknown_variant(spec, name, names_of(architectures), file_name);
    }
    if (auto error = mismatch(architecture->second, name, spec)) {
      return tl::unexpected(std::move(*error));
    }
    frozen.architectures.insert(*architecture);
  }
  if (spec.trainer != Trainer::kSimulated) {
    frozen.dataset_checksum = dataset_info(spec.dataset).checksum;
  }
  frozen.canonical = canonical_json(spec);
  frozen.spec = std::move(spec);
  frozen.hash = sweep_hash(frozen);
  return frozen;
}

Result<FrozenSweep> freeze(SweepSpec spec, const ArchitectureTexts& architectures,
                           std::string_view file_name) {
  std::map<std::string, Architecture> decoded;
  for (const std::string& name : variants_of(spec)) {
    const auto text = architectures.find(name);
    if (text == architectures.end()) {
      return unknown_variant(spec, name, names_of(architectures), file_name);
    }
    auto architecture = decode_architecture(text->second, name + ".json");
    if (!architecture) return tl::unexpected(architecture.error());
    decoded.emplace(name, std::move(*architecture));
  }
  return freeze(std::move(spec), decoded, file_name);
}

Result<FrozenSweep> freeze_file(std::string_view text, std::string_view file_name,
                                const ArchitectureTexts& architectures, const Origins& origins) {
  auto spec = decode_sweep(text, file_name, kRulesVersion, origins);
  if (!spec) return tl::unexpected(std::move(spec.error()));
  auto frozen = freeze(std::move(*spec), architectures);
  if (!frozen) {
    return tl::unexpected(placed_in_file(std::move(frozen.error()), text, file_name, origins));
  }
  for (int rules = kRulesVersion - 1; rules >= 1; --rules) {
    auto older = decode_sweep(text, file_name, rules);
    if (!older) continue;
    auto same = freeze(std::move(*older), architectures, file_name);
    if (!same) continue;
    frozen->by_older_rules.push_back(std::make_shared<const FrozenSweep>(std::move(*same)));
  }
  return frozen;
}

Result<FrozenSweep> thaw(std::string_view canonical, const ArchitectureTexts& architectures) {
  auto spec = decode_canonical_sweep(canonical);
  if (!spec) return tl::unexpected(spec.error());
  auto frozen = freeze(std::move(*spec), architectures);
  if (frozen && frozen->canonical != canonical &&
      same_but_for_twins(canonical, frozen->canonical)) {
    frozen->canonical = canonical;
    frozen->hash = sweep_hash(*frozen);
  }
  if (frozen && frozen->canonical != canonical) {
    return fail(ErrorCode::kBadInput, "frozen.json",
                "this build would freeze the sweep differently",
                "continue it with the version of firesweep that began it");
  }
  return frozen;
}

}  // namespace firesweep
