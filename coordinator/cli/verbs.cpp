#include "coordinator/cli/verbs.h"

#include <algorithm>
#include <array>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string_view>

#include "coordinator/cli/exit_codes.h"
#include "shared/base/build_commit.h"
#include "shared/base/error.h"
#include "shared/base/near_miss.h"
#include "shared/base/standard_streams.h"
#include "shared/base/utf8.h"

namespace firesweep {
namespace {

struct Verb {
  std::string_view name;
  int (*run)(const Words&);
  std::string_view summary;
};

constexpr std::array kVerbs{
    Verb{"run", verb_run, "run a sweep on this machine, watch it, get the ranking"},
    Verb{"preview", verb_preview, "what a sweep file expands to and what it will cost"},
    Verb{"serve", verb_serve, "run a coordinator for submitted sweeps and their workers"},
    Verb{"submit", verb_submit, "submit a sweep file to a coordinator"},
    Verb{"list", verb_list, "the sweeps of a database, or the trials of one sweep"},
    Verb{"status", verb_status, "what is running now, and on which workers"},
    Verb{"leaderboard", verb_leaderboard, "trials ranked by accuracy"},
    Verb{"curves", verb_curves, "losses, accuracies and timing by epoch"},
    Verb{"pareto", verb_pareto, "accuracy against parameter count: the front, as data or plot"},
    Verb{"wait", verb_wait, "wait until a sweep ends"},
    Verb{"pause", verb_pause, "start no more trials of a sweep; running trials continue"},
    Verb{"resume", verb_resume, "continue a paused or stopped sweep"},
    Verb{"stop", verb_stop, "stop a sweep; running trials write a checkpoint first"},
    Verb{"cancel", verb_cancel, "cancel a sweep or one trial for good"},
    Verb{"extend", verb_extend, "add trials to a sweep"},
    Verb{"retry", verb_retry, "run failed trials again"},
    Verb{"release", verb_release, "end a worker's quarantine"},
    Verb{"keys", verb_keys, "invite other hosts and users, list who may connect, revoke"},
    Verb{"slurm", verb_slurm, "a batch script for workers on a Slurm cluster"},
    Verb{"refit", verb_refit, "train a chosen trial on all images, for the number to publish"},
    Verb{"export-model", verb_export_model,
         "write a trial's network for Python: safetensors and model.py"},
    Verb{"import-wandb", verb_import_wandb, "turn a sweep file of W&B into ours"},
    Verb{"inspect", verb_inspect, "the layers of an architecture, with parameters and MACs"},
    Verb{"explain", verb_explain,
         "what a hyperparameter means, its bounds and default; which method to use"},
    Verb{"schema", verb_schema,
         "what the database's columns mean; the JSON Schema of sweep files; the metrics"},
    Verb{"replay", verb_replay, "compute a search's decisions again from their evidence"},
    Verb{"check", verb_check, "rows of a database that contradict each other"},
    Verb{"backup", verb_backup, "copy a database while its coordinator runs"},
    Verb{"restore", verb_restore, "put a backup in place of a database"},
    Verb{"verify-resume", verb_verify_resume, "check that a killed training resumes bit for bit"},
};

void print_usage(std::ostream& out) {
  out << "firesweep: hyperparameter sweeps that rank accuracy against parameter count\n\n"
         "Usage: firesweep VERB [OPTIONS]   (firesweep VERB --help lists a verb's options)\n\n";
  for (const Verb& verb : kVerbs) {
    out << "  " << std::left << std::setw(15) << verb.name << verb.summary << "\n";
  }
  out << "\nFirst steps:\n"
         "  firesweep preview sweeps/quickstart.json\n"
         "  firesweep run sweeps/quickstart.json --workers 2\n"
         "  firesweep leaderboard\n"
         "Workers on other machines: paste there what `firesweep keys invite` prints\n\n"
         "Exit codes: 0 done; 1 failed while running, or the output could not be written;\n"
         "2 nothing began (wrong options or files, a port in use, rows that contradict each\n"
         "other); 3 the sweep ended but failed: more than max_failed_trials, or no trial "
         "succeeded;\n"
         "130 interrupted.\n";
}

// A command whose output could not be written has failed: for instance an export onto a full disk.
int with_output(std::string_view verb, int code) {
  const auto unwritten = flush_standard_output();
  if (!unwritten) return code;
  std::cerr << "firesweep" << (verb.empty() ? "" : " ") << verb
            << ": standard output: " << *unwritten << "\n";
  return code == kDone ? kFailedWhileRunning : code;
}

int run_verb(const Words& words) {
  if (words[0] == "version" || words[0] == "--version" || words[0] == "-V") {
    std::cout << "firesweep " << build_commit() << "\n";
    return kDone;
  }
  const auto verb =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& v) { return v.name == words[0]; });
  if (verb == kVerbs.end()) {
    std::array<std::string_view, kVerbs.size()> names;
    std::transform(kVerbs.begin(), kVerbs.end(), names.begin(),
                   [](const Verb& v) { return v.name; });
    const std::string near = did_you_mean(words[0], names);
    std::cerr << "firesweep: no verb \"" << printable(words[0]) << "\""
              << (near.empty() ? "; `firesweep --help` lists them" : "; " + near) << "\n";
    return kNothingBegan;
  }
  try {
    return verb->run({words.begin() + 1, words.end()});
  } catch (const std::exception& broken) {
    std::cerr << "firesweep " << words[0] << ": " << printable(broken.what()) << "\n";
    return kFailedWhileRunning;
  }
}

}  // namespace

int run_cli(const Words& words) {
  if (words.empty() || words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    print_usage(words.empty() ? std::cerr : std::cout);
    return words.empty() ? kNothingBegan : with_output("", kDone);
  }
  const int code = run_verb(words);
  return with_output(words[0], code);
}

}  // namespace firesweep
