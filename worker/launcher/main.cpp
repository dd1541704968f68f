// bin/NAME of a bundle (firesweep-worker): finds LibTorch and becomes libexec/NAME, which is linked
// against it. The process stays the same one, with its id, group, parent and death signal. The
// slots that a worker starts find LibTorch by what is set here.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <exception>
#include <iostream>

#include "shared/base/program_path.h"
#include "worker/launcher/libtorch.h"

namespace firesweep {
namespace {

// As kWorkerFailed and kWorkerUsage of worker/runtime/exit_codes.h.
constexpr int kFailed = 1;
constexpr int kUsage = 2;

std::optional<std::string> environment(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int report(const Error& error) {
  std::cerr << program_file().filename().string() << ": " << error.where << ": " << error.what
            << "\n";
  if (!error.hint.empty()) std::cerr << "  " << error.hint << "\n";
  return kUsage;
}

int become_program(char** argv) {
  const std::filesystem::path launcher = program_file();
  const std::filesystem::path bundle = launcher.parent_path().parent_path();
  const auto torch = find_libtorch({environment("LIBTORCH_ROOT"), python_torch, bundle},
                                   FIRESWEEP_LIBTORCH_VERSION);
  if (!torch) return report(torch.error());
  const auto path = library_path(library_folders(*torch), environment("LD_LIBRARY_PATH"));
  if (!path) return report(path.error());
  ::setenv("LD_LIBRARY_PATH", path->c_str(), 1);
  const std::filesystem::path program = bundle / "libexec" / launcher.filename();
  ::execv(program.c_str(), argv);
  return report({ErrorCode::kIo, program.string(), ::strerror(errno), "unpack the bundle again"});
}

}  // namespace
}  // namespace firesweep

int main(int, char** argv) {
  try {
    return firesweep::become_program(argv);
  } catch (const std::exception& broken) {
    std::cerr << argv[0] << ": " << broken.what() << std::endl;
    return firesweep::kFailed;
  }
}
