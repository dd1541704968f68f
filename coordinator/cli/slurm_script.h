// Batch scripts for Slurm, as a person would write them: workers that join a coordinator, or a
// whole sweep on one node.
#pragma once

#include <optional>
#include <string>

#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

struct SlurmJob {
  std::string sweep_name;
  std::string sweep_file;  // absolute
  // Where the workers' coordinator listens; empty: the job runs the sweep by itself, in `database`.
  std::string coordinator;
  std::string database;           // absolute
  std::optional<SweepId> sweep;   // known: written down; else the script's first argument
  int gpus = 0;                   // of each job; 0: its cores train
  int cores = 4;                  // of each job
  int jobs = 1;                   // an array of so many
  std::string time;               // "4:00:00"
  std::string idle_exit = "10m";  // workers without a trial for so long leave
  std::string partition;          // empty: the cluster's default
  std::string programs;           // folder that holds firesweep and firesweep-worker
  std::string libtorch_root;      // empty: found as firesweep-worker finds it
  std::string data_dir;           // empty: as firesweep-worker finds it
};

// The whole text of the script. A job in it hands its trials back before its time limit and goes
// on in a requeued one; it ends when the sweep ends, or has no trial for it. Pure.
std::string slurm_script(const SlurmJob& job);

// `text` where Slurm reads it as a time limit ("90", "4:00:00", "2-12:00:00"). Pure.
Result<std::string> checked_slurm_time(const std::string& text);

// `text` where firesweep-worker --idle-exit takes it. Pure.
Result<std::string> checked_idle_exit(const std::string& text);

// `text` where it names partitions ("gpu", "gpu,long"). Pure.
Result<std::string> checked_partition(const std::string& text);

}  // namespace firesweep
