// What a seed decides before anything happens: the sweeps, the machines, the weather on the
// network and the calamities with their times. Everything else follows from it and from one stream
// of random numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep::simulation {

struct PlannedSweep {
  std::shared_ptr<const FrozenSweep> frozen;
  Duration submitted_at{0};
  std::string larger;  // the text of a file with more trials
  std::string longer;  // of one with more epochs; empty: none
  // Those; null where nobody extends a sweep, or there is none.
  std::shared_ptr<const FrozenSweep> extended;
  std::shared_ptr<const FrozenSweep> lengthened;
};

enum class Calamity {
  kKillWorker,         // kill -9; the supervisor starts another process
  kCrashWorker,        // the same, between two effects of one turn of its loop
  kFreezeWorker,       // SIGSTOP, later SIGCONT
  kDrainWorker,        // SIGTERM
  kWedgeTrainer,       // its training thread never comes back
  kCutNetwork,         // a worker, or everybody, and the coordinator do not reach each other
  kResetSocket,        // a connection breaks and is made again; the worker's agent is not told
  kKillCoordinator,    // kill -9 between two steps
  kCrashBeforeCommit,  // in the next step that commits or sends: before the commit,
  kCrashAfterCommit,   // after it and before anything is sent,
  kCrashAmidSending,   // or after some of it was sent
  kFailCommitDone,     // the next commit fails, though its records are on the disk
  kFailCommitNotDone,  // the next commit fails, and they are not
  kRefuseRecord,       // the database refuses one record of the next commit
  kFreezeCoordinator,  // SIGSTOP, later SIGCONT; the kernel keeps what arrives
  kSuspendMachine,     // the same, but what is sent meanwhile is lost
  kDrainCoordinator,   // SIGTERM; somebody starts it again
  kRestoreBackup,      // a backup is made, and later put back; workers live on
  kSubmitAgain,
  kPauseSweep,  // and resumed later
  kStopSweep,   // the same
  kExtendSweep,
  kRetryFailed,
  kRetryTrial,
  kReleaseWorker,
  kCancelTrial,
  kCancelSweep,
};
inline constexpr int kCalamities = static_cast<int>(Calamity::kCancelSweep) + 1;
std::string_view to_string(Calamity calamity);

// What a seed is about. In one without a theme everything is by chance; a theme brings together
// what must meet for some mistakes to show, and would not meet in thousands of seeds.
enum class Theme {
  kNone,
  kRelay,     // trials of several epochs go from host to host without their checkpoints, while the
              // coordinator falls too
  kEdge,      // workers come back when their lease has just ended, and wait in the socket of a
              // coordinator that is stopped just then
  kDeaf,      // workers are heard and hear nothing, at the beginning, when they are welcomed, and
              // later for longer than two leases; or nothing comes through, and late
  kLateStop,  // trials are stopped early, and end before they hear of it, after their lease
};

struct Planned {
  Duration at{0};
  Calamity calamity = Calamity::kKillWorker;
  std::int64_t target = 0;  // a worker, sweep or trial, modulo how many there are; negative: all
  Duration lasts{0};
  std::int64_t variant = 0;  // of the calamity
};

// How the network treats frames while the weather lasts.
struct NetworkFaults {
  double loss = 0;
  double duplication = 0;
  double slowness = 0;  // share of frames that take up to `slowest`
  Duration typical{500};
  Duration slowest{0};
};

struct Plan {
  std::uint64_t seed = 0;
  Theme theme = Theme::kNone;
  std::vector<PlannedSweep> sweeps;

  int hosts = 1;
  int slots_per_host = 1;
  double clock_drift = 0;  // the most by which any clock runs fast or slow

  Duration heartbeat_every{0};
  Duration lease{0};
  Duration stall_floor{0};       // of the coordinator and the agents
  Duration agent_first_unit{0};  // the agent's patience before the first unit
  bool patient_agents = false;   // agents of another build, that hardly ever call a trainer wedged
  Duration live_every{0};

  Duration epoch_takes{0};  // zero: trials that take no time
  int units_per_epoch = 1;
  Duration preparation{0};  // of a trial's data and model
  double error_rate = 0;    // of attempts

  bool checkpoints_travel = false;
  Duration upload_takes{0};  // the longest
  Duration upload_limit{0};  // a trial handed back waits for its checkpoint
  double upload_loss = 0;    // share of uploads that never arrive
  double fetch_loss = 0;
  std::int64_t checkpoint_bytes = 0;  // room at the coordinator; each has 100

  NetworkFaults weather;
  std::vector<Planned> calamities;  // by time
  Duration calm_at{0};              // from here on nothing goes wrong
  bool torn_disk = false;           // on a disk that loses and tears what was not synchronised
};

// The plan of a seed. Pure.
Plan make_plan(std::uint64_t seed);

}  // namespace firesweep::simulation
