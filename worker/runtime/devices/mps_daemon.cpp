#include "worker/runtime/devices/mps_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <exception>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "worker/runtime/exit_codes.h"
#include "worker/runtime/supervisor/child.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kControl = "nvidia-cuda-mps-control";
constexpr std::string_view kComm =
    "nvidia-cuda-mps";  // of control daemon and server: 15 characters
constexpr const char* kHomes = "mps-";
constexpr milliseconds kLook{20};
// `quit` makes the daemon end its servers by force after 5 s.
constexpr const char* kQuit = "quit -t 5";
constexpr milliseconds kQuitLimit{10'000};
// Its sockets lie in the folder of pipes, and a socket's path has at most 107 bytes.
constexpr std::size_t kLongestPipes = 80;

std::string variable(const char* name, const fs::path& value) {
  return std::string(name) + "=" + value.string();
}

// This process's, with the daemon's folders and without a choice of GPUs.
std::vector<std::string> environment_for(const fs::path& pipes, const fs::path& logs) {
  std::vector<std::string> variables;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text = *each;
    if (text.starts_with("CUDA_MPS_PIPE_DIRECTORY=") ||
        text.starts_with("CUDA_MPS_LOG_DIRECTORY=") || text.starts_with("CUDA_VISIBLE_DEVICES="))
      continue;
    variables.emplace_back(text);
  }
  variables.push_back(variable("CUDA_MPS_PIPE_DIRECTORY", pipes));
  if (!logs.empty()) variables.push_back(variable("CUDA_MPS_LOG_DIRECTORY", logs));
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

// `words` as a process in a group of its own, so that Ctrl-C does not reach it, with these as its
// standard streams and nothing else open.
pid_t spawn(std::vector<std::string> words, std::vector<std::string> environment, int in, int out,
            int death_signal) {
  const std::vector<char*> argv = pointers(words), envp = pointers(environment);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child > 0) return child;
  begin_child(parent, death_signal, kSlotCannotRun);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  shed_parent(STDERR_FILENO);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(kSlotCannotRun);
}

// How the child ended, reaped; none where it had not by `end`.
std::optional<ProcessEnd> reap_by(pid_t child, Clock::time_point end) {
  int status = 0;
  for (;;) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? ProcessEnd{WEXITSTATUS(status), 0}
                               : ProcessEnd{0, WTERMSIG(status)};
    }
    if (Clock::now() >= end) return std::nullopt;
    std::this_thread::sleep_for(kLook);
  }
}

ProcessEnd kill_and_reap(pid_t child) {
  ::kill(child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return {0, SIGKILL};
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Control daemons and servers that were started with that folder of pipes.
std::vector<pid_t> processes_of(const fs::path& pipes) {
  const std::string mark = variable("CUDA_MPS_PIPE_DIRECTORY", pipes);
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    if (!text_of(at->path() / "comm").starts_with(kComm)) continue;
    std::istringstream variables(text_of(at->path() / "environ"));
    for (std::string each; std::getline(variables, each, '\0');) {
      if (each == mark) found.push_back(pid);
    }
  }
  return found;
}

void kill_all_of(const fs::path& pipes) {
  for (const pid_t pid : processes_of(pipes)) {
    spdlog::warn("event=mps_process_killed pid={} pipes={}", pid, pipes.string());
    ::kill(pid, SIGKILL);
  }
}

Result<void> make_private(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0) return io_failure(folder, "cannot be made");
  return {};
}

// The last line that the daemon wrote, for people.
std::string last_words(const fs::path& logs) {
  for (const char* name : {"control.log", "output"}) {
    std::istringstream lines(text_of(logs / name));
    std::string last;
    for (std::string line; std::getline(lines, line);) last = line.empty() ? last : line;
    if (!last.empty()) return ": " + last;
  }
  return "";
}

}  // namespace

std::optional<fs::path> find_mps_control(const Environment& environment,
                                         const std::vector<fs::path>& others) {
  std::vector<fs::path> folders;
  std::istringstream path(environment("PATH").value_or(""));
  for (std::string folder; std::getline(path, folder, ':');) folders.emplace_back(folder);
  folders.insert(folders.end(), others.begin(), others.end());
  for (const fs::path& folder : folders) {
    fs::path program = folder / kControl;
    if (folder.is_absolute() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

bool tell_mps(const fs::path& program, const fs::path& pipes, const std::string& command,
              milliseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  UniqueFd from(ends[0]), to(ends[1]);
  const std::string line = command + "\n";
  if (::write(to.get(), line.data(), line.size()) < 0)
    throw std::system_error(errno, std::generic_category(), "write");
  to = UniqueFd();
  const UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const pid_t child =
      spawn({program.string()}, environment_for(pipes, {}), from.get(), nowhere.get(), SIGKILL);
  const auto how = reap_by(child, end);
  if (!how) kill_and_reap(child);
  return how && how->signal == 0 && how->exit_code == 0;
}

void end_stale_mps(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> homes;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(kHomes) && at->is_directory(error))
      homes.push_back(at->path());
  }
  for (const fs::path& home : homes) {
    const auto lock = FileLock::acquire(home / "lock", [] { return false; });
    if (!lock) continue;
    spdlog::info("event=mps_left_behind folder={}", home.string());
    kill_all_of(home / "pipes");
    fs::remove_all(home, error);
  }
}

Result<MpsDaemon> MpsDaemon::start(const fs::path& program, const fs::path& folder,
                                   milliseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  // While it is held, no other worker takes a new folder for one that was left behind.
  const auto starting = FileLock::acquire(folder / "mps.lock");
  if (!starting) return tl::unexpected(starting.error());
  end_stale_mps(folder);
  const fs::path home = folder / (kHomes + std::to_string(::getpid()));
  if ((home / "pipes").string().size() > kLongestPipes) {
    return fail(ErrorCode::kIo, (home / "pipes").string(), "is too long a path for sockets",
                "set XDG_RUNTIME_DIR to a folder with a short path");
  }
  for (const fs::path& each : {home, home / "pipes", home / "logs"}) {
    if (const auto made = make_private(each); !made) return tl::unexpected(made.error());
  }
  auto lock = FileLock::acquire(home / "lock");
  if (!lock) return tl::unexpected(lock.error());
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd output(
      ::open((home / "logs" / "output").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const pid_t child =
      spawn({program.string(), "-f"}, environment_for(home / "pipes", home / "logs"), nothing.get(),
            output.get(), SIGTERM);
  MpsDaemon daemon(program, home, *std::move(lock), child);
  for (std::error_code error; Clock::now() < end; std::this_thread::sleep_for(kLook)) {
    if (const auto how = daemon.ended()) {
      return fail(ErrorCode::kIo, program.string(),
                  "ended with " + to_string(*how) + last_words(daemon.logs()));
    }
    if (!fs::exists(daemon.pipes() / "control", error)) continue;
    if (tell_mps(program, daemon.pipes(), "get_server_list", kMpsAnswerLimit)) return daemon;
  }
  return fail(
      ErrorCode::kIo, program.string(),
      "did not answer within " + std::to_string(limit.count()) + " ms" + last_words(daemon.logs()));
}

MpsDaemon::MpsDaemon(fs::path program, fs::path home, FileLock lock, pid_t pid)
    : program_(std::move(program)), home_(std::move(home)), lock_(std::move(lock)), pid_(pid) {}

MpsDaemon::MpsDaemon(MpsDaemon&& other) noexcept
    : program_(std::move(other.program_)),
      home_(std::move(other.home_)),
      lock_(std::move(other.lock_)),
      pid_(std::exchange(other.pid_, 0)),
      end_(other.end_) {}

MpsDaemon::~MpsDaemon() {
  if (pid_ == 0) return;
  try {
    if (!ended() && fs::exists(pipes() / "control")) tell_mps(program_, pipes(), kQuit, kQuitLimit);
    if (!wait_for_end(kMpsAnswerLimit)) end_ = kill_and_reap(pid_);
    kill_all_of(pipes());
    std::error_code ignored;
    fs::remove_all(home_, ignored);
  } catch (const std::exception& failure) {
    spdlog::warn("event=mps_not_ended pid={} what=\"{}\"", pid_, failure.what());
  }
}

std::optional<ProcessEnd> MpsDaemon::ended() {
  wait_for_end(milliseconds(0));
  return end_;
}

bool MpsDaemon::wait_for_end(milliseconds limit) {
  if (!end_) end_ = reap_by(pid_, Clock::now() + limit);
  return end_.has_value();
}

}  // namespace firesweep
