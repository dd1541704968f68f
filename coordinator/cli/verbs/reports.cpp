// list, curves, leaderboard and pareto: one report each, from a database or a coordinator.
#include <fstream>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "shared/base/letters.h"
#include "shared/codec/reference_points.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

struct ReportVerb {
  Usage usage;
  std::string report;
  std::vector<std::string_view> formats;
};

po::options_description report_options(const ReportVerb& verb) {
  std::string formats;
  for (const std::string_view format : verb.formats)
    formats += (formats.empty() ? "" : ", ") + std::string(format);
  po::options_description options("Options");
  options.add_options()("format,f", po::value<std::string>()->value_name("FORMAT"),
                        ("one of " + formats + " (default: table)").c_str())(
      "limit,n", po::value<std::int64_t>()->value_name("ROWS"), "at most this many rows")(
      "output,o", po::value<std::string>()->value_name("FILE"),
      "write to a file instead of standard output");
  add_target_options(options);
  return options;
}

int write_out(const std::string& verb, const Parsed& parsed, bool for_people, const Spool& text) {
  const auto path = parsed.get<std::string>("output");
  if (!path) {
    if (for_people) {
      std::cout << for_this_terminal(text.text());
    } else {
      text.copy_to(std::cout);
    }
    return kDone;
  }
  std::ofstream file(*path, std::ios::binary);
  text.copy_to(file);
  file.close();
  if (!file) return report_error(verb, {ErrorCode::kIo, *path, "cannot be written", ""});
  std::cerr << "wrote " << *path << "\n";
  return kDone;
}

// "--references": a word, or the text of the file it names.
Result<std::string> references_of(const Parsed& parsed, const std::string& format) {
  const auto chosen = parsed.get<std::string>("references");
  if (!chosen) return "auto";
  if (format != "svg") {
    return fail(ErrorCode::kBadInput, "--references",
                "found --format " + format + ", expected svg: only the plot shows published points",
                "csv, json and table hold this database's own points");
  }
  if (*chosen == "auto" || *chosen == "all" || *chosen == "none") return *chosen;
  auto text = read_text_file(*chosen);
  if (!text) {
    text.error().hint = "--references takes auto, all, none or a file of points";
    return text;
  }
  if (auto read = decode_reference_points(*text, *chosen); !read)
    return tl::unexpected(std::move(read.error()));
  return text;
}

int run_report(const ReportVerb& verb, const Parsed& parsed, const std::string& report) {
  const std::string name(verb.usage.verb);
  auto format = checked_format(parsed, verb.formats);
  if (!format) return report_error(name, format.error());
  request::Query asked{report, *format, std::nullopt, parsed.get<std::int64_t>("limit"), {}};
  auto references = references_of(parsed, *format);
  if (!references) return report_error(name, references.error());
  asked.references = std::move(*references);
  if (!parsed.positional.empty()) {
    auto sweep = parse_sweep(parsed.positional[0]);
    if (!sweep) return report_error(name, sweep.error());
    asked.sweep = *sweep;
  }
  auto target = target_of(parsed);
  if (!target) return report_error(name, target.error());
  Spool text;
  if (const auto read = query(*target, asked, text); !read) {
    return report_error(name, read.error());
  }
  return write_out(name, parsed, *format == "table", text);
}

}  // namespace

int verb_list(const Words& words) {
  const ReportVerb verb{
      {"list", "[SWEEP]", "Lists the sweeps of a database; with SWEEP, that sweep's trials.", 0, 1},
      "list",
      {"table", "csv", "json"}};
  const Parsed parsed = parse(verb.usage, report_options(verb), words);
  if (parsed.exit) return *parsed.exit;
  return run_report(verb, parsed, parsed.positional.empty() ? "list" : "trials");
}

int verb_curves(const Words& words) {
  const ReportVerb verb{
      {"curves", "SWEEP",
       "Prints one row per epoch and trial of a sweep: losses, accuracies, learning\n"
       "rate and timing. Works while the sweep runs, too.",
       1, 1},
      "curves",
      {"table", "csv", "json"}};
  const Parsed parsed = parse(verb.usage, report_options(verb), words);
  if (parsed.exit) return *parsed.exit;
  return run_report(verb, parsed, "curves");
}

int verb_leaderboard(const Words& words) {
  const ReportVerb verb{
      {"leaderboard", "[SWEEP]",
       "Ranks finished trials by accuracy. Trials are ranked together only if they have the same\n"
       "dataset, training subset, split, trainer, protocol and epochs. --points ranks points: the\n"
       "mean over the seeds of each configuration.",
       0, 1},
      "leaderboard",
      {"table", "csv", "json"}};
  po::options_description options = report_options(verb);
  options.add_options()("points", "one row per point: mean and confidence interval over its seeds");
  const Parsed parsed = parse(verb.usage, options, words);
  if (parsed.exit) return *parsed.exit;
  return run_report(verb, parsed, parsed.has("points") ? "points" : "leaderboard");
}

int verb_pareto(const Words& words) {
  const ReportVerb verb{
      {"pareto", "[SWEEP]",
       "Prints the Pareto front of accuracy against parameter count. table shows the front. csv\n"
       "and json hold all points with on_front and dominated_by, for other plotting tools. svg is\n"
       "a plot.",
       0, 1},
      "pareto",
      {"table", "csv", "json", "svg"}};
  po::options_description options = report_options(verb);
  options.add_options()(
      "references", po::value<std::string>()->value_name("WHICH"),
      "published points in the plot: auto (default: those known for the dataset, within the "
      "sweep's range of parameter counts, if the sweep trained on the whole dataset), all, none, "
      "or a JSON file like coordinator/report/plot/references/cifar100.json");
  const Parsed parsed = parse(verb.usage, options, words);
  if (parsed.exit) return *parsed.exit;
  return run_report(verb, parsed, "pareto");
}

}  // namespace firesweep
