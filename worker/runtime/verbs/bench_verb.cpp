#include "worker/runtime/verbs/bench_verb.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/host_resources.h"
#include "shared/codec/architecture_codec.h"
#include "shared/codec/host_speeds.h"
#include "shared/domain/presets.h"
#include "worker/datasets/file.h"
#include "worker/runtime/devices/mps.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/report_error.h"
#include "worker/runtime/verbs/bench_slots.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kClasses = 100;

struct Measured {
  fs::path file;
  std::string hash;
  ResolvedArchitecture architecture;
  Speed one_slot;            // with a thread per core
  double slot_per_core = 0;  // images a second of them all, or of all slots of a GPU
};

Result<Measured> load(const std::string& word, const fs::path& folder) {
  Measured made;
  made.file = fs::is_regular_file(word) ? fs::path(word) : folder / (word + ".json");
  std::ifstream file(made.file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return fail(ErrorCode::kBadInput, word, "no architecture of that name in " + folder.string(),
                "name a file, or the folder of architecture files with --architectures");
  }
  const auto decoded = decode_architecture(text, made.file.string());
  if (!decoded) return tl::unexpected(decoded.error());
  auto resolved = resolve(*decoded, kClasses);
  if (!resolved) return tl::unexpected(resolved.error());
  made.hash = decoded->hash;
  made.architecture = *std::move(resolved);
  return made;
}

bool on_gpu(const command::Bench& wanted) { return wanted.device != "cpu"; }

Result<void> measure(Measured& it, const command::Bench& wanted, int cores) {
  SlotOrder order{.architecture = it.file,
                  .device = wanted.device,
                  .batch_size = std::to_string(wanted.batch_size),
                  .seconds = std::to_string(wanted.seconds),
                  .slots = 1,
                  .threads = cores,
                  .latency = true};
  const auto one = measure_slots(order);
  if (!one) return tl::unexpected(one.error());
  it.one_slot = *one;
  it.slot_per_core = one->train_images_per_s;
  const int slots = on_gpu(wanted) ? wanted.slots : cores;
  if (slots == 1) return {};
  order.slots = slots;
  order.threads = std::max(1, cores / slots);
  order.latency = false;
  const auto many = measure_slots(order);
  if (!many) return tl::unexpected(many.error());
  it.slot_per_core = many->train_images_per_s;
  return {};
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::vector<std::string> columns(const command::Bench& wanted) {
  const bool gpu = on_gpu(wanted);
  return {"variant",
          "params",
          "macs",
          "model_bytes",
          "latency_p50_ms",
          "latency_p95_ms",
          "one_slot_images_per_s",
          gpu ? "all_slots_images_per_s" : "slot_per_core_images_per_s",
          "peak_memory_bytes",
          gpu ? "gain" : "better"};
}

// One row, in the order of the columns.
std::vector<std::string> cells(const Measured& it, const command::Bench& wanted) {
  const Cost cost = cost_of(it.architecture);
  const Speed& one = it.one_slot;
  return {it.architecture.name,
          std::to_string(cost.params),
          std::to_string(cost.macs),
          std::to_string(one.model_bytes),
          fixed(one.latency_p50_ms, 2),
          fixed(one.latency_p95_ms, 2),
          fixed(one.train_images_per_s, 1),
          fixed(it.slot_per_core, 1),
          std::to_string(one.peak_memory_bytes),
          on_gpu(wanted) ? fixed(it.slot_per_core / one.train_images_per_s, 2)
          : one.train_images_per_s > it.slot_per_core ? "one slot"
                                                      : "slot per core"};
}

// What the figures belong to.
std::string place_of(const command::Bench& wanted, const TorchTraining& torch, int cores) {
  std::string host = cpu_name() + ", " + std::to_string(cores) + " cores";
  if (!on_gpu(wanted)) return host;
  const auto gpu = torch.gpu_facts(std::stoi(wanted.device.substr(wanted.device.find(':') + 1)));
  const Mps mps = find_mps(mps_folder(process_environment));
  return (gpu ? gpu->name : wanted.device) + " in a host of " + host + "; one slot and " +
         std::to_string(wanted.slots) + " by " + (mps.runs ? "MPS" : "time-slicing") + " (" +
         mps.why + ")";
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : between) + word;
  return line;
}

std::string csv_of(const std::vector<Measured>& all, const command::Bench& wanted) {
  std::string text = joined(columns(wanted), ",") + "\n";
  for (const Measured& it : all) text += joined(cells(it, wanted), ",") + "\n";
  return text;
}

std::string markdown_of(const std::vector<Measured>& all, const command::Bench& wanted,
                        const std::string& place) {
  std::string text = "# Variants on this host\n\n" + place + "; training at batch " +
                     std::to_string(wanted.batch_size) +
                     ", latency of one image and peak memory with one slot. Written by "
                     "`firesweep-worker bench -o DIR`.\n\n";
  const auto heads = columns(wanted);
  text += "| " + joined(heads, " | ") + " |\n|";
  for (std::size_t i = 0; i < heads.size(); ++i) text += i == 0 ? "---|" : "---:|";
  for (const Measured& it : all) text += "\n| " + joined(cells(it, wanted), " | ") + " |";
  return text + "\n";
}

Result<void> write(const fs::path& path, const std::string& text) {
  if (const auto made = make_folder(path.parent_path()); !made) return made;
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected(file.error());
  const auto written =
      file->write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return written ? file->commit() : written;
}

// Adds what was measured on the CPU to what the file held.
Result<void> keep(const fs::path& path, const std::vector<Measured>& all,
                  const command::Bench& wanted, std::int64_t cores) {
  TrialConfig config = *find_preset("default");  // as measure_speed trains
  config.batch_size = wanted.batch_size;
  return update_host_speeds(path, [&](HostSpeeds& speeds) {
    for (const Measured& it : all) {
      LearntSpeed speed;
      speed.name = it.architecture.name;
      speed.kind = training_kind(config, it.hash, cost_of(it.architecture).macs);
      speed.source = SpeedSource::kBench;
      speed.seconds = wanted.seconds;
      speed.learnt_ms = system_now().utc.count();
      speed.share = {1, cores};
      speed.images = it.one_slot.train_images_per_s * wanted.seconds;
      learn(speeds, {cpu_name(), cores}, speed);
      speed.share = {cores, 1};
      speed.images = it.slot_per_core / static_cast<double>(cores) * wanted.seconds;
      learn(speeds, {cpu_name(), cores}, speed);
    }
  });
}

}  // namespace

int bench_verb(const command::Bench& wanted, const TorchTraining& torch) {
  if (!torch)
    return report_error({ErrorCode::kUnavailable, "bench", "this build has no LibTorch", ""});
  const int cores = usable_cores();
  std::vector<Measured> all;
  for (const std::string& word : wanted.architectures) {
    auto loaded = load(word, wanted.folder);
    if (!loaded) return report_error(loaded.error());
    all.push_back(*std::move(loaded));
  }
  const std::string place = place_of(wanted, torch, cores);
  if (on_gpu(wanted)) std::cout << place << "\n";
  std::cout << joined(columns(wanted), "  ") << std::endl;
  for (Measured& it : all) {
    if (const auto measured = measure(it, wanted, cores); !measured)
      return report_error(measured.error());
    std::cout << joined(cells(it, wanted), "  ") << std::endl;
  }
  if (wanted.speeds_file) {
    if (const auto kept = keep(*wanted.speeds_file, all, wanted, cores); !kept)
      return report_error(kept.error());
    std::cout << "kept in " << wanted.speeds_file->string() << std::endl;
  }
  if (wanted.output) {
    for (const auto& [name, text] :
         {std::pair{"variants_on_this_host.csv", csv_of(all, wanted)},
          std::pair{"variants_on_this_host.md", markdown_of(all, wanted, place)}}) {
      if (const auto written = write(*wanted.output / name, text); !written)
        return report_error(written.error());
      std::cout << "wrote " << (*wanted.output / name).string() << std::endl;
    }
  }
  return kWorkerDone;
}

int bench_slot(const command::BenchSlot& wanted, const TorchTraining& torch) {
  const auto loaded = load(wanted.architecture, {});
  if (!loaded) return report_error(loaded.error());
  torch.set_up(wanted.threads);
  const Speed speed = torch.measure_speed(
      {loaded->architecture, wanted.device, wanted.batch_size, wanted.seconds, wanted.latency}, [] {
        std::cout << "ready" << std::endl;
        std::string line;
        std::getline(std::cin, line);
      });
  std::cout << speed_line(speed) << std::endl;
  return kWorkerDone;
}

}  // namespace firesweep
