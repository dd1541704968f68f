// A sweep of simulated trials through real processes (a coordinator, supervisors, slots) while a
// seeded script kills, stops and starves them; and what has to be true in the end. It injects from
// outside alone: signals, a full disk and, between hosts, a bad network.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace firesweep::e2e {

enum class Fault {
  kKillSlot,
  kKillSupervisor,  // and with it its slots
  kKillCoordinator,
  kStopSlot,  // SIGSTOP for longer than a lease, then SIGCONT
  kStopSupervisor,
  kStopCoordinator,
  kFillDisk
};

struct ChaosOptions {
  std::uint64_t seed = 1;
  int trials = 2000;
  int workers = 8;      // slots in all, two to a supervisor
  double seconds = 90;  // of work for all workers together: no run can be shorter
  int kills = 210;
  std::chrono::milliseconds lease{2000};
  bool hosts = false;  // on three hosts with a bad network between them, in place of one
  bool keep = false;   // logs and database, also where nothing is broken
};

struct FaultAt {
  std::chrono::milliseconds at;  // after the workers' start
  Fault fault;
  std::uint64_t choice;  // picks the victim among those alive
  std::chrono::milliseconds
      lasts;  // until SIGCONT, restart or free space; a slot's restart is its supervisor's
};

// Every fault of a run in the order of time: `kills` kills, a sixth of them of coordinators and a
// sixth of supervisors, one stop for seven kills, and one full disk for thirty. Nine tenths of
// `seconds` long. Pure.
std::vector<FaultAt> chaos_script(const ChaosOptions& options);

struct ChaosReport {
  std::map<Fault, int> injected;
  double seconds = 0;  // from the submission until the sweep was FINISHED
  double trials_per_second = 0;
  int failed_commits = 0;
  int refused_starts = 0;  // of a coordinator, by a full disk
  std::int64_t attempts = 0;
  std::int64_t lost = 0;
  std::int64_t superseded = 0;
  std::int64_t acknowledged = 0;    // results of which a worker was told that they are stored
  std::string network;              // what it did, where there was a bad one
  std::string impossible;           // why no run can be made here; then there is nothing else
  std::string skipped;              // which fault could not be made here, and why
  std::vector<std::string> broken;  // promises that did not hold; empty is success
  std::string
      kept;  // the folder with logs and database, where something is broken or it was asked for

  int kills() const;
  std::string summary(const ChaosOptions& options) const;  // one line
};

// Runs one sweep to its end and judges it. Three hosts need root and network namespaces. Returns
// with every process ended and reaped, whatever happened. One at a time in a process; call from the
// main thread, which must be the only one (see SmallDisk).
ChaosReport run_chaos(const ChaosOptions& options);

}  // namespace firesweep::e2e
