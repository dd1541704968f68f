#include "coordinator/cli/slurm_script.h"

#include <algorithm>
#include <chrono>
#include <regex>

#include "shared/base/duration.h"
#include "shared/base/shell.h"

namespace firesweep {
namespace {

// A worker leaves within ten seconds of its batch's end (PROMISES §4), and Slurm may signal up to a
// minute early.
constexpr int kLeaveSeconds = 60;

constexpr const char* kWorkersBody = R"(
# The sweep's end ends the job. A coordinator that is away for a while does not.
(
  until firesweep list --coordinator "$coordinator" > /dev/null 2>&1; do sleep 10; done
  exec firesweep wait "$sweep" --coordinator "$coordinator"
) &
ended=$!

requeue=no
leave() { kill -TERM "$worker" 2> /dev/null; }
trap 'requeue=yes; leave' USR1  # the time limit is near: trials are handed back, the job is queued again
trap leave TERM                 # preempted (Slurm queues the job again) or cancelled

code=0
wait -n "$worker" "$ended" || code=$?
leave
while kill -0 "$worker" 2> /dev/null; do
  wait "$worker"
  code=$?
done
kill "$ended" 2> /dev/null
[[ $requeue == no ]] || exec scontrol requeue "$SLURM_JOB_ID"
exit "$code"
)";

constexpr const char* kStandaloneBody = R"(
requeue=no
leave() { kill -TERM "$run" 2> /dev/null; }
trap 'requeue=yes; leave' USR1  # the time limit is near: trials checkpoint, the job is queued again
trap leave TERM                 # preempted (Slurm queues the job again) or cancelled

wait "$run"
code=$?
while kill -0 "$run" 2> /dev/null; do
  wait "$run"
  code=$?
done
[[ $requeue == no || $code == 0 ]] || exec scontrol requeue "$SLURM_JOB_ID"
exit "$code"
)";

// Slurm takes names with blanks badly, and % in a file name as a pattern.
std::string plain_name(std::string name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  std::replace_if(name.begin(), name.end(), [&](char c) { return !plain(c); }, '-');
  return name.empty() ? "firesweep" : name;
}

// For comments, which end with their line.
std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string purpose(const SlurmJob& job) {
  if (job.coordinator.empty()) {
    return "# Runs the sweep " + one_line(job.sweep_name) +
           " on one node, with its coordinator. Made by `firesweep slurm`, yours to edit.\n"
           "# The same script again goes on where it stopped.\n";
  }
  return "# Workers for the sweep " + one_line(job.sweep_name) +
         ". Made by `firesweep slurm`, yours to edit.\n# They join the coordinator, and leave when "
         "the sweep has come to its end, or has no trial for them.\n";
}

std::string directives(const SlurmJob& job) {
  const std::string name = plain_name(job.sweep_name);
  const auto line = [](const std::string& option) { return "#SBATCH --" + option + "\n"; };
  std::string text = line("job-name=" + name);
  if (job.jobs > 1) text += line("array=1-" + std::to_string(job.jobs));
  if (!job.partition.empty()) text += line("partition=" + job.partition);
  text += line("nodes=1") + line("ntasks=1") + line("cpus-per-task=" + std::to_string(job.cores));
  if (job.gpus > 0) text += line("gres=gpu:" + std::to_string(job.gpus));
  return text + line("time=" + job.time) + line("signal=B:USR1@" + std::to_string(kLeaveSeconds)) +
         line("requeue") + line("open-mode=append") +
         line("output=" + name + (job.jobs > 1 ? "-%A_%a" : "-%j") + ".log");
}

std::string environment(const SlurmJob& job) {
  std::string text = "set -u\nexport PATH=" + shell_quoted(job.programs) + ":$PATH\n";
  if (!job.libtorch_root.empty())
    text += "export LIBTORCH_ROOT=" + shell_quoted(job.libtorch_root) + "\n";
  return text;
}

std::string data_words(const SlurmJob& job) {
  return job.data_dir.empty() ? "" : " --data-dir " + shell_quoted(job.data_dir);
}

// A slot a GPU, or a core without one. Slurm may leave the node's other cores visible.
std::string share(const SlurmJob& job, const std::string& slots_option) {
  const int slots = job.gpus > 0 ? job.gpus : job.cores;
  return " --device " + std::string(job.gpus > 0 ? "cuda" : "cpu") + slots_option +
         std::to_string(slots) + " --threads " + std::to_string(std::max(1, job.cores / slots));
}

std::string workers(const SlurmJob& job) {
  const std::string number = job.sweep ? std::to_string(job.sweep->value)
                                       : "${1:?expected the number that firesweep submit printed}";
  return "coordinator=" + shell_quoted(job.coordinator) + "\nsweep=" + number +
         "\n\nfiresweep-worker --coordinator \"$coordinator\" --name \"$(hostname "
         "-s)-$SLURM_JOB_ID\""
         " \\\n " +
         share(job, " --slots ") + data_words(job) + " --idle-exit " + shell_quoted(job.idle_exit) +
         " &\nworker=$!\n" + kWorkersBody;
}

std::string standalone(const SlurmJob& job) {
  return "\nfiresweep run " + shell_quoted(job.sweep_file) + " --db " + shell_quoted(job.database) +
         " --yes --plain \\\n " + share(job, " --workers ") + data_words(job) + " &\nrun=$!\n" +
         kStandaloneBody;
}

}  // namespace

std::string slurm_script(const SlurmJob& job) {
  return "#!/bin/bash\n" + purpose(job) + directives(job) + "\n" + environment(job) +
         (job.coordinator.empty() ? standalone(job) : workers(job));
}

Result<std::string> checked_slurm_time(const std::string& text) {
  static const std::regex limit(R"((\d{1,4}-\d{1,2}(:\d{1,2}){0,2}|\d{1,6}(:\d{1,2}){0,2}))");
  if (std::regex_match(text, limit)) return text;
  return fail(ErrorCode::kBadInput, "--time",
              "found \"" + text + "\", expected a time limit as Slurm takes it",
              "as in 90 (minutes), 4:00:00 or 2-12:00:00 (days-hours)");
}

Result<std::string> checked_partition(const std::string& text) {
  static const std::regex names(R"([A-Za-z0-9_.,-]+)");
  if (std::regex_match(text, names)) return text;
  return fail(ErrorCode::kBadInput, "--partition",
              "found \"" + text + "\", expected a partition's name", "`sinfo` lists them");
}

Result<std::string> checked_idle_exit(const std::string& text) {
  const auto time = parse_duration(text);
  if (time && *time >= std::chrono::seconds(1)) return text;
  return fail(ErrorCode::kBadInput, "--idle-exit",
              "found \"" + text + "\", expected a duration from one second",
              "as in 10m, 90s or 1h30m");
}

}  // namespace firesweep
