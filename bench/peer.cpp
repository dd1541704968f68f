#include "bench/peer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bench/root.h"

namespace firesweep::bench {
namespace {

std::string line_of(std::FILE* file) {
  std::string line;
  for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file))
    line += static_cast<char>(c);
  return line;
}

std::string shell_word(const std::filesystem::path& path) {
  std::string text = "'";
  for (const char c : path.string()) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

// A shell command's exit status and first line.
std::pair<int, std::string> said_by(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string line = line_of(pipe);
  return {::pclose(pipe), std::move(line)};
}

}  // namespace

std::string python() {
  static const std::string path = [] {
    const auto [code, line] = said_by(shell_word(root_dir() / "tools/python_env.sh"));
    if (code != 0 || line.empty())
      throw std::runtime_error("no Python with torch; tools/python_env.sh said why");
    return line;
  }();
  return path;
}

Result<std::string> python_with_torch() {
  const char* const named = std::getenv("FIRESWEEP_PYTHON");
  const std::string path = named != nullptr && *named != '\0' ? named : "python3";
  const auto [code, line] =
      said_by("LD_LIBRARY_PATH= " + shell_word(path) +
              " -c 'import sys, torch; print(sys.executable)' 2>&1 | tail -n 1");
  if (code == 0 && line.starts_with('/')) return line;
  return fail(ErrorCode::kNotFound, path, line.empty() ? "cannot be started" : line,
              "name a Python that has torch by FIRESWEEP_PYTHON");
}

Peer::Peer(const std::string& python, const std::string& script,
           const std::vector<std::string>& words)
    : script_(script) {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> in{}, out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("pipe failed");
  std::vector<std::string> all = {python, (root_dir() / "bench/peers" / script).string()};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::unsetenv("LD_LIBRARY_PATH");  // of a bundle: its libstdc++ may be older than Python's torch
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
  std::setvbuf(from_, nullptr, _IONBF, 0);  // so that poll() knows of every answer
}

Peer::~Peer() {
  std::fclose(to_);
  std::fclose(from_);
  int status = 0;
  for (int i = 0; i < 100; ++i) {
    if (::waitpid(pid_, &status, WNOHANG) != 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, &status, 0);
}

double Peer::ask(const std::string& line, double limit_s) {
  send(line);
  return answer(limit_s);
}

void Peer::send(const std::string& line) {
  asked_ = line;
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
}

double Peer::answer(double limit_s) {
  pollfd waiting{.fd = ::fileno(from_), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(limit_s * 1000)) == 0) {
    ::kill(pid_, SIGKILL);
    throw std::runtime_error(script_ + ": asked \"" + asked_ + "\", no answer in " +
                             std::to_string(static_cast<int>(limit_s)) + " s");
  }
  const std::string answer = line_of(from_);
  char* end = nullptr;
  const double number = std::strtod(answer.c_str(), &end);
  if (answer.empty() || *end != '\0')
    throw std::runtime_error(script_ + ": asked \"" + asked_ + "\", answered \"" + answer + "\"");
  return number;
}

}  // namespace firesweep::bench
