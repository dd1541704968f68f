// Images per second of one training step, ours beside PyTorch eager and torch.compile: same
// version, model, batch and threads, one run, interleaved rounds on one batch in memory. Per
// variant the medians over the rounds, and ours divided by theirs.
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "bench/our_step.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "worker/training/allocator.h"
#include "worker/training/device.h"
#include "worker/training/export/python_model.h"
#include "worker/training/trainer.h"

namespace firesweep::bench {
namespace {

namespace po = boost::program_options;

struct Settings {
  std::vector<std::string> variants;
  std::string format, device, amp;
  std::int64_t batch = 0;
  int threads = 0;
  int rounds = 0;
  double seconds = 0;
  bool peers = true;
  bool compile = true;
};

StepOptions place_of(const Settings& settings) {
  const auto device = open_device(settings.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  const auto amp = resolve_amp(settings.amp, ability_of(*device));
  if (!amp) throw std::runtime_error(to_string(amp.error()));
  return {.device = *device, .amp = *amp, .batch = settings.batch};
}

std::unique_ptr<Peer> start_peer(const ResolvedArchitecture& architecture,
                                 const Settings& settings) {
  if (!settings.peers) return nullptr;
  const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                     ("firesweep-bench-" + std::to_string(::getpid()) + ".py");
  std::ofstream(file) << python_model(architecture, {}, {}, "for bench/train_step");
  auto peer = std::make_unique<Peer>(
      python(), "train_step.py",
      std::vector<std::string>{file.string(), std::to_string(settings.threads), settings.device,
                               settings.amp});
  const std::string batch = " " + std::to_string(settings.batch);
  peer->ask("warm eager" + batch);
  if (settings.compile) peer->ask("warm compile" + batch);
  std::filesystem::remove(file);
  return peer;
}

void measure(const std::string& variant, const Settings& settings) {
  const ResolvedArchitecture resolved = architecture(variant);
  OurStep ours(resolved, place_of(settings));
  const auto peer = start_peer(resolved, settings);
  const std::string rest =
      " " + std::to_string(settings.batch) + " " + std::to_string(settings.seconds);
  std::vector<double> own, eager, compiled;
  for (int round = 0; round < settings.rounds; ++round) {
    own.push_back(rate(settings.seconds, [&] { return ours.images_of_steps(); }));
    if (!peer) continue;
    eager.push_back(peer->ask("rate eager" + rest));
    if (settings.compile) compiled.push_back(peer->ask("rate compile" + rest));
  }
  Row row = {{"images_per_s", median(own)}};
  if (!eager.empty()) row.emplace_back("eager_images_per_s", median(eager));
  if (!compiled.empty()) row.emplace_back("compile_images_per_s", median(compiled));
  if (!eager.empty()) row.emplace_back("ratio_eager", median(own) / median(eager));
  if (!compiled.empty()) row.emplace_back("ratio_compile", median(own) / median(compiled));
  print(settings.format, variant, row);
}

int run(int argc, char** argv) {
  Settings settings;
  std::string variants;
  po::options_description options("train_step: our training step beside PyTorch's");
  options.add_options()("help,h", "print this and exit")(
      "variants", po::value(&variants)->default_value("v2,v3,v4,v5"), "names of architectures/")(
      "format,f", po::value(&settings.format)->default_value("text"), "text or json")(
      "batch", po::value(&settings.batch)->default_value(128), "images a step")(
      "threads", po::value(&settings.threads)->default_value(2), "of each program")(
      "rounds", po::value(&settings.rounds)->default_value(3), "interleaved")(
      "seconds", po::value(&settings.seconds)->default_value(8), "a round of each program")(
      "alone", "ours alone, without Python")(
      "device", po::value(&settings.device)->default_value("cpu"), "cpu or cuda:N")(
      "amp", po::value(&settings.amp)->default_value("off"), "off or bf16, of both")(
      "no-compile", "leave torch.compile out");
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, options), values);
  po::notify(values);
  if (values.count("help") != 0) {
    std::cout << options;
    return 0;
  }
  settings.variants = split(variants);
  settings.peers = values.count("alone") == 0;
  settings.compile = values.count("no-compile") == 0;
  set_up_training(settings.threads);
  for (const std::string& variant : settings.variants) measure(variant, settings);
  return 0;
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  firesweep::keep_malloc_pages();
  try {
    return firesweep::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "train_step: " << error.what() << "\n";
    return 1;
  }
}
