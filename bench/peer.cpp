#include "bench/peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

#include "tests/places.h"

namespace firesweep::bench {
namespace {

const std::filesystem::path kSource = source_dir();

std::string line_of(std::FILE* file) {
  std::string line;
  for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file))
    line += static_cast<char>(c);
  return line;
}

}  // namespace

std::string python() {
  std::FILE* pipe = ::popen((kSource / "tools/python_env.sh").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  const std::string path = line_of(pipe);
  if (::pclose(pipe) != 0 || path.empty())
    throw std::runtime_error("no Python with torch; tools/python_env.sh said why");
  return path;
}

Peer::Peer(const std::string& script, const std::vector<std::string>& words) : script_(script) {
  static const std::string interpreter = python();
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> in{}, out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("pipe failed");
  std::vector<std::string> all = {interpreter, (kSource / "bench/peers" / script).string()};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
}

Peer::~Peer() {
  std::fclose(to_);
  std::fclose(from_);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

double Peer::ask(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
  const std::string answer = line_of(from_);
  char* end = nullptr;
  const double number = std::strtod(answer.c_str(), &end);
  if (answer.empty() || *end != '\0')
    throw std::runtime_error(script_ + ": asked \"" + line + "\", answered \"" + answer + "\"");
  return number;
}

}  // namespace firesweep::bench
