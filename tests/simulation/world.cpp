#include "tests/simulation/world.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/bugs.h"
#include "tests/simulation/coordinator.h"
#include "tests/simulation/slot.h"
#include "tests/simulation/users.h"

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kLookEvery = milliseconds(500);
constexpr Duration kPatience = minutes(45);  // from the calm to the end
constexpr Duration kRestartTakes = milliseconds(500);
constexpr std::uint64_t kLeaderboardEvery = 4;  // its view takes as long as a tenth of a seed
constexpr int kMostAgendaEntries = 2'000'000;

class World {
 public:
  World(const Plan& plan, Disk& disk, Coverage& coverage, EventLog& log)
      : random_(mixed_bits(plan.seed)),
        setting_{plan, agenda_, random_, log, coverage},
        disk_(disk),
        network_(setting_, ports()),
        promises_(setting_),
        answers_(promises_.ledger()),
        users_({setting_, promises_.ledger(), answers_,
                [this]() -> Coordinator& { return newest(); }}) {
    add_coordinator();
    for (int host = 0; host < plan.hosts; ++host) {
      Host& fresh = add_host("host-" + std::to_string(host));
      for (int slot = 0; slot < plan.slots_per_host; ++slot) add_slot(fresh, slot);
    }
  }

  // Throws Violation.
  void run() {
    const Plan& plan = setting_.plan;
    for (const PlannedSweep& sweep : plan.sweeps) {
      promises_.ledger().expect(sweep.frozen);
      agenda_.at(sweep.submitted_at, [this, &sweep] { users_.submit(sweep.frozen); });
    }
    for (const Planned& planned : plan.calamities) {
      agenda_.at(planned.at, [this, &planned] { strike(planned); });
    }
    agenda_.at(plan.calm_at, [this] { calm_down(); });
    newest().start();
    for (const auto& slot : slots_) {
      agenda_.at(random_.between(Duration(0), milliseconds(100)), [&slot] { slot->start(); });
    }
    look_later();
    for (int entries = 0; !done_ && agenda_.step(); ++entries) {
      if (entries > kMostAgendaEntries) throw Violation("the world does not come to rest");
    }
    disk_.auditor().audit_rows(promises_.ledger());
    if (plan.seed % kLeaderboardEvery == 0) {
      disk_.auditor().audit_leaderboard(promises_.ledger());
    }
  }

  Duration now() const { return agenda_.now(); }

 private:
  Network::Ports ports() {
    return {[this](int coordinator, const PeerId& peer, const std::string& bytes) {
              coordinators_[static_cast<std::size_t>(coordinator)]->arrive(peer, bytes);
            },
            [this](int slot, SocketId socket, const std::string& bytes) {
              slots_[static_cast<std::size_t>(slot)]->arrive(socket, bytes);
            }};
  }

  Coordinator& newest() { return *coordinators_.back(); }

  void add_coordinator() {
    const int number = static_cast<int>(coordinators_.size());
    network_.connect_to(number);
    coordinators_.push_back(std::make_unique<Coordinator>(
        Coordinator::Context{setting_, disk_, network_, promises_, answers_, depot_}, number,
        [this, number] {
          if (number + 1 == static_cast<int>(coordinators_.size())) network_.listening(false);
        }));
  }

  Host& add_host(std::string name) {
    const double drift = setting_.plan.clock_drift * (2 * random_.unit() - 1);
    const Duration offset = random_.between(Duration(0), seconds(100'000));
    hosts_.push_back(
        std::make_unique<Host>(Host{std::move(name), NodeClock(offset, drift), {}, {}}));
    return *hosts_.back();
  }

  void add_slot(Host& host, int number) {
    const int index = static_cast<int>(slots_.size());
    slots_.push_back(
        std::make_unique<Slot>(Slot::Context{setting_, network_, promises_, host, depot_}, index,
                               host.name + "/" + std::to_string(number), sessions_));
    slots_.back()->sent = [this](const event::CheckpointArrived& arrived, const Depot::File& file) {
      if (!newest().up()) return;
      depot_.files[arrived.checkpoint.file] = file;
      newest().store(arrived);
    };
    slots_.back()->died = [this, index] {
      restart_slot(index, random_.between(milliseconds(100), seconds(3)));
    };
    slots_.back()->left = [this, index](AgentExit code) {
      if (code == AgentExit::kRefused) throw Violation("a worker of this build was refused");
      const bool at_once = code == AgentExit::kWedged;
      restart_slot(index, at_once ? kRestartTakes : random_.between(seconds(1), seconds(10)));
    };
  }

  void restart_slot(int index, Duration wait) {
    agenda_.after(wait, [this, index] { slots_[static_cast<std::size_t>(index)]->start(); });
  }

  void restart_coordinator(Duration wait) {
    agenda_.after(wait, [this] {
      if (newest().up()) return;
      network_.listening(true);
      newest().start();
    });
  }

  // ---- calamities

  Slot& slot(std::int64_t target) {
    return *slots_[static_cast<std::size_t>(target) % slots_.size()];
  }

  void strike(const Planned& planned) {
    if (setting_.calm || !befall(planned)) return;
    setting_.say("world", to_string(planned.calamity), " at ", planned.target);
    setting_.coverage.count(planned.calamity);
  }

  // False where there was nobody to befall.
  bool befall(const Planned& planned) {
    switch (planned.calamity) {
      case Calamity::kKillWorker:
        return each_slot(planned, [&](Slot& one, int index) {
          one.kill();
          restart_slot(index, planned.lasts);
        });
      case Calamity::kCrashWorker:
        return each_slot(planned, [&](Slot& one, int) {
          one.kill_amid_effects(1 + static_cast<int>(planned.variant % 2));
        });
      case Calamity::kFreezeWorker:
        return each_slot(planned, [&](Slot& one, int) {
          one.freeze();
          agenda_.after(planned.lasts, [&one] { one.thaw(); });
        });
      case Calamity::kDrainWorker:
        return each_slot(planned, [&](Slot& one, int) { one.drain(); });
      case Calamity::kWedgeTrainer:
        return slot(planned.target < 0 ? 0 : planned.target).wedge();
      case Calamity::kCutNetwork:
        return cut(planned);
      case Calamity::kResetSocket:
        return each_slot(planned, [&](Slot&, int index) { network_.reset(index); });
      case Calamity::kKillCoordinator:
        if (!newest().up()) return false;
        newest().kill();
        restart_coordinator(planned.lasts);
        return true;
      case Calamity::kCrashBeforeCommit:
        return trap(Trap::kCrashBeforeCommit, planned);
      case Calamity::kCrashAfterCommit:
        return trap(Trap::kCrashAfterCommit, planned);
      case Calamity::kCrashAmidSending:
        return trap(Trap::kCrashAmidSending, planned);
      case Calamity::kFailCommitDone:
        return trap(Trap::kFailCommitDone, planned);
      case Calamity::kFailCommitNotDone:
        return trap(Trap::kFailCommitNotDone, planned);
      case Calamity::kRefuseRecord:
        return trap(Trap::kRefuseRecord, planned);
      case Calamity::kFreezeCoordinator:
        return freeze_coordinator(planned.lasts);
      case Calamity::kSuspendMachine:
        network_cut_for_all(planned.lasts);
        return freeze_coordinator(planned.lasts);
      case Calamity::kDrainCoordinator:
        newest().drain();
        revive_after_ = planned.lasts;
        return true;
      case Calamity::kRestoreBackup:
        return back_up(planned.lasts);
      case Calamity::kSubmitAgain:
        users_.submit_again(planned.variant);
        return true;
      case Calamity::kPauseSweep:
        return users_.hold_up(request::Verb::kPause, planned);
      case Calamity::kStopSweep:
        return users_.hold_up(request::Verb::kStop, planned);
      case Calamity::kExtendSweep:
        return users_.extend_a_sweep(planned.variant);
      case Calamity::kRetryFailed:
        return users_.steer_a_sweep(request::Verb::kRetry, planned.variant);
      case Calamity::kRetryTrial:
        return users_.retry_a_trial(planned.variant);
      case Calamity::kReleaseWorker:
        return users_.release_a_worker(planned.variant);
      case Calamity::kCancelTrial:
        return users_.cancel_a_trial(planned.variant);
      case Calamity::kCancelSweep:
        return users_.steer_a_sweep(request::Verb::kCancel, planned.variant);
    }
    return false;
  }

  template <class Action>
  bool each_slot(const Planned& planned, Action action) {
    bool any = false;
    const auto last = setting_.plan.hosts * setting_.plan.slots_per_host;
    for (int index = 0; index < last; ++index) {
      if (planned.target >= 0 && planned.target % last != index) continue;
      Slot& one = *slots_[static_cast<std::size_t>(index)];
      if (!one.alive()) continue;
      action(one, index);
      any = true;
    }
    return any;
  }

  bool cut(const Planned& planned) {
    const Duration until = agenda_.now() + planned.lasts;
    const auto how = planned.variant % 2 == 0 ? Network::Cut::kLoses : Network::Cut::kHolds;
    const bool up = planned.variant % 3 != 1;
    const bool down = planned.variant % 3 != 2;
    for (int index = 0; index < static_cast<int>(slots_.size()); ++index) {
      if (planned.target < 0 ||
          planned.target % static_cast<std::int64_t>(slots_.size()) == index) {
        network_.cut(index, until, how, up, down);
      }
    }
    return true;
  }

  // What is sent to a suspended machine is lost.
  void network_cut_for_all(Duration lasts) {
    for (int index = 0; index < static_cast<int>(slots_.size()); ++index) {
      network_.cut(index, agenda_.now() + lasts, Network::Cut::kLoses, true, false);
    }
  }

  bool trap(Trap trap, const Planned& planned) {
    if (!newest().up()) return false;
    // Half of the traps wait for what is worth a crash.
    const std::int64_t target = planned.variant % 2 == 0 ? 0 : planned.variant / 2 % kTargetSteps;
    newest().set_trap(trap, static_cast<TargetStep>(target));
    // Whoever dies is started again some time later; looking for it covers every way to die.
    revive_after_ = planned.lasts;
    return true;
  }

  bool freeze_coordinator(Duration lasts) {
    Coordinator& one = newest();
    if (!one.up() || one.frozen()) return false;
    one.freeze();
    if (planted(Bug::kTwoCoordinators)) {
      add_coordinator();
      network_.listening(true);
      newest().start();
    }
    agenda_.after(lasts, [&one] { one.thaw(); });
    return true;
  }

  // Taken now, put back later, unless there is calm before. Users hand in again what the backup
  // does not have.
  bool back_up(Duration until_restored) {
    if (!newest().sound()) return false;
    agenda_.after(until_restored, [this, disk = disk_.back_up(), promises = promises_.back_up(),
                                   answers = answers_, files = depot_.files] {
      if (setting_.calm) return;
      if (newest().up()) newest().kill();
      const Generation generation{promises_.generation().value + 1};
      setting_.say("world", "puts a backup back as generation ", generation.value);
      disk_.restore(*disk, generation);
      promises_.restore(promises, generation);
      answers_ = answers;
      depot_.files.insert(files.begin(), files.end());
      for (const PlannedSweep& sweep : setting_.plan.sweeps) {
        if (agenda_.now() >= sweep.submitted_at) submit_later(sweep);
      }
      restart_coordinator(kRestartTakes);
    });
    return true;
  }

  void submit_later(const PlannedSweep& sweep) {
    agenda_.after(2 * kRestartTakes, [this, &sweep] { users_.submit(sweep.frozen); });
  }

  // ---- the end

  void calm_down() {
    setting_.say("world", "calm");
    setting_.calm = true;
    network_.heal();
    for (const auto& one : coordinators_) {
      one->thaw();
      one->set_trap(Trap::kNone);
    }
    for (int index = 0; index < static_cast<int>(slots_.size()); ++index) {
      slots_[static_cast<std::size_t>(index)]->thaw();
      slots_[static_cast<std::size_t>(index)]->kill_amid_effects({});
      restart_slot(index, kRestartTakes);
    }
  }

  void look_later() {
    agenda_.after(kLookEvery, [this] {
      look();
      if (!done_) look_later();
    });
  }

  void look() {
    if (!newest().up() && !reviving_) {
      reviving_ = true;
      agenda_.after(setting_.calm ? kRestartTakes : revive_after_, [this] {
        reviving_ = false;
        restart_coordinator(Duration(0));
      });
    }
    if (!setting_.calm) return;
    if (at_rest()) {
      done_ = true;
      return;
    }
    for (const auto& [id, sweep] : promises_.ledger().sweeps()) {
      if (sweep.state == SweepState::kPaused || sweep.state == SweepState::kStopped) {
        users_.steer({request::Verb::kResume, id, {}});
        break;  // the ledger changes
      }
    }
    if (agenda_.now() - setting_.plan.calm_at > kPatience) throw Violation(why_not_at_rest());
  }

  bool at_rest() {
    if (!promises_.ledger().at_rest() || !newest().at_rest()) return false;
    for (const auto& one : slots_) {
      if (!one->at_rest()) return false;
    }
    return true;
  }

  std::string why_not_at_rest() {
    if (!promises_.ledger().at_rest()) {
      return "calm for long, and the sweeps do not come to their end";
    }
    if (!newest().at_rest()) return "calm for long, and the coordinator does not rest";
    return "calm for long, and a worker still holds what was settled";
  }

  Agenda agenda_;
  Random random_;
  Setting setting_;
  Disk& disk_;
  Depot depot_;
  Network network_;
  Promises promises_;
  Answers answers_;
  Users users_;
  std::vector<std::unique_ptr<Coordinator>> coordinators_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::uint64_t sessions_ = 0;
  Duration revive_after_ = seconds(1);
  bool reviving_ = false;
  bool done_ = false;
};

}  // namespace

Simulator::Simulator() : memory_(make_memory_disk()), torn_(make_torn_disk()) {}
Simulator::~Simulator() = default;

Outcome Simulator::run(std::uint64_t seed, Coverage& coverage, bool keep_log) {
  Outcome outcome;
  outcome.seed = seed;
  EventLog log(keep_log);
  Coverage* const before = std::exchange(coverage_of_thread, &coverage);
  try {
    const Plan plan = make_plan(seed);
    Disk& disk = plan.torn_disk ? *torn_ : *memory_;
    disk.clear();
    World world(plan, disk, coverage, log);
    try {
      world.run();
    } catch (const std::exception& broken) {
      outcome.violation = broken.what();
      log.line(world.now(), "promises", "BROKEN: ", broken.what());
    }
    outcome.simulated = world.now();
  } catch (const std::exception& broken) {
    outcome.violation = broken.what();
  }
  coverage_of_thread = before;
  outcome.log = log.text();
  return outcome;
}

std::string replay_command(std::uint64_t seed) {
  std::string command = "build/release/bin/firesweep-simulate --seeds " + std::to_string(seed) +
                        ".." + std::to_string(seed) + " --log";
  if (planted_bug == Bug::kNone) return command;
  for (const BugStory& story : bugs()) {
    if (story.bug == planted_bug) command += " --bug " + std::string(story.name);
  }
  return command;
}

}  // namespace firesweep::simulation
