#include "coordinator/cli/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "shared/base/clock.h"
#include "shared/base/duration.h"
#include "shared/base/letters.h"
#include "shared/base/near_miss.h"
#include "shared/base/utf8.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr const char* kPositional = "positional-words";

int refuse(const Usage& usage, const std::string& what, const std::string& hint) {
  return report_error(usage.verb, {ErrorCode::kBadInput, "", what, hint});
}

void print_help(const Usage& usage, const po::options_description& options) {
  std::cout << "Usage: firesweep " << usage.verb << (usage.positional.empty() ? "" : " ")
            << usage.positional << " [OPTIONS]\n\n"
            << usage.summary << "\n\n"
            << options;
}

std::string near_option(const std::string& given, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  return did_you_mean(given, views);
}

std::optional<std::int64_t> whole(std::string_view word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

Parsed parse(const Usage& usage, po::options_description options, const Words& words) {
  Parsed parsed;
  options.add_options()("help,h", "print this and exit");
  po::options_description all;
  all.add(options).add_options()(kPositional, po::value<Words>());
  po::positional_options_description positions;
  positions.add(kPositional, -1);
  const std::string help_hint =
      "`firesweep " + std::string(usage.verb) + " --help` lists the options";
  try {
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positions).style(style).run(),
              parsed.values);
    if (parsed.values.count("help") != 0) {
      print_help(usage, options);
      parsed.exit = kDone;
      return parsed;
    }
    po::notify(parsed.values);
  } catch (const po::unknown_option& unknown) {
    const std::string name =
        unknown.get_option_name().substr(0, unknown.get_option_name().find('='));
    const std::string near = near_option(name, options);
    parsed.exit = refuse(usage, "no option \"" + name + "\"", near.empty() ? help_hint : near);
    return parsed;
  } catch (const po::error& wrong) {
    parsed.exit = refuse(usage, wrong.what(), help_hint);
    return parsed;
  }
  if (parsed.values.count(kPositional) != 0)
    parsed.positional = parsed.values[kPositional].as<Words>();
  const int given = static_cast<int>(parsed.positional.size());
  if (given < usage.least || given > usage.most) {
    parsed.exit = refuse(usage,
                         given < usage.least ? "expected " + std::string(usage.positional)
                                             : "found \"" + parsed.positional[usage.most] +
                                                   "\", expected nothing more",
                         help_hint);
  }
  return parsed;
}

std::istream& operator>>(std::istream& in, TypedDuration& duration) {
  std::string text;
  std::getline(in, text);
  if (const auto length = parse_duration(text)) {
    duration.seconds = seconds_in(*length);
  } else {
    in.setstate(std::ios::failbit);
  }
  return in;
}

std::ostream& operator<<(std::ostream& out, const TypedDuration& duration) {
  return out << duration.seconds;
}

int report_error(std::string_view verb, const Error& error) {
  const auto shown = [](const std::string& text) { return for_this_terminal(printable(text)); };
  std::cerr << "firesweep " << verb << ": "
            << shown((error.where.empty() ? "" : error.where + ": ") + error.what) << "\n";
  if (!error.hint.empty()) std::cerr << "  " << shown(error.hint) << "\n";
  return error.code == ErrorCode::kUnavailable ? kFailedWhileRunning : kNothingBegan;
}

Result<std::string> checked_format(const Parsed& parsed, std::vector<std::string_view> possible) {
  std::string format = parsed.get<std::string>("format").value_or("table");
  if (std::find(possible.begin(), possible.end(), format) != possible.end()) return format;
  std::string list;
  for (const std::string_view word : possible)
    list += (list.empty() ? "" : ", ") + std::string(word);
  return fail(ErrorCode::kBadInput, "--format", "found \"" + format + "\", expected one of " + list,
              did_you_mean(format, possible));
}

Result<std::string> checked_log_level(const Parsed& parsed) {
  constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info",
                                                    "warn",  "error", "off"};
  std::string level = parsed.value<std::string>("log-level");
  if (std::find(kLevels.begin(), kLevels.end(), level) != kLevels.end()) return level;
  return fail(ErrorCode::kBadInput, "--log-level",
              "found \"" + level + "\", expected one of trace, debug, info, warn, error, off",
              did_you_mean(level, kLevels));
}

Result<SweepId> parse_sweep(std::string_view word) {
  const auto number = whole(word);
  if (!number || *number == 0) {
    return fail(ErrorCode::kBadInput, "SWEEP",
                "found \"" + std::string(word) + "\", expected a sweep's number",
                "`firesweep list` shows them");
  }
  return SweepId{*number};
}

Result<TrialId> parse_trial(std::string_view word) {
  const std::size_t slash = word.find('/');
  const auto sweep = slash == std::string_view::npos ? std::nullopt : whole(word.substr(0, slash));
  const auto number =
      slash == std::string_view::npos ? std::nullopt : whole(word.substr(slash + 1));
  if (!sweep || !number || *sweep == 0 || *number >= (std::int64_t{1} << kTrialNumberBits)) {
    return fail(ErrorCode::kBadInput, "TRIAL",
                "found \"" + std::string(word) + "\", expected SWEEP/NUMBER, as in 1/17",
                "`firesweep list SWEEP` shows a sweep's trials");
  }
  return make_trial_id(SweepId{*sweep}, *number);
}

Result<std::vector<std::int64_t>> parse_seeds(std::string_view text) {
  std::vector<std::int64_t> seeds;
  for (std::string_view rest = text;;) {
    const std::string_view word = rest.substr(0, rest.find(','));
    const auto seed = whole(word);
    if (!seed) {
      return fail(ErrorCode::kBadInput, "--seeds",
                  "found \"" + std::string(text) +
                      "\", expected whole numbers from 0 with commas between them",
                  "as in --seeds 11,12,13");
    }
    seeds.push_back(*seed);
    if (word.size() == rest.size()) return seeds;
    rest.remove_prefix(word.size() + 1);
  }
}

}  // namespace firesweep
