// A folder of a test's own, in which it types commands as a person would.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"
#include "tests/places.h"

namespace firesweep::e2e {

class OwnFolder : public ::testing::Test {
 protected:
  Finished firesweep(std::vector<std::string> words) {
    return run("firesweep", std::move(words), folder_.path());
  }
  // A shell's command line, with the programs on its path.
  int shell(const std::string& line) {
    const std::string command = "cd '" + folder_.path().string() + "' && export XDG_CONFIG_HOME='" +
                                config_home() + "'; PATH='" + program_dir().string() + "':$PATH; " +
                                line;
    const int status = ::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string text_of(const std::string& name) {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string sweep(int points = 2, int epochs = 1, double seconds = 0) {
    return write(folder_ / "s.json", simulated_sweep("s", points, epochs, seconds));
  }

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "sweeps.db";
};

}  // namespace firesweep::e2e
