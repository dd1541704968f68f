// Everything a device must tell, in order of worth: each part runs in a process of its own with a
// time limit, writes its lines to DIR/gpu.jsonl at once and prints them as rows. A part that
// crashes, hangs or runs out of time is a line too.
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "bench/gpu_stages/child.h"
#include "bench/gpu_stages/parts.h"
#include "bench/report.h"
#include "worker/training/allocator.h"
#include "worker/training/trainer.h"

namespace firesweep::bench {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr double kLeastSeconds = 2;  // a part given less is not begun

struct Command {
  GpuOptions options;
  std::vector<std::string> only;
  std::string part;    // "correct/losses": this process runs that part
  double limit_s = 0;  // of it
  bool keep_scratch = false;
};

po::options_description described(Command& command, std::string& only, std::string& variants,
                                  std::string& slots) {
  GpuOptions& options = command.options;
  po::options_description list("gpu: what a GPU tells of firesweep; --device cpu rehearses it");
  list.add_options()("help,h", "print this and exit")(
      "device", po::value(&options.device)->default_value("cuda:0"), "cuda:N or cpu")(
      "minutes", po::value(&options.minutes)->default_value(25), "for all stages together")(
      "output,o", po::value<std::string>()->default_value("gpu-results"), "folder of results")(
      "only", po::value(&only), "stages or stage/part: facts,correct,step,hour,study,frontier")(
      "data-dir", po::value<std::string>(), "folder of CIFAR-100; else images are made up")(
      "sweep", po::value(&options.sweeps), "sweep file (JSON) for the stage frontier; may repeat")(
      "variants", po::value(&variants)->default_value("v3,v2,v5,v4,v1"), "of the stage step")(
      "slots", po::value(&slots), "of the stage hour (default: 1,2,4,8; on the CPU 1,2)")(
      "workers", po::value(&options.workers)->default_value(0), "of the stage frontier")(
      "threads", po::value(&options.threads)->default_value(0), "of the CPU (default: its cores)")(
      "scratch", po::value<std::string>(),
      "folder for databases and checkpoints; named, it is kept, and sweeps in it go on");
  return list;
}

po::options_description hidden(Command& command) {
  po::options_description list;
  list.add_options()("part", po::value(&command.part))("limit", po::value(&command.limit_s));
  return list;
}

// The command, or none where help was all that was wanted. Throws po::error.
std::optional<Command> read_command(int argc, char** argv) {
  Command command;
  std::string only, variants, slots;
  const po::options_description shown = described(command, only, variants, slots);
  po::options_description all;
  all.add(shown).add(hidden(command));
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, all), values);
  po::notify(values);
  if (values.count("help") != 0) {
    std::cout << shown;
    return std::nullopt;
  }
  GpuOptions& options = command.options;
  options.small = options.device == "cpu";
  options.output = fs::absolute(values["output"].as<std::string>());
  if (values.count("data-dir") != 0) options.data_dir = values["data-dir"].as<std::string>();
  command.keep_scratch = values.count("scratch") != 0;
  options.scratch = command.keep_scratch ? fs::absolute(values["scratch"].as<std::string>())
                                         : fs::temp_directory_path() /
                                               ("firesweep-gpu-" + std::to_string(::getpid()));
  options.variants = split(variants);
  if (slots.empty()) slots = options.small ? "1,2" : "1,2,4,8";
  for (const std::string& word : split(slots)) options.slots.push_back(std::stoi(word));
  if (options.threads == 0)
    options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (options.workers == 0) options.workers = options.small ? 1 : 4;
  command.only = split(only);
  return command;
}

bool chosen(const Command& command, const Part& part) {
  const auto names = [&](const std::string& word) {
    return word == part.stage || word == part.stage + "/" + part.name;
  };
  return command.only.empty() || std::ranges::any_of(command.only, names);
}

// Refuses a word of --only that names nothing.
void check_only(const Command& command, const std::vector<Part>& parts) {
  for (const std::string& word : command.only) {
    Command one;
    one.only = {word};
    if (std::ranges::none_of(parts, [&](const Part& part) { return chosen(one, part); }))
      throw po::error("--only: found \"" + word +
                      "\", expected facts, correct, step, hour, study, "
                      "frontier, or one of their parts as in correct/resume");
  }
}

int run_part(const Command& command, const std::vector<Part>& parts) {
  const auto part = std::ranges::find_if(
      parts, [&](const Part& each) { return each.stage + "/" + each.name == command.part; });
  if (part == parts.end()) throw po::error("--part: there is no part " + command.part);
  keep_malloc_pages();
  set_up_training(command.options.threads);
  const auto limit = std::chrono::milliseconds(static_cast<int>(1000 * command.limit_s));
  part->run({command.options, part->stage, part->name, Clock::now() + limit});
  return 0;
}

// Runs one part in a child of its own and tells how it ended.
bool run_child(const Command& command, const Part& part, double limit_s, int argc, char** argv) {
  const GpuOptions& options = command.options;
  const fs::path log = options.output / "gpu.log";
  std::error_code absent;
  const auto size = fs::file_size(log, absent);
  const std::size_t log_begin = absent ? 0 : size;
  std::vector<std::string> words(argv, argv + argc);
  words[0] = "/proc/self/exe";
  if (!command.keep_scratch) words.insert(words.end(), {"--scratch", options.scratch.string()});
  words.insert(words.end(),
               {"--part", part.stage + "/" + part.name, "--limit", std::to_string(limit_s)});
  const Clock::time_point begin = Clock::now();
  std::string end;
  {
    Child child(words, {}, log);
    const auto limit = std::chrono::milliseconds(static_cast<int>(1000 * limit_s));
    const auto status = child.wait_until(begin + limit);
    end = status ? Child::describe(*status)
                 : "killed at its limit of " + short_number(limit_s) + " s";
  }
  const bool ok = end == "ok";
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  tell({options, part.stage, part.name, begin}, part.stage + "/" + part.name + " ended",
       {{"how", end}, {"seconds", seconds}, {"said", ok ? "" : tail_of(log, 300, log_begin)}});
  return ok;
}

// A stage gets its share of what is left, a part its share of the stage's; what one leaves over is
// the next one's.
int run_all(const Command& command, const std::vector<Part>& parts, int argc, char** argv) {
  const GpuOptions& options = command.options;
  fs::create_directories(options.output);
  fs::create_directories(options.scratch);
  const Clock::time_point end =
      Clock::now() + std::chrono::milliseconds(static_cast<int>(60'000 * options.minutes));
  std::vector<std::pair<double, std::vector<Part>>> stages;
  double minutes_wanted = 0;
  for (const Stage& stage : stages_of(options)) {
    std::vector<Part> own;
    for (const Part& part : parts)
      if (part.stage == stage.name && chosen(command, part)) own.push_back(part);
    if (own.empty()) continue;
    minutes_wanted += stage.minutes;
    stages.emplace_back(stage.minutes, own);
  }
  int failures = 0;
  for (const auto& [minutes, own] : stages) {
    const double left = std::chrono::duration<double>(end - Clock::now()).count();
    const double stage_s = left * minutes / minutes_wanted;
    minutes_wanted -= minutes;
    const Clock::time_point begin = Clock::now();
    std::printf("%s (at most %.0f s)\n", own.front().stage.c_str(), stage_s);
    std::fflush(stdout);
    double shares = 0;
    for (const Part& part : own) shares += part.share;
    for (const Part& part : own) {
      const double used = std::chrono::duration<double>(Clock::now() - begin).count();
      const double limit_s = (stage_s - used) * part.share / shares;
      shares -= part.share;
      if (limit_s < kLeastSeconds) {
        tell({options, part.stage, part.name, begin}, part.stage + "/" + part.name + " ended",
             {{"how", "not begun: no time left"}});
        ++failures;
      } else if (!run_child(command, part, limit_s, argc, argv)) {
        ++failures;
      }
    }
  }
  if (!command.keep_scratch) {
    std::error_code ignored;
    fs::remove_all(options.scratch, ignored);
  }
  std::printf("%d parts did not end as they should; %s\n", failures,
              (options.output / "gpu.jsonl").c_str());
  return failures == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  try {
    const auto command = read_command(argc, argv);
    if (!command) return 0;
    const std::vector<Part> parts = parts_of(command->options);
    if (!command->part.empty()) return run_part(*command, parts);
    check_only(*command, parts);
    return run_all(*command, parts, argc, argv);
  } catch (const po::error& mistake) {
    std::cerr << "gpu: " << mistake.what() << "; gpu --help lists the options\n";
    return 2;
  }
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  try {
    return firesweep::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "gpu: " << error.what() << "\n";
    return 1;
  }
}
