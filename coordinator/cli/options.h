// Options of one verb: declared with Boost.Program_options, checked in one place, with near misses.
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
  int least = 0;                // positional words wanted
  int most = 0;
};

struct Parsed {
  boost::program_options::variables_map values;
  Words positional;
  std::optional<int> exit;  // set where help was printed or the words are wrong (already said)

  template <class T>
  std::optional<T> get(const char* name) const {
    return values.count(name) != 0 ? std::optional<T>(values[name].as<T>()) : std::nullopt;
  }
  // Of an option that has a default.
  template <class T>
  T value(const char* name) const {
    return values[name].as<T>();
  }
  bool has(const char* name) const { return values.count(name) != 0; }
};

// Parses the words after the verb. Prints help or one error by itself; then `exit` is set.
Parsed parse(const Usage& usage, boost::program_options::options_description options,
             const Words& words);

// What an option takes where it is a duration: "90" (seconds), "90m", "1h30m".
struct TypedDuration {
  double seconds = 0;
};
std::istream& operator>>(std::istream& in, TypedDuration& duration);
std::ostream& operator<<(std::ostream& out, const TypedDuration& duration);  // "15"

// Prints an error as "firesweep VERB: where: what" and its hint on a line of its own; returns its
// exit code.
int report_error(std::string_view verb, const Error& error);

// "--format": one of table, csv, json (and what else is given). An error that names what is
// possible.
Result<std::string> checked_format(const Parsed& parsed, std::vector<std::string_view> possible);

// "--log-level": one of those that the log knows. An error that names them.
Result<std::string> checked_log_level(const Parsed& parsed);

// Sweep ("3") and trial ("3/17") as people type them.
Result<SweepId> parse_sweep(std::string_view word);
Result<TrialId> parse_trial(std::string_view word);

}  // namespace firesweep
