#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/new_file.h"
#include "coordinator/cli/slurm_script.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "shared/base/program_path.h"
#include "shared/base/shell.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr int kMostJobs = 1000;
constexpr int kMostGpus = 64;
constexpr int kMostCores = 1024;
constexpr int kCoresEach = 4;  // for a GPU, or without one for a job

// How a coordinator is started that other hosts reach.
const std::vector<std::string> kServeForOthers{"firesweep", "serve", "--listen", "tcp://*:5555"};

Result<int> checked_number(const Parsed& parsed, const char* name, int least, int most,
                           int left_out) {
  const int number = parsed.get<int>(name).value_or(left_out);
  if (number >= least && number <= most) return number;
  return fail(ErrorCode::kBadInput, "--" + std::string(name),
              "found " + std::to_string(number) + ", expected " + std::to_string(least) + " to " +
                  std::to_string(most));
}

// The coordinator that workers of other hosts reach; empty with --standalone.
Result<std::string> coordinator_of(const Parsed& parsed, int jobs) {
  if (parsed.has("standalone")) {
    for (const char* other : {"coordinator", "array"}) {
      if (!parsed.has(other) || (jobs == 1 && std::string_view(other) == "array")) continue;
      return fail(ErrorCode::kBadInput, "--standalone",
                  "found --" + std::string(other) + " as well, expected one of the two",
                  "a job that runs a whole sweep has its own coordinator, on one node");
    }
    return std::string();
  }
  if (parsed.has("db")) {
    return fail(ErrorCode::kBadInput, "--db", "found it without --standalone",
                "workers reach a coordinator: name it with --coordinator");
  }
  const char* set = std::getenv("FIRESWEEP_COORDINATOR");
  std::string address = parsed.get<std::string>("coordinator").value_or(set != nullptr ? set : "");
  if (!address.empty()) return address;
  return fail(ErrorCode::kBadInput, "--coordinator",
              "missing, expected where the workers' coordinator listens",
              "on the login node: " + shell_command(kServeForOthers) +
                  " (anyone who reaches that port can use it), then --coordinator tcp://HOST:5555; "
                  "or --standalone");
}

Result<SlurmJob> job_of(const Parsed& parsed, const request::Submit& submission) {
  const auto gpus = checked_number(parsed, "gpus", 0, kMostGpus, 0);
  if (!gpus) return tl::unexpected(gpus.error());
  const auto cores =
      checked_number(parsed, "cores", 1, kMostCores, kCoresEach * std::max(1, *gpus));
  if (!cores) return tl::unexpected(cores.error());
  const auto jobs = checked_number(parsed, "array", 1, kMostJobs, 1);
  if (!jobs) return tl::unexpected(jobs.error());
  auto time = checked_slurm_time(parsed.value<std::string>("time"));
  if (!time) return tl::unexpected(time.error());
  const auto spec =
      decode_sweep(submission.spec_text, submission.spec_name, kRulesVersion, submission.origins);
  if (!spec) return tl::unexpected(spec.error());
  auto coordinator = coordinator_of(parsed, *jobs);
  if (!coordinator) return tl::unexpected(coordinator.error());

  SlurmJob job;
  job.sweep_name = spec->name;
  job.sweep_file = fs::absolute(parsed.positional[0]).string();
  job.coordinator = *std::move(coordinator);
  job.database = fs::absolute(parsed.get<std::string>("db").value_or(kDefaultDatabase)).string();
  job.gpus = *gpus;
  job.cores = *cores;
  job.jobs = *jobs;
  job.time = *std::move(time);
  if (const auto named = parsed.get<std::string>("partition")) {
    auto partition = checked_partition(*named);
    if (!partition) return tl::unexpected(partition.error());
    job.partition = *std::move(partition);
  }
  auto idle = checked_idle_exit(parsed.value<std::string>("idle-exit"));
  if (!idle) return tl::unexpected(idle.error());
  job.idle_exit = *std::move(idle);
  job.programs = program_folder().string();
  if (const char* root = std::getenv("LIBTORCH_ROOT")) job.libtorch_root = root;
  if (const auto folder = parsed.get<std::string>("data-dir"))
    job.data_dir = fs::absolute(*folder).string();
  return job;
}

// Hands the sweep to the coordinator; its number.
Result<SweepId> submit(const std::string& coordinator, request::Submit submission) {
  const auto submitted = answer_of<reply::Submitted>(
      control(Target{std::nullopt, coordinator}, {kClientProtocolVersion, std::move(submission)}));
  if (!submitted) return tl::unexpected(submitted.error());
  return submitted->sweep;
}

// Becomes sbatch; returns only where that fails.
Error become_sbatch(const std::string& script) {
  std::cout << std::flush;
  ::execlp("sbatch", "sbatch", script.c_str(), static_cast<char*>(nullptr));
  return {
      ErrorCode::kNotFound, "sbatch", std::strerror(errno),
      "run this where Slurm is, as on the cluster's login node: sbatch " + shell_quoted(script)};
}

}  // namespace

int verb_slurm(const Words& words) {
  const Usage usage{
      "slurm", "SWEEP.json",
      "Writes a batch script for Slurm: workers that join the coordinator, hand their trials back\n"
      "before the time limit, are queued again, and leave when the sweep has come to its end.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("gpus", po::value<int>()->value_name("N")->required(),
                        "GPUs of each job, each trains a trial; 0: its cores train")(
      "cores", po::value<int>()->value_name("N"), "cores of each job (default: 4 a GPU, else 4)")(
      "array", po::value<int>()->value_name("K"), "so many jobs (default: 1)")(
      "time", po::value<std::string>()->value_name("LIMIT")->default_value("4:00:00"),
      "time limit of a job; the sweep may take longer")(
      "partition", po::value<std::string>()->value_name("P"), "default: the cluster's")(
      "coordinator", po::value<std::string>()->value_name("ADDR"),
      "where the coordinator listens (env FIRESWEEP_COORDINATOR)")(
      "standalone", "no coordinator elsewhere: one job on one node runs the whole sweep")(
      "db", po::value<std::string>()->value_name("FILE"),
      "with --standalone: its database (default: sweeps.db in this folder)")(
      "idle-exit", po::value<std::string>()->value_name("TIME")->default_value("10m"),
      "a job whose slots had no trial for so long ends")(
      "data-dir", po::value<std::string>()->value_name("DIR"), "folder with the images")(
      "output,o", po::value<std::string>()->value_name("FILE"),
      "the script (default: SWEEP.sbatch in this folder)")(
      "submit", "hand the sweep to the coordinator and the script to sbatch");
  add_architectures_option(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  auto submission = read_submission(parsed.positional[0], parsed.get<std::string>("architectures"));
  if (!submission) return report_error(usage.verb, submission.error());
  const std::string script = parsed.get<std::string>("output").value_or(
      fs::path(parsed.positional[0]).stem().string() + ".sbatch");
  auto job = job_of(parsed, *submission);
  if (!job) return report_error(usage.verb, job.error());
  const bool joins = !job->coordinator.empty();
  if (parsed.has("submit") && joins) {
    auto sweep = submit(job->coordinator, std::move(*submission));
    if (!sweep) return report_error(usage.verb, sweep.error());
    job->sweep = *sweep;
    std::cout << "sweep " << sweep->value << " is with " << job->coordinator << "\n";
  }
  if (const auto written = write_new_file(script, slurm_script(*job), "script"); !written)
    return report_error(usage.verb, written.error());
  if (parsed.has("submit")) return report_error(usage.verb, become_sbatch(script));

  std::cout << "wrote " << script << "\n\nNext:\n";
  if (joins) {
    std::cout << "  "
              << shell_command({"firesweep", "submit", parsed.positional[0], "--coordinator",
                                job->coordinator})
              << "   # prints the sweep's number\n";
  }
  std::cout << "  " << shell_command({"sbatch", script}) << (joins ? " NUMBER" : "") << "\n";
  return kDone;
}

}  // namespace firesweep
