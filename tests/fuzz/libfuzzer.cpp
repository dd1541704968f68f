// libFuzzer's entry points. --target=NAME says which target is tried; libFuzzer passes over words
// that begin with two hyphens.
#include <cstdlib>
#include <iostream>
#include <span>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace {

const firesweep::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** words) {
  constexpr std::string_view kOption = "--target=";
  for (const std::string_view word : std::span(*words, static_cast<std::size_t>(*count))) {
    if (!word.starts_with(kOption)) continue;
    for (const auto& target : firesweep::fuzz::targets()) {
      if (target.name == word.substr(kOption.size())) chosen = &target;
    }
  }
  if (chosen != nullptr) return 0;
  std::cerr << "expected --target=NAME, one of:";
  for (const auto& target : firesweep::fuzz::targets()) std::cerr << " " << target.name;
  std::cerr << std::endl;
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({data, size});
  return 0;
}
