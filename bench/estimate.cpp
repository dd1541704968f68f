// How near the estimate of `firesweep preview` comes on a host that it does not know: the speeds
// that a probe of two seconds tells, beside those that `firesweep-worker bench` measures on whole
// batches in processes of their own. A row a variant, then one for a sweep that trains them all
// alike, as sweeps/cifar100_variants.json does. Ends with 1 where that one is off by more than 1.5.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "bench/gpu_stages/child.h"
#include "bench/report.h"
#include "bench/root.h"
#include "shared/base/shell.h"
#include "shared/codec/architecture_codec.h"
#include "shared/codec/host_speeds.h"
#include "shared/codec/speed_probe.h"
#include "shared/domain/presets.h"

namespace firesweep::bench {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr double kMostOff = 1.5;
constexpr std::int64_t kClasses = 100;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

ProbeKind kind_of(const std::string& name, std::int64_t batch) {
  const fs::path file = root_dir() / "architectures" / (name + ".json");
  auto architecture = decode_architecture(content_of(file), file.string());
  if (!architecture) throw std::runtime_error(to_string(architecture.error()));
  ProbeKind kind{*find_preset("default"), *std::move(architecture), kClasses};
  kind.config.variant = name;
  kind.config.batch_size = batch;
  return kind;
}

TrainingKind speed_kind(const ProbeKind& kind) {
  const auto resolved = resolve(kind.architecture, kind.classes);
  if (!resolved) throw std::runtime_error(to_string(resolved.error()));
  return training_kind(kind.config, kind.architecture.hash, cost_of(*resolved).macs);
}

// Runs a command line of the shell; throws where it fails.
void shell(const std::string& line) {
  Child child({"sh", "-c", line}, {}, {});
  const auto status = child.wait_until(Clock::now() + std::chrono::hours(1));
  if (!status || *status != 0)
    throw std::runtime_error(line + ": " + (status ? Child::describe(*status) : "still runs"));
}

// A folder of its own below the system's temporary one; removed with the object.
class Folder {
 public:
  Folder()
      : path_(fs::temp_directory_path() / ("firesweep-estimate-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

double images_per_s(const HostSpeeds& speeds, const DeviceKey& device, const ProbeKind& kind,
                    const DeviceShare& share) {
  const auto known = find_speed(speeds, device, speed_kind(kind), share);
  if (known) return known->images_per_s;
  const auto inferred = infer_speed(speeds, device, speed_kind(kind), share);
  if (!inferred) throw std::runtime_error("nothing is known of " + kind.architecture.name);
  return *inferred;
}

int run(int argc, char** argv) {
  std::string variants, format;
  std::int64_t batch = 128;
  double seconds = 4;
  po::options_description options("estimate: what a probe tells beside what is measured");
  options.add_options()("help,h", "print this and exit")(
      "variants", po::value(&variants)->default_value("v1,v2,v3,v4,v5"), "names of architectures/")(
      "format,f", po::value(&format)->default_value("text"), "text or json")(
      "batch", po::value(&batch)->default_value(128), "images a step")(
      "seconds", po::value(&seconds)->default_value(4), "of each measurement");
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, options), values);
  po::notify(values);
  if (values.count("help") != 0) {
    std::cout << options;
    return 0;
  }
  std::vector<ProbeKind> kinds;
  for (const std::string& name : split(variants)) kinds.push_back(kind_of(name, batch));
  // As preview orders them: the cheapest, the dearest, the rest by falling work.
  std::vector<ProbeKind> ordered = kinds;
  std::ranges::sort(ordered, {}, [](const ProbeKind& kind) { return -speed_kind(kind).macs; });
  if (ordered.size() > 1) std::rotate(ordered.begin(), ordered.end() - 1, ordered.end());

  const Folder folder;
  std::ofstream(folder / "kinds.json") << encode_probe_kinds(ordered);
  const std::string worker = shell_quoted(find_program("firesweep-worker").string());
  const auto state = [&](const char* name) {
    return "XDG_STATE_HOME=" + shell_quoted((folder / name).string()) + " ";
  };
  shell(state("probed") + worker + " bench-probe --device cpu <" +
        shell_quoted((folder / "kinds.json").string()) + " >" +
        shell_quoted((folder / "answer.json").string()));
  const auto answer = decode_probe_answer(content_of(folder / "answer.json"));
  if (!answer) throw std::runtime_error(to_string(answer.error()));

  std::string bench = state("measured") + worker + " bench --seconds " + std::to_string(seconds) +
                      " --batch-size " + std::to_string(batch);
  for (const ProbeKind& kind : kinds)
    bench += " " + shell_quoted(
                       (root_dir() / "architectures" / (kind.config.variant + ".json")).string());
  shell(bench + " >/dev/null");
  const HostSpeeds measured = read_host_speeds(folder / "measured/firesweep/speeds.json");

  double probed_seconds = 0, measured_seconds = 0;  // for one image of each variant
  for (const ProbeKind& kind : kinds) {
    const double told = images_per_s(answer->speeds, answer->device, kind, answer->share);
    const double real = images_per_s(measured, answer->device, kind, answer->share);
    probed_seconds += 1 / told;
    measured_seconds += 1 / real;
    print(format, kind.config.variant,
          {{"probed_images_per_s", told}, {"images_per_s", real}, {"ratio", told / real}});
  }
  const double ratio = measured_seconds / probed_seconds;
  print(format, "all",
        {{"probed_seconds", answer->probed_seconds},
         {"slots", static_cast<double>(answer->slots)},
         {"ratio", ratio}});
  return ratio > kMostOff || ratio < 1 / kMostOff ? 1 : 0;
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  try {
    return firesweep::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "estimate: " << error.what() << "\n";
    return 1;
  }
}
