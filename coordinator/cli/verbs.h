// The verbs of `firesweep`, each in verbs/. A verb gets the words after its name and returns an
// exit code. Failures of the environment are thrown; run_cli catches them.
#pragma once

#include <string>
#include <vector>

namespace firesweep {

using Words = std::vector<std::string>;

int verb_serve(const Words& words);
int verb_run(const Words& words);
int verb_submit(const Words& words);
int verb_refit(const Words& words);
int verb_preview(const Words& words);
int verb_list(const Words& words);
int verb_status(const Words& words);
int verb_curves(const Words& words);
int verb_leaderboard(const Words& words);
int verb_pareto(const Words& words);
int verb_pause(const Words& words);
int verb_resume(const Words& words);
int verb_stop(const Words& words);
int verb_cancel(const Words& words);
int verb_extend(const Words& words);
int verb_retry(const Words& words);
int verb_wait(const Words& words);
int verb_release(const Words& words);
int verb_keys(const Words& words);
int verb_slurm(const Words& words);
int verb_import_wandb(const Words& words);
int verb_inspect(const Words& words);
int verb_explain(const Words& words);
int verb_schema(const Words& words);
int verb_replay(const Words& words);
int verb_check(const Words& words);
int verb_backup(const Words& words);
int verb_restore(const Words& words);
int verb_export_model(const Words& words);
int verb_verify_resume(const Words& words);

// Finds and runs the verb. Maps every error and exception to an exit code and one message on
// standard error.
int run_cli(const Words& words);

}  // namespace firesweep
