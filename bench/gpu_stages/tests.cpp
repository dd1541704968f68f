// The training room's own tests, against this machine's LibTorch and on its device.
#include "bench/gpu_stages/child.h"
#include "bench/gpu_stages/parts.h"
#include "bench/root.h"

namespace firesweep::bench {
namespace {

// All that train whole trials, but the one that compares deterministic mode with the other: on a
// device they are all deterministic.
constexpr const char* kTrials = "--gtest_filter=Train.*:Resume.*-Train.DeterministicMode*";

struct Choice {
  std::string filter;
  std::vector<std::string> environment;
};

void run_tests(const Task& task, const std::filesystem::path& program, const std::string& what,
               const Choice& choice, Expectations& expectations) {
  const std::filesystem::path out = task.options.scratch / (what + ".out");
  Child child({program.string(), "--gtest_brief=1", choice.filter}, out, out, choice.environment);
  const auto status = child.wait_until(task.deadline - std::chrono::seconds(1));
  const bool ok = status && *status == 0;
  expectations.expect(ok, "training_test passes, " + what);
  tell(task, what,
       {{"ended", status ? Child::describe(*status) : "out of time"},
        {"said", tail_of(out, ok ? 60 : 1500)}});
}

}  // namespace

void measure_tests(const Task& task) {
  const std::filesystem::path program = find_program("training_test");
  if (task.options.small || program.empty()) {
    tell(task, "training_test",
         {{"ended", task.options.small ? "left to ctest in a rehearsal"
                                       : "not there: it does not lie beside this program"}});
    return;
  }
  // Those that train whole trials, on the device; then all, on this machine's CPU.
  Expectations expectations;
  run_tests(task, program, "trials on the device",
            {kTrials, {"FIRESWEEP_TEST_DEVICE=" + task.options.device}}, expectations);
  run_tests(task, program, "all on the CPU", {"--gtest_filter=*", {}}, expectations);
  expectations.check();
}

}  // namespace firesweep::bench
