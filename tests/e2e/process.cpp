#include "tests/e2e/process.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/places.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kPollEvery{10};
std::atomic<int> file_number{0};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string config_home() {
  static const TempFolder folder;
  return folder.path().string();
}

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "firesweep-e2e-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Process::Process(const std::string& program, std::vector<std::string> arguments,
                 const fs::path& folder) {
  const int number = ++file_number;
  out_ = folder / ("out." + std::to_string(number));
  err_ = folder / ("err." + std::to_string(number));
  arguments.insert(arguments.begin(), (program_dir() / program).string());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const std::string out = out_.string(), err = err_.string(), where = folder.string(),
                    state = (fs::absolute(folder) / "state").string(), config = config_home();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
    if (::chdir(where.c_str()) != 0) ::_exit(126);
    // What a test's programs learn of this host is not for the person who runs the tests.
    ::setenv("XDG_STATE_HOME", state.c_str(), /*overwrite=*/0);
    ::setenv("XDG_CONFIG_HOME", config.c_str(), /*overwrite=*/0);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
}

Process::Process(Process&& other) noexcept
    : pid_(other.pid_), code_(other.code_), out_(other.out_), err_(other.err_) {
  other.pid_ = 0;
}

Process::~Process() {
  if (pid_ == 0 || !running()) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const { ::kill(pid_, number); }

bool Process::running() {
  if (code_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

int Process::wait(std::chrono::milliseconds patience) {
  if (!eventually([this] { return !running(); }, patience)) {
    ADD_FAILURE() << "process " << pid_ << " still runs; it said:\n" << out() << err();
    return -1;
  }
  return *code_;
}

std::string Process::out() const { return read(out_); }
std::string Process::err() const { return read(err_); }

bool Process::says(const std::string& text, std::chrono::milliseconds patience) {
  return eventually([&] { return out().find(text) != std::string::npos; }, patience);
}

Finished run(const std::string& program, std::vector<std::string> arguments,
             const fs::path& folder) {
  Process process(program, std::move(arguments), folder);
  const int code = process.wait(std::chrono::minutes(4));
  return {code, process.out(), process.err()};
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPollEvery);
  }
  return true;
}

std::vector<pid_t> processes_with(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string command = read(entry.path() / "cmdline");
    std::replace(command.begin(), command.end(), '\0', ' ');
    if (command.find(text) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

std::string ask(const fs::path& database, const std::string& sql) {
  if (!fs::exists(database)) return {};
  try {
    SQLite::Database db(database.string(), SQLite::OPEN_READONLY, 2000);
    SQLite::Statement statement(db, sql);
    return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
  } catch (const SQLite::Exception&) {
    return {};
  }
}

std::string write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

std::string lasting_address() {
  constexpr int kFirst = 30'000, kCount = 2'700;  // Linux gives out 32768 and higher
  for (int i = 0; i < kCount; ++i) {
    const int port = kFirst + (::getpid() + i) % kCount;
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(static_cast<std::uint16_t>(port));
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_free = ::bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0;
    ::close(fd);
    if (is_free) return "tcp://127.0.0.1:" + std::to_string(port);
  }
  throw std::runtime_error("no port of 30000 to 32699 is free");
}

std::string endpoint_of(Process& serve) {
  if (!serve.says("\n  firesweep-worker")) {
    ADD_FAILURE() << "no address announced:\n" << serve.out() << serve.err();
    return {};
  }
  const std::string text = serve.out();
  const std::size_t begin = text.find(" at ") + 4;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace firesweep::e2e
