#include "worker/runtime/supervisor/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "worker/runtime/exit_codes.h"
#include "worker/runtime/supervisor/leave_rules.h"
#include "worker/runtime/supervisor/notice_command.h"
#include "worker/runtime/supervisor/signal_fd.h"
#include "worker/runtime/supervisor/slot_process.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::milliseconds;

// One slot over all its processes. Exactly one of: running, waiting for `restart_at`, gone for
// good.
struct Slot {
  std::size_t number = 0;
  std::optional<SlotProcess> process;
  std::optional<Time> restart_at;
  std::optional<Time> kill_at;  // once asked to leave
  bool asked = false;           // to leave
  Time started;
  Time heard;
  milliseconds back_off{0};

  bool gone() const { return !process && !restart_at; }
};

// Owned by supervise() for the length of its call; single-threaded.
class Supervisor {
 public:
  explicit Supervisor(const SupervisorOptions& options)
      : options_(options),
        longest_step_(options.silence_limit / 4),
        signals_(drain_signals({SIGCHLD})),
        rules_(options.leave, options.slots.size(), system_now()) {
    const Time now = Clock::now();
    if (!options.leave.notice_command.empty())
      notice_.emplace(options.leave.notice_command, options.notice);
    slots_.resize(options.slots.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].number = i;
      slots_[i].restart_at = now;
    }
  }

  int run() {
    judge();
    while (
        !std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.gone(); })) {
      wait();
      take_signals();
      hear();
      reap();
      judge();
    }
    take_signals();  // a slot's closed pipe can be seen, and the slot reaped, before its SIGCHLD
    return exit_code_;
  }

 private:
  // Called after every step, which takes `expected` at the most. A step that took far longer means
  // that this process was stopped, and its slots perhaps with it (Slurm suspends a whole job):
  // everybody's silence then begins anew, and that time was none to drain in.
  void notice_stop(milliseconds expected) {
    const Time now = Clock::now();
    const Clock::duration took = now - noticed_;
    noticed_ = now;
    if (took <= expected + longest_step_) return;
    for (Slot& slot : slots_) {
      slot.heard = now;
      if (slot.kill_at) *slot.kill_at += took;
    }
  }

  // Until a signal, a heartbeat or the nearest deadline, and never for so long that a stop could be
  // taken for the wait and still use up a slot's silence.
  void wait() {
    notice_stop(milliseconds(0));
    std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
    Time next = noticed_ + longest_step_;
    const auto sooner = [&next](Time time) { next = std::min(next, time); };
    if (!draining_) {
      if (notice_) {
        sooner(notice_->wake_at());
        fds.push_back({notice_->output_fd(), POLLIN, 0});  // poll passes over -1
      }
      if (const auto wake = rules_.wake_at(system_now())) sooner(Time(*wake));
    }
    for (const Slot& slot : slots_) {
      if (slot.restart_at) sooner(*slot.restart_at);
      if (!slot.process) continue;
      if (slot.kill_at) sooner(*slot.kill_at);
      sooner(slot.heard + options_.silence_limit);
      fds.push_back({slot.process->heartbeat_fd(), POLLIN, 0});
    }
    const auto timeout =
        std::max(std::chrono::ceil<milliseconds>(next - noticed_), milliseconds(0));
    ::poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
    notice_stop(timeout);
  }

  void take_signals() {
    while (const auto signal = signals_.next()) {
      if (*signal == SIGCHLD) {
        if (options_.child_ended) options_.child_ended();
        continue;
      }
      spdlog::info("event=signal signal={}", *signal);
      const bool again = *signal == SIGINT && interrupted_;
      if (*signal == SIGINT) {
        interrupted_ = true;
        if (exit_code_ == kWorkerDone) exit_code_ = kWorkerInterrupted;
      }
      drain();
      if (again) kill_all();
    }
  }

  void hear() {
    for (Slot& slot : slots_) {
      if (!slot.process) continue;
      const auto news = slot.process->take_heartbeats();
      if (!news) continue;
      slot.heard = Clock::now();
      rules_.heard(slot.number, *news, system_now());
    }
  }

  void reap() {
    for (Slot& slot : slots_) {
      if (!slot.process) continue;
      const auto end = slot.process->ended();
      if (!end) continue;
      if (const auto last = slot.process->take_heartbeats())
        rules_.heard(slot.number, *last, system_now());
      slot.process.reset();
      slot.kill_at.reset();
      rules_.ended(slot.number, system_now());
      answer(slot, *end);
    }
  }

  void answer(Slot& slot, const ProcessEnd& end) {
    const std::string how = to_string(end);
    if (end.signal == 0 && (end.exit_code == kWorkerDone || end.exit_code == kWorkerFailed)) {
      spdlog::info("event=slot_left slot={} end=\"{}\"", slot.number, how);
      fail_with(end.exit_code);
      return;
    }
    if (end.signal == 0 && (end.exit_code == kWorkerUsage || end.exit_code == kSlotCannotRun)) {
      spdlog::error("event=slot_gave_up slot={} end=\"{}\"", slot.number, how);
      fail_with(end.exit_code == kWorkerUsage ? kWorkerUsage : kWorkerFailed);
      drain();
      return;
    }
    if (slot.asked || rules_.is_done(slot.number)) {
      spdlog::warn("event=slot_died slot={} end=\"{}\" draining=1", slot.number, how);
      return;
    }
    const Time now = Clock::now();
    if (now - slot.started >= options_.settled_after) slot.back_off = milliseconds(0);
    slot.back_off =
        std::clamp(slot.back_off * 2, options_.first_back_off, options_.longest_back_off);
    slot.restart_at = now + slot.back_off;
    spdlog::warn("event=slot_died slot={} end=\"{}\" restart_ms={}", slot.number, how,
                 slot.back_off.count());
  }

  // What only time decides. Heartbeats were read before.
  void judge() {
    notice_stop(milliseconds(0));
    const Time now = noticed_;
    leave_where_due();
    for (Slot& slot : slots_) {
      if (slot.kill_at && now >= *slot.kill_at) {
        spdlog::error("event=drain_timed_out slot={} limit_ms={}", slot.number,
                      options_.drain_limit.count());
        fail_with(kWorkerFailed);
        kill(slot);
      }
      if (slot.process && now - slot.heard >= options_.silence_limit) {
        spdlog::error("event=slot_silent slot={} pid={} limit_ms={}", slot.number,
                      slot.process->pid(), options_.silence_limit.count());
        slot.process->send(SIGKILL);
        slot.heard = now;
      }
      if (slot.restart_at && now >= *slot.restart_at) start(slot);
    }
  }

  // What the user has said beforehand.
  void leave_where_due() {
    if (draining_) return;
    if (const auto why = rules_.leave_now(system_now())) {
      spdlog::info("event=leaving why=\"{}\" trials_ended={}", *why, rules_.trials_ended());
      return drain();
    }
    if (const auto said = notice_ ? notice_->step(Clock::now()) : std::nullopt) {
      spdlog::warn("event=leaving why=\"notice: {}\" trials_ended={}", *said,
                   rules_.trials_ended());
      return drain();
    }
    for (Slot& slot : slots_) {
      if (slot.gone() || slot.asked || !rules_.is_done(slot.number)) continue;
      spdlog::info("event=leaving slot={} why=\"--max-trials\" trials_ended={}", slot.number,
                   rules_.trials_ended());
      ask_to_leave(slot);
    }
  }

  void start(Slot& slot) {
    slot.restart_at.reset();
    rules_.started(slot.number, system_now());
    slot.started = slot.heard = Clock::now();
    slot.process = SlotProcess::start(options_.program, options_.slots[slot.number]);
    spdlog::info("event=slot_started slot={} pid={}", slot.number, slot.process->pid());
  }

  void drain() {
    if (draining_) return;
    draining_ = true;
    notice_.reset();
    for (Slot& slot : slots_) ask_to_leave(slot);
  }

  void ask_to_leave(Slot& slot) {
    slot.restart_at.reset();
    if (std::exchange(slot.asked, true) || !slot.process) return;
    slot.kill_at = Clock::now() + options_.drain_limit;
    slot.process->send(SIGTERM);
  }

  void kill_all() {
    for (Slot& slot : slots_) kill(slot);
  }

  void kill(Slot& slot) {
    slot.kill_at.reset();
    if (slot.process) slot.process->send(SIGKILL);
  }

  void fail_with(int code) {
    if (exit_code_ == kWorkerDone) exit_code_ = code;
  }

  const SupervisorOptions& options_;
  const milliseconds longest_step_;  // waits included
  SignalFd signals_;
  LeaveRules rules_;
  std::optional<NoticeCommand> notice_;
  std::vector<Slot> slots_;
  Time noticed_ = Clock::now();  // the end of the last step
  bool draining_ = false;
  bool interrupted_ = false;
  int exit_code_ = kWorkerDone;
};

}  // namespace

int supervise(const SupervisorOptions& options) { return Supervisor(options).run(); }

}  // namespace firesweep
