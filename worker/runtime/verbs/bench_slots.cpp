#include "worker/runtime/verbs/bench_slots.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <sstream>
#include <system_error>
#include <vector>

namespace firesweep {
namespace {

// One child and the pipes to and from it; killed and reaped with the object. One thread.
class BenchProcess {
 public:
  explicit BenchProcess(const SlotOrder& order) {
    std::array<int, 2> in{}, out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "pipe2");
    std::vector<std::string> words = {"/proc/self/exe",
                                      "bench-slot",
                                      order.architecture.string(),
                                      "--device",
                                      order.device,
                                      "--threads",
                                      std::to_string(order.threads),
                                      "--batch-size",
                                      order.batch_size,
                                      "--seconds",
                                      order.seconds};
    if (order.latency) words.emplace_back("--latency");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    // OpenMP reads it when the program is loaded.
    ::setenv("OMP_NUM_THREADS", std::to_string(order.threads).c_str(), 1);
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = ::fdopen(in[1], "w");
    from_ = ::fdopen(out[0], "r");
  }
  BenchProcess(const BenchProcess&) = delete;
  BenchProcess& operator=(const BenchProcess&) = delete;
  ~BenchProcess() {
    std::fclose(to_);
    std::fclose(from_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  void go() {
    std::fputs("go\n", to_);
    std::fflush(to_);
  }
  // Empty where the child has ended.
  std::string line() {
    std::string text;
    for (int c = std::fgetc(from_); c != EOF && c != '\n'; c = std::fgetc(from_))
      text += static_cast<char>(c);
    return text;
  }

 private:
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace

Result<Speed> measure_slots(const SlotOrder& order) {
  ::signal(SIGPIPE, SIG_IGN);
  std::vector<std::unique_ptr<BenchProcess>> slots;
  for (int i = 0; i < order.slots; ++i) slots.push_back(std::make_unique<BenchProcess>(order));
  const auto failed = [&](const std::string& said) {
    return fail(ErrorCode::kUnavailable, order.architecture.string(),
                "a measuring process ended early" + (said.empty() ? "" : ": " + said));
  };
  for (const auto& slot : slots)
    if (const std::string said = slot->line(); said != "ready") return failed(said);
  for (const auto& slot : slots) slot->go();
  Speed sum;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::string said = slots[i]->line();
    const auto speed = parse_speed_line(said);
    if (!speed) return failed(said);
    const double before = sum.train_images_per_s;
    if (i == 0) sum = *speed;
    sum.train_images_per_s = before + speed->train_images_per_s;
  }
  return sum;
}

std::string speed_line(const Speed& speed) {
  std::ostringstream line;
  line.precision(17);
  line << speed.train_images_per_s << ' ' << speed.latency_p50_ms << ' ' << speed.latency_p95_ms
       << ' ' << speed.model_bytes << ' ' << speed.peak_memory_bytes;
  return line.str();
}

Result<Speed> parse_speed_line(const std::string& line) {
  Speed speed;
  std::istringstream text(line);
  text >> speed.train_images_per_s >> speed.latency_p50_ms >> speed.latency_p95_ms >>
      speed.model_bytes >> speed.peak_memory_bytes;
  if (!text || !(text >> std::ws).eof()) {
    return fail(ErrorCode::kBadInput, "", "found \"" + line + "\", expected five numbers");
  }
  return speed;
}

}  // namespace firesweep
