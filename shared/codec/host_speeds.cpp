#include "shared/codec/host_speeds.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>

#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHostSpeedsFormat = 2;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::array<std::string_view, 2> kHostSpeedsKeys = {"format", "devices"};
constexpr std::array<std::string_view, 3> kDeviceKeys = {"name", "cores", "speeds"};
constexpr std::array<std::string_view, 12> kSpeedKeys = {
    "architecture", "name",   "macs",   "amp",     "batch_size", "slots",
    "threads",      "source", "images", "seconds", "epochs",     "learnt_ms"};
constexpr std::array<std::string_view, 3> kSources = {"probe", "bench", "trained"};

double real(const JsonNode& node, std::string_view key) {
  const auto at = node.need(key, "a number");
  return at ? at->real().value_or(0) : 0;
}
std::int64_t whole(const JsonNode& node, std::string_view key) {
  const auto at = node.need(key, "a whole number");
  return at ? at->whole(0, kMost).value_or(0) : 0;
}
std::string text(const JsonNode& node, std::string_view key) {
  const auto at = node.need(key, "a text");
  return at ? at->text().value_or("") : "";
}

SpeedSource source_of(const JsonNode& node) {
  const auto at = node.need("source", one_of(kSources));
  const auto word = at ? at->word(kSources) : std::nullopt;
  for (std::size_t i = 0; i < kSources.size(); ++i)
    if (word == kSources[i]) return static_cast<SpeedSource>(i);
  return SpeedSource::kProbe;
}

LearntSpeed read_speed(const JsonNode& node) {
  LearntSpeed speed;
  speed.name = text(node, "name");
  speed.kind = {text(node, "architecture"), whole(node, "macs"), text(node, "amp"),
                whole(node, "batch_size")};
  speed.share = {whole(node, "slots"), whole(node, "threads")};
  speed.source = source_of(node);
  speed.images = real(node, "images");
  speed.seconds = real(node, "seconds");
  speed.epochs = whole(node, "epochs");
  speed.learnt_ms = whole(node, "learnt_ms");
  return speed;
}

// Held while the file is read and replaced. Nothing where it cannot be had: the worst is a lost
// observation.
class UpdateLock {
 public:
  explicit UpdateLock(const fs::path& path)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  UpdateLock(const UpdateLock&) = delete;
  UpdateLock& operator=(const UpdateLock&) = delete;
  ~UpdateLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_;
};

fs::path beside(const fs::path& path, const char* ending) {
  fs::path other = path;
  other += ending;
  return other;
}

}  // namespace

std::optional<fs::path> host_speeds_path(const char* xdg_state_home, const char* home) {
  const fs::path below = fs::path("firesweep") / "speeds.json";
  if (xdg_state_home != nullptr && fs::path(xdg_state_home).is_absolute())
    return xdg_state_home / below;
  if (home != nullptr && fs::path(home).is_absolute())
    return fs::path(home) / ".local" / "state" / below;
  return std::nullopt;
}

std::optional<fs::path> host_speeds_path() {
  return host_speeds_path(std::getenv("XDG_STATE_HOME"), std::getenv("HOME"));
}

std::string encode_host_speeds(const HostSpeeds& speeds) {
  Json json;
  json["format"] = kHostSpeedsFormat;
  Json& devices = json["devices"] = Json::array();
  for (const DeviceSpeeds& of : speeds.devices) {
    Json learnt = Json::array();
    for (const LearntSpeed& speed : of.learnt) {
      learnt.push_back({{"architecture", speed.kind.architecture},
                        {"name", speed.name},
                        {"macs", speed.kind.macs},
                        {"amp", speed.kind.amp},
                        {"batch_size", speed.kind.batch_size},
                        {"slots", speed.share.slots},
                        {"threads", speed.share.threads},
                        {"source", kSources[static_cast<std::size_t>(speed.source)]},
                        {"images", speed.images},
                        {"seconds", speed.seconds},
                        {"epochs", speed.epochs},
                        {"learnt_ms", speed.learnt_ms}});
    }
    devices.push_back(
        {{"name", of.device.name}, {"cores", of.device.cores}, {"speeds", std::move(learnt)}});
  }
  return dump_json_lines(json, 1);
}

Result<HostSpeeds> decode_host_speeds(std::string_view file_text, std::string_view file_name) {
  const auto tree = parse_json(file_text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const JsonNode root(*tree, "", mistakes);
  HostSpeeds speeds;
  if (root.is_object_of(kHostSpeedsKeys)) {
    if (const auto format = root.need("format", "a number"))
      format->whole(kHostSpeedsFormat, kHostSpeedsFormat);
    const auto devices = root.find("devices");
    for (const JsonNode& node : devices && !devices->json().empty()
                                    ? devices->elements("a list of devices")
                                    : std::vector<JsonNode>{}) {
      if (!node.is_object_of(kDeviceKeys)) continue;
      DeviceSpeeds of{{text(node, "name"), whole(node, "cores")}, {}};
      const auto learnt = node.find("speeds");
      for (const JsonNode& one : learnt && !learnt->json().empty()
                                     ? learnt->elements("a list of speeds")
                                     : std::vector<JsonNode>{}) {
        if (one.is_object_of(kSpeedKeys)) of.learnt.push_back(read_speed(one));
      }
      speeds.devices.push_back(std::move(of));
    }
  }
  if (!mistakes.none()) return mistakes.take(file_name);
  return speeds;
}

HostSpeeds read_host_speeds(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return {};
  return decode_host_speeds(content.str(), path.string()).value_or(HostSpeeds{});
}

Result<void> update_host_speeds(const fs::path& path,
                                const std::function<void(HostSpeeds&)>& change) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kIo, path.string(), "the speeds of this host cannot be kept: " + why,
                "make the folder writable, or name another by XDG_STATE_HOME");
  };
  if (error) return refuse(error.message());
  const UpdateLock lock(beside(path, ".lock"));
  HostSpeeds speeds = read_host_speeds(path);
  change(speeds);
  const fs::path part = beside(path, ".part");
  errno = 0;
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << encode_host_speeds(speeds);
  file.close();
  if (!file) return refuse(errno != 0 ? std::strerror(errno) : "a short write");
  fs::rename(part, path, error);
  if (error) return refuse(error.message());
  return {};
}

}  // namespace firesweep
