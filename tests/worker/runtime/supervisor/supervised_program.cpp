// Two processes for supervisor_test, told apart by the first word. Both report on standard output,
// a line each.
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR    runs supervise() over slots of that behaviour
//   supervise SILENCE_MS DRAIN_MS SLOTS BEHAVIOUR watch    and reports "child" when told of one
//   slot NUMBER BEHAVIOUR                            a slot that reports "started NUMBER PID" and
//   then
//     good        leaves with 0 at SIGTERM, reporting "drained NUMBER"
//     stubborn    ignores SIGTERM
//     mute        is good, but never beats
//     slow        is good, but reports "asked NUMBER" first and needs 500 ms more
//     lasting     beats for 1500 ms, reports "lived NUMBER" and ends with 0
//     refused     ends with kWorkerUsage at SIGUSR2, else is good
//     undelivered ends with kWorkerFailed
//     done        ends with 0
#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

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
  std::optional<std::chrono::steady_clock::time_point> leaves_at;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  for (;;) {
    if (behaviour == "lasting" && std::chrono::steady_clock::now() >= end) {
      say("lived " + number);
      return kWorkerDone;
    }
    pollfd waiting{signals.fd(), POLLIN, 0};
    ::poll(&waiting, 1, 20);
    if (behaviour != "mute" && ::write(kHeartbeatFd, "", 1) < 0 && errno != EAGAIN) return 98;
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

int run_supervisor(char** words, bool watch) {
  SupervisorOptions options;
  options.silence_limit = std::chrono::milliseconds(std::atoi(words[0]));
  options.drain_limit = std::chrono::milliseconds(std::atoi(words[1]));
  options.first_back_off = std::chrono::milliseconds(5);
  for (int slot = 0; slot < std::atoi(words[2]); ++slot) {
    options.slots.push_back({"slot", std::to_string(slot), words[3]});
  }
  if (watch) options.child_ended = [] { say("child"); };
  return supervise(options);
}

}  // namespace
}  // namespace firesweep

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::off);
  if (argc == 4 && std::string(argv[1]) == "slot") return firesweep::run_slot(argv[2], argv[3]);
  if ((argc == 6 || argc == 7) && std::string(argv[1]) == "supervise")
    return firesweep::run_supervisor(argv + 2, argc == 7);
  return 97;
}
