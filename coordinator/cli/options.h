// The options of a verb: declared with Boost.Program_options, and checked here, with suggestions
// for mistyped words.
#pragma once

#include <boost/program_options.hpp>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/cli/verbs.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

struct Usage {
  std::string_view verb;
  std::string_view positional;  // "SWEEP.json", "[SWEEP]", or empty
  std::string_view summary;     // one or more full sentences
  int least = 0;                // number of positional words
  int most = 0;
};

struct Parsed {
  boost::program_options::variables_map values;
  Words positional;
  std::optional<int> exit;  // set if help or an error was printed

  template <class T>
  std::optional<T> get(const char* name) const {
    return values.count(name) != 0 ? std::optional<T>(values[name].as<T>()) : std::nullopt;
  }
  // The value of an option that has a default.
  template <class T>
  T value(const char* name) const {
    return values[name].as<T>();
  }
  bool has(const char* name) const { return values.count(name) != 0; }
};

// Parses the words after the verb. If it prints help or an error, it sets `exit`.
Parsed parse(const Usage& usage, boost::program_options::options_description options,
             const Words& words);

// The value of an option that is a duration: "90" (seconds), "90m", "1h30m".
struct TypedDuration {
  double seconds = 0;
};
std::istream& operator>>(std::istream& in, TypedDuration& duration);
std::ostream& operator<<(std::ostream& out, const TypedDuration& duration);  // "15"

// Prints an error as "firesweep VERB: where: what" and its hint on a line of its own; returns its
// exit code.
int report_error(std::string_view verb, const Error& error);

// The value of "--format", which must be one of `possible`. An error names the possible values.
Result<std::string> checked_format(const Parsed& parsed, std::vector<std::string_view> possible);

// The value of "--log-level". An error names the possible levels.
Result<std::string> checked_log_level(const Parsed& parsed);

// Parse a sweep ("3") and a trial ("3/17").
Result<SweepId> parse_sweep(std::string_view word);
Result<TrialId> parse_trial(std::string_view word);
// Parses the list of --seeds ("11,12,13").
Result<std::vector<std::int64_t>> parse_seeds(std::string_view text);

}  // namespace firesweep
