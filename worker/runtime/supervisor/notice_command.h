// Asks a user's command, again and again, whether this host is about to be taken away (a spot
// notice). Owns the command's process and its output; the supervisor decides what follows.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "shared/base/unique_fd.h"

namespace firesweep {

struct NoticeTimes {
  std::chrono::milliseconds every{5'000};   // from an end to the next beginning
  std::chrono::milliseconds limit{10'000};  // then it is killed, with what it has started
};

// Not thread-safe; from the main thread, since the command dies with the thread that starts it.
// Destroying it kills and reaps a command that still runs.
class NoticeCommand {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `command` is for /bin/sh and begins at the first step().
  explicit NoticeCommand(std::string command, NoticeTimes times = {});
  NoticeCommand(const NoticeCommand&) = delete;
  NoticeCommand& operator=(const NoticeCommand&) = delete;
  ~NoticeCommand();

  // Begins, reaps or kills the command as it is time to, and never waits. The notice if the command
  // has exited with 0: the first line it printed, or that it printed none. Any other end is no
  // notice; a command that cannot run or takes too long is logged once, until it is well again.
  std::optional<std::string> step(Time now);

  // When the next step has something to do, unless the command ends (SIGCHLD) or prints before.
  Time wake_at() const;
  // Readable when it has printed; -1 where none runs or its output has ended.
  int output_fd() const { return output_.get(); }

 private:
  void begin(Time now);
  bool start();
  std::optional<std::string> end(int status, Time now);
  void kill_all() const;
  void complain(const std::string& why);
  void listen();

  const std::string command_;
  const NoticeTimes times_;
  pid_t pid_ = 0;  // 0: none runs
  UniqueFd output_;
  std::string printed_;  // its beginning
  Time next_{};          // when it begins, or while it runs, when it is killed
  bool killed_ = false;
  bool complained_ = false;
};

}  // namespace firesweep
