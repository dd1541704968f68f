// The training room's own tests, against this machine's LibTorch and on its device.
#include <stdexcept>

#include "bench/gpu_stages/child.h"
#include "bench/gpu_stages/parts.h"
#include "bench/root.h"

namespace firesweep::bench {

void measure_tests(const Task& task) {
  const std::filesystem::path program = find_program("training_test");
  if (task.options.small || program.empty()) {
    tell(task, "training_test",
         {{"ended", task.options.small ? "left to ctest in a rehearsal"
                                       : "not there: it does not lie beside this program"}});
    return;
  }
  const std::filesystem::path out = task.options.scratch / "training_test.out";
  Child child({program.string(), "--gtest_brief=1"}, out, out,
              {"FIRESWEEP_TEST_DEVICE=" + task.options.device});
  const auto status = child.wait_until(task.deadline - std::chrono::seconds(1));
  tell(task, "training_test",
       {{"ended", status ? Child::describe(*status) : "out of time"},
        {"said", tail_of(out, status && *status == 0 ? 100 : 1500)}});
}

}  // namespace firesweep::bench
