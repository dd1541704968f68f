#include "tests/e2e/chaos.h"

#include <signal.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "tests/e2e/chaos_disk.h"
#include "tests/e2e/chaos_ground.h"
#include "tests/e2e/chaos_judge.h"
#include "tests/e2e/chaos_stopped.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr int kEpochs = 3;
constexpr int kSlotsPerSupervisor = 2;
constexpr int kBeatsPerLease = 5;
constexpr std::int64_t kDiskBytes = 48 << 20;
constexpr milliseconds kLookEvery{200};
constexpr milliseconds kRefusedStart{300};
constexpr milliseconds kFullAtMost{4000};  // beyond its time, where no commit fails meanwhile
constexpr seconds kGrace{30};              // for what takes a moment
constexpr int kPortsTried = 20;

std::string in_seconds(milliseconds time) {
  return std::to_string(std::chrono::duration<double>(time).count());
}

struct Supervisor {
  std::string name;
  std::optional<Process> process;
  Time start_at;  // where there is no process
};

// One run. Single-threaded; every member function returns soon, except for start-up and take-down.
class Chaos {
 public:
  explicit Chaos(const ChaosOptions& options) : options_(options), script_(chaos_script(options)) {
    disk_ = SmallDisk::mount(data_, kDiskBytes, report_.skipped);
    if (!disk_)
      std::erase_if(script_, [](const FaultAt& one) { return one.fault == Fault::kFillDisk; });
    ground_ = options.hosts ? three_hosts(options, folder_.path(), checkpoints_, report_.impossible)
                            : one_host(options, folder_.path(), checkpoints_);
    for (int i = 0; i * kSlotsPerSupervisor < options.workers; ++i) {
      const std::string number = std::to_string(i);
      supervisors_.push_back(
          {folder_.path().filename().string() + "-" + std::string(2 - number.size(), '0') + number,
           std::nullopt,
           {}});
    }
  }

  ChaosReport run() {
    if (!ground_) return report_;
    if (find_address() && let_in() && submit() && start_workers()) {
      begin_ = Clock::now();
      ground_->trouble();
      const auto patience =
          seconds(120) + milliseconds(static_cast<std::int64_t>(3000 * options_.seconds));
      if (!eventually([this] { return step(Clock::now()); }, patience)) {
        broken("the sweep did not end: " + ask(database_, "SELECT state FROM sweeps") + " with " +
               std::to_string(results_) + " results");
      }
      ground_->calm();
      expect_idle();
      take_down();
      report_.network = ground_->figures();
      judge(evidence(), report_);
    }
    if (options_.keep || !report_.broken.empty()) keep();
    return report_;
  }

 private:
  void broken(const std::string& promise) { report_.broken.push_back(promise); }

  // ---- processes ----

  Process coordinator_process() {
    return ground_->coordinator(
        address_,
        {"serve", "--db", database_.string(), "--lease", in_seconds(options_.lease), "--heartbeat",
         in_seconds(options_.lease / kBeatsPerLease), "--log-file", coordinator_log_.string()});
  }

  void start(std::size_t index) {
    Supervisor& supervisor = supervisors_[index];
    const int before = static_cast<int>(index) * kSlotsPerSupervisor;
    const int slots = std::min(kSlotsPerSupervisor, options_.workers - before);
    supervisor.process.emplace(ground_->worker(
        index, address_,
        {"--slots", std::to_string(slots), "--threads", "1", "--device", "cpu", "--log-level",
         "debug", "--name", supervisor.name, "--log-file", log_of(supervisor).string()}));
  }

  fs::path log_of(const Supervisor& supervisor) const {
    return folder_ / (supervisor.name + ".log");
  }

  bool announced() const {
    return coordinator_->out().find("\n  firesweep-worker") != std::string::npos;
  }

  bool find_address() {
    for (int i = 0; i < kPortsTried; ++i) {
      address_ = ground_->address();
      coordinator_.emplace(coordinator_process());
      eventually([this] { return announced() || !coordinator_->running(); }, kGrace);
      if (announced()) return true;
    }
    broken("no coordinator came up: " + coordinator_->err());
    return false;
  }

  bool let_in() {
    const std::string wrong = ground_->let_in(address_);
    if (!wrong.empty()) broken("nobody can be invited: " + wrong);
    return wrong.empty();
  }

  bool start_workers() {
    for (std::size_t i = 0; i < supervisors_.size(); ++i) start(i);
    const std::string come =
        "SELECT count(*) >= " + std::to_string(options_.workers) + " FROM workers";
    if (eventually([&] { return ask(database_, come) == "1"; }, 4 * kGrace)) return true;
    broken("the workers did not come: " + supervisors_.front().process->err());
    return false;
  }

  // Lost leases are meant here, so that no number of them may end a trial.
  bool submit() {
    const double epoch = options_.seconds * options_.workers / options_.trials / kEpochs;
    const std::string sweep = simulated_sweep("chaos", options_.trials, kEpochs, epoch);
    const std::string file =
        write(folder_ / "sweep.json", "{\"max_restarts\": 1000, " + sweep.substr(1));
    Process client = ground_->client(address_, {"submit", file});
    const bool left = eventually([&] { return !client.running(); }, kGrace);
    if (left && client.wait() == 0) return true;
    broken("the sweep could not be submitted: " + client.err());
    return false;
  }

  // Slots of the first supervisor, from the chosen one on, that has any.
  std::vector<pid_t> some_slots(std::uint64_t choice) const {
    for (std::size_t i = 0; i < supervisors_.size(); ++i) {
      const Supervisor& supervisor = supervisors_[(choice + i) % supervisors_.size()];
      if (!supervisor.process) continue;
      std::vector<pid_t> slots = processes_with("--name " + supervisor.name);
      std::erase(slots, supervisor.process->pid());
      if (!slots.empty()) return slots;
    }
    return {};
  }

  Supervisor* some_supervisor(std::uint64_t choice) {
    for (std::size_t i = 0; i < supervisors_.size(); ++i) {
      Supervisor& supervisor = supervisors_[(choice + i) % supervisors_.size()];
      if (supervisor.process) return &supervisor;
    }
    return nullptr;
  }

  // ---- one look at the world ----

  // True when the script is over, nothing of it is left, and the sweep has ended.
  bool step(Time now) {
    undo(now);
    revive(now);
    if (next_ < script_.size() && now >= begin_ + script_[next_].at &&
        inject(script_[next_], now)) {
      ++report_.injected[script_[next_].fault];
      ++next_;
    }
    if (now - looked_ < kLookEvery) return false;
    looked_ = now;
    look(now);
    return finished_ && next_ == script_.size() && at_peace();
  }

  bool at_peace() const {
    return !full_until_ && stopped_.empty() && coordinator_ && announced() &&
           std::all_of(supervisors_.begin(), supervisors_.end(),
                       [](const Supervisor& supervisor) { return supervisor.process.has_value(); });
  }

  void look(Time now) {
    const std::string count = ask(database_, "SELECT count(*) FROM results");
    if (count.empty()) return;  // the database is being recovered
    const int results = std::stoi(count);
    if (results < results_)
      broken("results went from " + std::to_string(results_) + " back to " + count);
    results_ = results;
    if (finished_ || ask(database_, "SELECT state FROM sweeps") != "FINISHED") return;
    finished_ = true;
    report_.seconds = std::chrono::duration<double>(now - begin_).count();
    report_.trials_per_second = options_.trials / report_.seconds;
  }

  // ---- faults ----

  // False where there is no victim just now.
  bool inject(const FaultAt& one, Time now) {
    switch (one.fault) {
      case Fault::kKillSlot:
        return kill_slot(one);
      case Fault::kKillSupervisor: {
        Supervisor* supervisor = some_supervisor(one.choice);
        if (supervisor == nullptr) return false;
        kill_and_reap(supervisor->process);
        supervisor->start_at = now + one.lasts;
        return true;
      }
      case Fault::kKillCoordinator:
        if (!coordinator_) return false;
        kill_and_reap(coordinator_);
        coordinator_start_ = now + one.lasts;
        return true;
      case Fault::kStopSlot: {
        const std::vector<pid_t> slots = some_slots(one.choice);
        return !slots.empty() && stopped_.stop(slots[one.choice % slots.size()], now + one.lasts);
      }
      case Fault::kStopSupervisor: {
        const Supervisor* supervisor = some_supervisor(one.choice);
        return supervisor != nullptr && stopped_.stop(supervisor->process->pid(), now + one.lasts);
      }
      case Fault::kStopCoordinator:
        return coordinator_ && stopped_.stop(coordinator_->pid(), now + one.lasts);
      case Fault::kFillDisk:
        full_until_ = now + one.lasts;
        failed_before_ = failed_commits();
        return true;
    }
    return true;
  }

  bool kill_slot(const FaultAt& one) {
    const std::vector<pid_t> slots = some_slots(one.choice);
    if (slots.empty()) return false;
    const pid_t victim = slots[one.choice % slots.size()];
    stopped_.forget(victim);
    return ::kill(victim, SIGKILL) == 0;
  }

  void kill_and_reap(std::optional<Process>& process) {
    stopped_.forget(process->pid());
    process->signal(SIGKILL);
    if (!eventually([&] { return !process->running(); }, kGrace))
      broken("SIGKILL did not end a process");
    process.reset();
  }

  void undo(Time now) {
    stopped_.wake(now);
    if (!full_until_) return;
    const bool met = now >= *full_until_ && failed_commits() > failed_before_;
    if (met || now >= *full_until_ + kFullAtMost) {
      free_disk(now);
    } else {
      disk_->fill();  // what was freed meanwhile, too
    }
  }

  void free_disk(Time now) {
    if (disk_) disk_->empty();
    full_until_.reset();
    was_full_ = now;
  }

  int failed_commits() const { return e2e::failed_commits(coordinator_log_); }

  void revive(Time now) {
    if (coordinator_ && !coordinator_->running()) coordinator_died(now);
    if (!coordinator_ && now >= coordinator_start_) coordinator_.emplace(coordinator_process());
    for (std::size_t i = 0; i < supervisors_.size(); ++i) {
      Supervisor& supervisor = supervisors_[i];
      if (supervisor.process && !supervisor.process->running()) {
        broken(supervisor.name + " left by itself with code " +
               std::to_string(supervisor.process->wait()) + ": " + supervisor.process->err());
        supervisor.process.reset();
      }
      if (supervisor.process || now < supervisor.start_at) continue;
      start(i);
    }
  }

  // Only a full disk may keep one from starting, and nothing but a signal may end one that had
  // started.
  void coordinator_died(Time now) {
    const bool was_full = full_until_ || (was_full_ && now - *was_full_ < kGrace);
    if (was_full && !announced()) {
      ++report_.refused_starts;
    } else {
      broken("the coordinator ended by itself with code " + std::to_string(coordinator_->wait()) +
             ": " + coordinator_->err());
    }
    coordinator_.reset();
    coordinator_start_ = now + kRefusedStart;
  }

  // ---- the end ----

  // Every worker is there, and neither side knows of a trial that it still has.
  void expect_idle() {
    std::string last;
    const bool idle = eventually(
        [&] {
          Process client = ground_->client(address_, {"status", "-f", "json"});
          const bool left = eventually([&] { return !client.running(); }, kGrace);
          last = client.out();
          return left && client.wait() == 0 && idle_workers(last) == options_.workers;
        },
        kGrace);
    if (!idle) broken("not every worker is idle after the end: " + last);
  }

  void take_down() {
    stopped_.wake(Time::max());
    free_disk(Clock::now());
    for (Supervisor& supervisor : supervisors_) {
      if (supervisor.process) supervisor.process->signal(SIGTERM);
    }
    for (Supervisor& supervisor : supervisors_) expect_end(supervisor.process, 0, supervisor.name);
    if (coordinator_) coordinator_->signal(SIGTERM);
    expect_end(coordinator_, 130, "the coordinator");
    const std::string ours = folder_.path().string();
    if (!eventually([&] { return processes_with(ours).empty(); }, seconds(5))) {
      const std::vector<pid_t> left = processes_with(ours);
      broken(std::to_string(left.size()) + " processes are left, as pid " +
             std::to_string(left.front()));
      for (const pid_t pid : left) ::kill(pid, SIGKILL);
    }
  }

  void expect_end(std::optional<Process>& process, int code, const std::string& who) {
    if (!process) return;
    if (!eventually([&] { return !process->running(); }, kGrace)) {
      broken(who + " does not end on SIGTERM");
    } else if (const int found = process->wait(); found != code) {
      broken(who + " ended with code " + std::to_string(found) + ": " + process->err());
    }
    process.reset();
  }

  Evidence evidence() const {
    Evidence evidence{folder_.path(), database_, coordinator_log_, {}, options_.trials};
    for (const Supervisor& supervisor : supervisors_) {
      evidence.worker_logs.push_back(log_of(supervisor));
    }
    return evidence;
  }

  void keep() {
    const fs::path target =
        fs::temp_directory_path() / ("firesweep-chaos-seed-" + std::to_string(options_.seed));
    std::error_code failed;
    fs::remove_all(target, failed);
    fs::copy(folder_.path(), target, fs::copy_options::recursive, failed);
    if (!failed) report_.kept = target.string();
  }

  const ChaosOptions options_;
  std::vector<FaultAt> script_;
  ChaosReport report_;
  TempFolder folder_;
  const fs::path data_ = folder_ / "disk";
  const fs::path database_ = data_ / "sweeps.db";
  const fs::path checkpoints_ = data_ / "checkpoints";
  const fs::path coordinator_log_ = folder_ / "coordinator.log";
  std::unique_ptr<SmallDisk> disk_;
  std::unique_ptr<ChaosGround> ground_;
  std::string address_;
  std::optional<Process> coordinator_;
  Time coordinator_start_;
  std::vector<Supervisor> supervisors_;
  Time begin_, looked_;
  std::size_t next_ = 0;
  StoppedProcesses stopped_;
  std::optional<Time> full_until_, was_full_;
  int failed_before_ = 0;
  int results_ = 0;
  bool finished_ = false;
};

}  // namespace

ChaosReport run_chaos(const ChaosOptions& options) { return Chaos(options).run(); }

}  // namespace firesweep::e2e
