// What the benchmarks' programs share of their command lines.
#pragma once

#include <boost/program_options.hpp>
#include <exception>
#include <iostream>

namespace firesweep::bench {

// Reads the options. False where help was asked for, which is printed then. Throws
// boost::program_options::error.
inline bool read_options(int argc, char** argv,
                         const boost::program_options::options_description& options) {
  namespace po = boost::program_options;
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, options), values);
  if (values.contains("help")) {
    std::cout << options;
    return false;
  }
  po::notify(values);
  return true;
}

// The exit code of `run`, or 2 after saying what it throws.
template <class Run>
int exit_code_of(const char* name, Run run) {
  try {
    return run();
  } catch (const std::exception& failure) {
    std::cerr << name << ": " << failure.what() << "\n";
    return 2;
  }
}

}  // namespace firesweep::bench
