// Two processes for supervisor_test, told apart by the first word. Both report on standard output,
// a line each.
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR    runs supervise() over slots of that behaviour
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR watch    and reports "child" when told of one
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR idle MS       and leaves after so much idleness
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR trials N      and leaves after so many trials
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR until MS      and leaves so long from now
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR notice CMD    and asks CMD every 20 ms
//   slot NUMBER BEHAVIOUR                            a slot that reports "started NUMBER PID" and
//   then
//     good        leaves with 0 at SIGTERM, reporting "drained NUMBER"
//     stubborn    ignores SIGTERM
//     mute        is good, but never beats
//     slow        is good, but reports "asked NUMBER" first and needs 500 ms more
//     lasting     beats for 1500 ms, reports "lived NUMBER" and ends with 0
//     refused     ends with kWorkerUsage at SIGUSR2, else is good
//     undelivered ends with kWorkerFailed
//     idle        is good, and tells that it has no trial
//     one_trial   is good, and tells that its first trial has ended
//     done        ends with 0
#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/supervisor/signal_fd.h"
#include "worker/runtime/supervisor/slot_process.h"
#include "worker/runtime/supervisor/supervisor.h"

namespace firesweep {
namespace {

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) ::_exit(99);
}

int run_slot(const std::string& number, const std::string& behaviour) {
  SignalFd signals({SIGTERM, SIGUSR2});
  say("started " + number + " " + std::to_string(::getpid()));
  if (behaviour == "done") return kWorkerDone;
  if (behaviour == "undelivered") return kWorkerFailed;
  const SlotNews news{behaviour == "one_trial" ? 1U : 0U, behaviour != "idle"};
  std::optional<std::chrono::steady_clock::time_point> leaves_at;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  for (;;) {
    if (behaviour == "lasting" && std::chrono::steady_clock::now() >= end) {
      say("lived " + number);
      return kWorkerDone;
    }
    pollfd waiting{signals.fd(), POLLIN, 0};
    ::poll(&waiting, 1, 20);
    if (behaviour != "mute") beat(kHeartbeatFd, news);
    if (leaves_at && std::chrono::steady_clock::now() >= *leaves_at) {
      say("drained " + number);
      return kWorkerDone;
    }
    const auto signal = signals.next();
    if (!signal) continue;
    if (*signal == SIGUSR2) return kWorkerUsage;
    if (behaviour == "stubborn") {
      say("ignored " + number);
      continue;
    }
    if (behaviour == "slow") {
      say("asked " + number);
      leaves_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
      continue;
    }
    say("drained " + number);
    return kWorkerDone;
  }
}

// The words after BEHAVIOUR; false where they are none of the above.
bool read_more(const std::vector<std::string>& more, SupervisorOptions& options) {
  if (more.empty()) return true;
  if (more.size() == 1 && more[0] == "watch") {
    options.child_ended = [] { say("child"); };
    return true;
  }
  if (more.size() != 2) return false;
  if (more[0] == "idle") {
    options.leave.idle_exit = std::chrono::milliseconds(std::stoi(more[1]));
  } else if (more[0] == "until") {
    options.leave.until = system_now().utc + std::chrono::milliseconds(std::stoi(more[1]));
  } else if (more[0] == "trials") {
    options.leave.max_trials = std::stoi(more[1]);
  } else if (more[0] == "notice") {
    options.leave.notice_command = more[1];
    options.notice.every = std::chrono::milliseconds(20);
  } else {
    return false;
  }
  return true;
}

int run_supervisor(const std::vector<std::string>& words) {
  SupervisorOptions options;
  options.silence_limit = std::chrono::milliseconds(std::stoi(words[0]));
  options.drain_limit = std::chrono::milliseconds(std::stoi(words[1]));
  options.first_back_off = std::chrono::milliseconds(5);
  for (int slot = 0; slot < std::stoi(words[2]); ++slot) {
    options.slots.push_back({"slot", std::to_string(slot), words[3]});
  }
  if (!read_more({words.begin() + 4, words.end()}, options)) return 97;
  return supervise(options);
}

}  // namespace
}  // namespace firesweep

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::off);
  if (argc == 4 && std::string(argv[1]) == "slot") return firesweep::run_slot(argv[2], argv[3]);
  if (argc >= 6 && std::string(argv[1]) == "supervise")
    return firesweep::run_supervisor({argv + 2, argv + argc});
  return 97;
}
