#include "shared/codec/host_speeds.h"

#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "shared/codec/json_text.h"
#include "shared/codec/place.h"

namespace firesweep {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::array<std::string_view, 5> kKeys = {"format", "cpu", "cores", "architectures",
                                                   "trained_macs_per_s"};
constexpr std::array<std::string_view, 7> kSpeedKeys = {
    "name",           "one_slot",    "slot_per_core",    "latency_p50_ms",
    "latency_p95_ms", "model_bytes", "peak_memory_bytes"};

std::optional<Place> member(const Place& place, std::string_view key) {
  return place.need(key, "this member");
}
double real(const Place& place, std::string_view key) {
  const auto at = member(place, key);
  return at ? at->real().value_or(0) : 0;
}
std::int64_t whole(const Place& place, std::string_view key) {
  const auto at = member(place, key);
  return at ? at->whole(0, std::numeric_limits<std::int64_t>::max()).value_or(0) : 0;
}
std::string text(const Place& place, std::string_view key) {
  const auto at = member(place, key);
  return at ? at->text().value_or("") : "";
}

}  // namespace

std::optional<std::filesystem::path> host_speeds_path(const char* xdg_state_home,
                                                      const char* home) {
  const std::filesystem::path below = std::filesystem::path("firesweep") / "speeds.json";
  if (xdg_state_home != nullptr && std::filesystem::path(xdg_state_home).is_absolute())
    return xdg_state_home / below;
  if (home != nullptr && std::filesystem::path(home).is_absolute())
    return std::filesystem::path(home) / ".local" / "state" / below;
  return std::nullopt;
}

std::string encode_host_speeds(const HostSpeeds& speeds) {
  Json json;
  json["format"] = kFormat;
  json["cpu"] = speeds.cpu;
  json["cores"] = speeds.cores;
  if (speeds.trained_macs_per_s > 0) json["trained_macs_per_s"] = speeds.trained_macs_per_s;
  Json& all = json["architectures"] = Json::object();
  for (const auto& [hash, speed] : speeds.by_architecture) {
    all[hash] = {{"name", speed.name},
                 {"one_slot", speed.one_slot},
                 {"slot_per_core", speed.slot_per_core},
                 {"latency_p50_ms", speed.latency_p50_ms},
                 {"latency_p95_ms", speed.latency_p95_ms},
                 {"model_bytes", speed.model_bytes},
                 {"peak_memory_bytes", speed.peak_memory_bytes}};
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<HostSpeeds> decode_host_speeds(std::string_view file_text, std::string_view file_name) {
  const auto tree = parse_json(file_text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const Place root(*tree, "", mistakes);
  HostSpeeds speeds;
  if (root.is_object_of(kKeys)) {
    if (const auto format = member(root, "format")) format->whole(kFormat, kFormat);
    speeds.cpu = text(root, "cpu");
    speeds.cores = whole(root, "cores");
    if (const auto trained = root.find("trained_macs_per_s")) {
      speeds.trained_macs_per_s = trained->real().value_or(0);
    }
    const auto all = member(root, "architectures");
    if (all && !all->json().is_object()) all->refuse("an object");
    if (all && all->json().is_object()) {
      for (const auto& [hash, place] : all->members()) {
        if (!place.is_object_of(kSpeedKeys)) continue;
        speeds.by_architecture[hash] = {text(place, "name"),
                                        real(place, "one_slot"),
                                        real(place, "slot_per_core"),
                                        real(place, "latency_p50_ms"),
                                        real(place, "latency_p95_ms"),
                                        whole(place, "model_bytes"),
                                        whole(place, "peak_memory_bytes")};
      }
    }
  }
  if (!mistakes.none()) return mistakes.take(file_name);
  return speeds;
}

std::optional<HostSpeeds> read_host_speeds(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return std::nullopt;
  auto speeds = decode_host_speeds(content.str(), path.string());
  return speeds ? std::optional(*std::move(speeds)) : std::nullopt;
}

bool one_slot_is_faster(const HostSpeeds& speeds) {
  double log_ratio = 0;
  for (const auto& [hash, speed] : speeds.by_architecture)
    if (speed.one_slot > 0 && speed.slot_per_core > 0)
      log_ratio += std::log(speed.one_slot / speed.slot_per_core);
  return log_ratio > 0;
}

}  // namespace firesweep
