#include "shared/codec/speed_probe.h"

#include <array>
#include <limits>

#include "shared/codec/architecture_codec.h"
#include "shared/codec/config_codec.h"
#include "shared/codec/host_speeds.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostWhole = std::numeric_limits<std::int64_t>::max();
constexpr std::array<std::string_view, 4> kKindKeys = {"config", "name", "architecture", "classes"};
constexpr std::array<std::string_view, 7> kAnswerKeys = {
    "device", "cores", "slots", "slots_of_device", "threads", "probed_seconds", "speeds"};

std::string text_at(const JsonNode& node, std::string_view key) {
  const auto at = node.need(key, "a text");
  return at ? at->text().value_or("") : "";
}
std::int64_t whole(const JsonNode& node, std::string_view key, std::int64_t least) {
  const auto at = node.need(key, "a whole number");
  return at ? at->whole(least, kMostWhole).value_or(least) : least;
}

}  // namespace

std::string encode_probe_kinds(const std::vector<ProbeKind>& kinds) {
  Json json = Json::array();
  for (const ProbeKind& kind : kinds) {
    json.push_back({{"config", encode_config(kind.config)},
                    {"name", kind.architecture.name},
                    {"architecture", kind.architecture.canonical},
                    {"classes", kind.classes}});
  }
  return dump_json(json);
}

Result<std::vector<ProbeKind>> decode_probe_kinds(std::string_view given) {
  const auto tree = parse_json(given, "the kinds to probe");
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  std::vector<ProbeKind> kinds;
  for (const JsonNode& node : JsonNode(*tree, "", mistakes).elements("a list of kinds")) {
    if (!node.is_object_of(kKindKeys)) continue;
    auto config = decode_config(text_at(node, "config"));
    if (!config) mistakes.add(config.error());
    auto architecture = decode_architecture(text_at(node, "architecture"), text_at(node, "name"));
    if (!architecture) mistakes.add(architecture.error());
    const std::int64_t classes = whole(node, "classes", 1);
    if (config && architecture) {
      architecture->name = text_at(node, "name");
      kinds.push_back({*std::move(config), *std::move(architecture), classes});
    }
  }
  if (!mistakes.none()) return mistakes.take("the kinds to probe");
  return kinds;
}

std::string encode_probe_answer(const ProbeAnswer& answer) {
  Json json;
  json["device"] = answer.device.name;
  json["cores"] = answer.device.cores;
  json["slots"] = answer.slots;
  json["slots_of_device"] = answer.share.slots;
  json["threads"] = answer.share.threads;
  json["probed_seconds"] = answer.probed_seconds;
  json["speeds"] = encode_host_speeds(answer.speeds);
  return dump_json(json);
}

Result<ProbeAnswer> decode_probe_answer(std::string_view given) {
  const auto tree = parse_json(given, "the probe's answer");
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const JsonNode root(*tree, "", mistakes);
  ProbeAnswer answer;
  if (root.is_object_of(kAnswerKeys)) {
    answer.device = {text_at(root, "device"), whole(root, "cores", 0)};
    answer.slots = whole(root, "slots", 1);
    answer.share = {whole(root, "slots_of_device", 1), whole(root, "threads", 1)};
    const auto seconds = root.need("probed_seconds", "a number");
    answer.probed_seconds = seconds ? seconds->real().value_or(0) : 0;
    auto speeds = decode_host_speeds(text_at(root, "speeds"), "the probe's answer");
    if (!speeds) mistakes.add(speeds.error());
    if (speeds) answer.speeds = *std::move(speeds);
  }
  if (!mistakes.none()) return mistakes.take("the probe's answer");
  return answer;
}

}  // namespace firesweep
