#include "coordinator/cli/slurm_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace firesweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SlurmJob workers_of_a_cluster() {
  SlurmJob job;
  job.sweep_name = "cifar100-variants";
  job.sweep_file = "/home/me/sweep.json";
  job.coordinator = "tcp://login:5555";
  job.gpus = 2;
  job.cores = 8;
  job.jobs = 4;
  job.time = "4:00:00";
  job.partition = "gpu";
  job.programs = "/opt/fire sweep/bin";
  return job;
}

// Whether bash can read the script.
bool parses(const std::string& script) {
  std::FILE* bash = ::popen("bash -n", "w");
  if (bash == nullptr) return false;
  std::fputs(script.c_str(), bash);
  return ::pclose(bash) == 0;
}

TEST(SlurmScript, AsksForWhatEachJobNeedsAndLeavesBeforeTheLimit) {
  const std::string script = slurm_script(workers_of_a_cluster());
  EXPECT_TRUE(parses(script)) << script;
  EXPECT_EQ(script.find("#!/bin/bash\n"), 0u);
  for (const char* line :
       {"job-name=cifar100-variants", "array=1-4", "partition=gpu", "gres=gpu:2", "cpus-per-task=8",
        "time=4:00:00", "signal=B:USR1@60", "requeue", "output=cifar100-variants-%A_%a.log"}) {
    EXPECT_THAT(script, HasSubstr("\n#SBATCH --" + std::string(line) + "\n"));
  }
  EXPECT_THAT(script, HasSubstr("export PATH='/opt/fire sweep/bin':$PATH\n"));
  EXPECT_THAT(script, HasSubstr("--device cuda --slots 2 --threads 4 --idle-exit 10m &\n"));
  EXPECT_THAT(script, HasSubstr("sweep=${1:?expected the number that firesweep submit printed}\n"));
  EXPECT_THAT(script, HasSubstr("exec scontrol requeue \"$SLURM_JOB_ID\""));
}

TEST(SlurmScript, WithoutGpusTheCoresTrain) {
  SlurmJob job = workers_of_a_cluster();
  job.gpus = 0;
  job.jobs = 1;
  job.sweep = SweepId{7};
  job.partition = "";
  const std::string script = slurm_script(job);
  EXPECT_TRUE(parses(script)) << script;
  EXPECT_THAT(script, HasSubstr("--device cpu --slots 8 --threads 1"));
  EXPECT_THAT(script, HasSubstr("\nsweep=7\n"));
  EXPECT_THAT(script, HasSubstr("output=cifar100-variants-%j.log\n"));
  for (const char* without : {"gres", "--array", "--partition"})
    EXPECT_THAT(script, Not(HasSubstr(without)));
}

TEST(SlurmScript, StandaloneRunsTheSweepWithItsOwnCoordinator) {
  SlurmJob job = workers_of_a_cluster();
  job.coordinator = "";
  job.database = "/home/me/it's.db";
  job.jobs = 1;
  job.data_dir = "/data sets";
  job.libtorch_root = "/opt/torch";
  const std::string script = slurm_script(job);
  EXPECT_TRUE(parses(script)) << script;
  EXPECT_THAT(script, HasSubstr("firesweep run /home/me/sweep.json --db '/home/me/it'\\''s.db'"));
  EXPECT_THAT(script, HasSubstr("--device cuda --workers 2 --threads 4 --data-dir '/data sets'"));
  EXPECT_THAT(script, HasSubstr("export LIBTORCH_ROOT=/opt/torch\n"));
  EXPECT_THAT(script, Not(HasSubstr("firesweep-worker")));
}

TEST(SlurmScript, ASweepsNameBreaksNoLine) {
  SlurmJob job = workers_of_a_cluster();
  job.sweep_name = "a b\n#SBATCH --uid=0 %j";
  const std::string script = slurm_script(job);
  EXPECT_TRUE(parses(script)) << script;
  EXPECT_THAT(script, HasSubstr("\n#SBATCH --job-name=a-b--SBATCH---uid-0--j\n"));
  EXPECT_THAT(script, Not(HasSubstr("\n#SBATCH --uid=0")));
}

TEST(SlurmScript, TimeLimitsAndPartitionsAreChecked) {
  for (const char* good : {"90", "4:00:00", "30:00", "2-12", "2-12:00:00"})
    EXPECT_TRUE(checked_slurm_time(good)) << good;
  for (const char* bad : {"", "4h", "1:2:3:4", "1 2", "-1", "1\n2"})
    EXPECT_FALSE(checked_slurm_time(bad)) << bad;
  EXPECT_TRUE(checked_partition("gpu,long-2"));
  EXPECT_FALSE(checked_partition("gpu long"));
  EXPECT_FALSE(checked_partition(""));
}

TEST(SlurmScript, TheTimeOfIdlenessIsWhatAWorkerTakes) {
  SlurmJob job = workers_of_a_cluster();
  job.idle_exit = *checked_idle_exit("1h 30m");
  EXPECT_THAT(slurm_script(job), HasSubstr("--idle-exit '1h 30m' &\n"));
  EXPECT_TRUE(parses(slurm_script(job)));
  for (const char* text : {"", "0", "soon", "10 minutes", "$(id)"}) {
    const auto time = checked_idle_exit(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().where, "--idle-exit");
  }
}

}  // namespace
}  // namespace firesweep
