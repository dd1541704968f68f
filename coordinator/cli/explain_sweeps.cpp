#include "coordinator/cli/explain_texts.h"

namespace firesweep {
namespace {

constexpr std::string_view kNameText =
    R"(  Example: "name": "cifar100-variants"
  1 to 100 printable characters. Without it a sweep is called as its file, without the ending. Two
  sweeps may have the same name; the number that `firesweep submit` prints tells them apart.
)";

constexpr std::string_view kMethodText =
    R"(  `firesweep explain tpe` tells when to use it, and with which budget; likewise for each of them.
  Points of grid, random and sobol depend on the sweep's file alone, "search_seed" included: not on
  the number of workers, and not on restarts. Random points of finitely many are drawn in a random
  order, none twice. The others learn from results in the order in which these come.
  Points that train the same in other words are merged, and `firesweep preview` counts them: of
  50,000 images a val_size of 0.1 is 5000, and a schedule_epochs of 0 is the value of epochs.
  See also: distributions, exclude, constraints, seeds.
)";

constexpr std::string_view kMetricText =
    R"(  Example: "metric": {"name": "val_accuracy", "goal": "maximize"}
  name       val_accuracy   on images held out of training; the usual choice, and the default
             test_accuracy  needs the parameter protocol to be "study": nothing is held out then
  goal       maximize: both are accuracies.   default:  maximize
)";

constexpr std::string_view kDatasetText =
    R"(  Example: "dataset": "cifar100"
  One of cifar100, cifar10 and fashion_mnist. A worker gets trials of the data sets that it has:
  `firesweep-worker --data-dir DIR`, or FIRESWEEP_DATA. A simulated sweep need not name one.
)";

constexpr std::string_view kTrainerText =
    R"(  Example: "trainer": "simulated"
  torch      trains. The default.
  simulated  makes up learning curves instead of training, for dry runs: a trial takes
             simulated_seconds for each epoch and fails with the probability
             simulated_failure_rate. Its rows say so and are not ranked with those of torch.
)";

constexpr std::string_view kIncludeText =
    R"(  Example: "include": "base.json", "parameters": {"lr": {"values": [0.1, 0.2]}}
  The members of the other sweep file (JSON or YAML) are the base: members of this file replace
  them, and of "parameters" each parameter does. The path is relative to this file and stays in the
  folder of the file that is submitted. At most eight files include each other. What is submitted
  and stored is the merged text.
  For a single change: firesweep run sweep.json --set lr.values=[0.1] --set run_cap=10
  (--set PARAMETER.KEY=JSON or MEMBER=JSON; also of preview and submit). Variables such as ${HOME}
  are not replaced but refused.
)";

constexpr std::string_view kSeedsText = R"(  Example: "seeds": [1, 2, 3]
  Every point is trained once per seed and ranked by its mean. The seed decides the initial weights,
  the order of the images and their augmentation. By default [1]. "search_seed" is another thing: by
  it method random draws its points.
)";

constexpr std::string_view kRunCapText =
    R"(  Example: "run_cap": 100
  The largest number of trials, seeds included. Methods other than grid need it: it is how many they
  draw. Where there are fewer points that train differently, the sweep ends with these. Of a larger
  grid the trials with the lowest numbers run, whatever the "order". `firesweep preview` says how
  many are left out or missing. `firesweep extend SWEEP --run-cap 200` raises it later.
)";

constexpr std::string_view kExtendText =
    R"(  A command, not a member of the file. Example: firesweep extend 1 --seeds 4,5
  Adds trials to a sweep, finished or not. What it already has is kept and never runs again.
  --seeds 4,5     two more seeds for every point
  --run-cap 200   so many trials in all, in the order of their numbers: more of a grid that was cut
                  off, or more points of a method that draws them
  FILE.json       an edited copy of the sweep's file: the trials that the sweep does not have yet.
                  Its limits count from now on. Name, dataset, metric, trainer and protocol stay.
  With more epochs, the longer trials go on from the checkpoints of the shorter ones where the
  schedule allows it: see checkpoint.
)";

constexpr std::string_view kOrderText =
    R"(  Example: "order": "interleaved"
  longest_first  The trials that take longest begin first, so that no worker waits long for the
                 others at the end. Trials that take equally long take turns by variant.
                 The default.
  interleaved    A bit of everything first, for an early overview: one seed of every point before
                 the second one, variant by variant in turn, the points of a variant shuffled.
  Methods that learn from results begin their trials by number, whatever is written. The order
  changes neither trials nor their numbers.
)";

constexpr std::string_view kPriorityText =
    R"(  Example: "priority": 10
  From -100 to 100; 0 is the default. Of sweeps that wait for workers, the one with the highest
  priority is served first. Sweeps with the same priority share the workers evenly.
)";

constexpr std::string_view kLimitsText =
    R"(  Example: "max_concurrent_trials": 8, "max_trial_duration": "1h30m", "max_failed_trials": 10
  max_concurrent_trials  So many trials of the sweep run at the same time at most.
                         default:  as many as there are workers
  max_restarts           So often a trial is started again after an error, or after its worker was
                         lost; then it fails.   default:  3
  max_failed_trials      When more trials than these have failed, no more are started and the sweep
                         fails.   default:  no limit
  max_trial_duration     The longest time that a trial trains: seconds, or a text such as "90m",
                         "2h" or "1h30m". It then fails with TIMEOUT.   default:  no limit
)";

constexpr std::string_view kRacingText =
    R"(  Example: "seeds": [1, 2, 3, 4, 5], "racing": {"top": 3, "level": 0.05, "group_by": ["variant"]}
  All points are trained with the first seed, then with the second, and so on. When the trials of a
  seed have ended, a point that cannot be among the best `top` of its group any more gets no further
  seeds: its trials are PRUNED and it has no rank. With fewer than three seeds nothing is saved.
  The test   A point is out where at least `top` others are better, each by a one-sided paired
             t-test over the seeds that both have. The variance is pooled over the group, with
             points and seeds as the two ways of a randomised block design, since two seeds say
             little of their own spread; the level is divided among the comparisons (Bonferroni).
             It is the t-test race of irace (Birattari et al., GECCO 2002; López-Ibáñez et al.,
             2016).
  top        So many points of each group are looked for.
  level      The largest chance that one of them is raced out.   default:  0.05
  group_by   Points are compared with those that have the same values of these parameters.
             default:  ["variant"]
  `firesweep leaderboard --points` says of a point after how many seeds it was raced out; the table
  `raced_out` has the evidence of each decision. Not for methods that learn, and
  not with promotion.
)";

constexpr std::string_view kReuseText =
    R"(  Example: "reuse": true
  Before a trial is trained, the database is searched for a result of equal work, of any sweep: the
  same resolved config (defaults, architecture, dataset, split and trainer included), the same seed,
  and the same build as that of the worker it would be given to: commit of firesweep, version of
  LibTorch, CPU or GPU; of simulated curves the commit alone. The trial then is COMPLETE with a
  copy of that result and is not trained. The column `reused_from` of `firesweep leaderboard` names
  the trial that was; `firesweep list` counts them. By default false. Configs are compared as they
  are written: of 50,000 images, a val_size of 0.1 is not taken for one of 5000.
)";

constexpr std::string_view kCheckpointText =
    R"(  A member of the sweep file, not a parameter. Example:
    "checkpoint": {"every": "5 epochs", "keep": "best", "max_bytes": "20GB"}
  every      How often a running trial writes a checkpoint: "N epochs", or a time such as "10 min"
             (s, min, h), which may fall within an epoch. A trial resumes from its checkpoint bit
             for bit. It also writes one after the last epoch and when it is asked to stop. A
             killed trial loses the work after its last checkpoint.
             default:  "1 epoch"
             If the schedule allows a longer training to begin from a shorter one (constant,
             one_cycle_per_epoch, or any with schedule_epochs), a finished trial's last checkpoint
             stays on its worker's host for 30 days: `firesweep extend SWEEP FILE.json` with more
             epochs goes on from it, bit for bit. The file may add cooldown_epochs to a constant
             schedule: such a trial, too, goes on from the shorter one, if that has no cooldown
             itself and ends before the longer one's begins. All other longer trials begin from
             nothing. So does a trial whose shorter one's checkpoint is gone by then:
             `firesweep run` and `firesweep list SWEEP` name it.
  keep       "all" keeps the selected weights of every finished trial on its worker's host. "best"
             keeps on each host only those of the sweep's best trial there. The parameter `select`
             says which epoch's weights a trial selects.
             default:  "all"
  max_bytes  Limit, as a number or a text such as "500MB" or "20GiB", for two things. (1) The
             weights of the sweep's finished trials on each host: the worst trial's are deleted
             first, the best trial's are kept. (2) The sweep's checkpoints at the coordinator:
             those of ended trials are deleted first, then those of waiting trials, then the best
             trial's. `firesweep serve --checkpoint-bytes` limits all sweeps together; both limits
             apply. The checkpoints of running trials are never deleted, so the total may exceed
             max_bytes.
             default:  no limit
)";

constexpr std::string_view kEarlyTerminateText =
    R"(  Example: "early_terminate": {"type": "asha", "min_iter": 5, "eta": 3, "group_by": ["variant"]}
  A trial that is stopped is PRUNED: it has no rank, and its epochs stay. It is decided when an
  epoch is stored, and its worker stops at the next batch. `firesweep status` counts such trials;
  `firesweep list SWEEP` says what each was stopped by, and `firesweep replay SWEEP` computes every
  decision again from what is stored with it.
  type       asha       At each rung a trial goes on if it is among the best 1/eta of those that
                        have come there. The usual choice; with more trials it saves more.
                        (Li et al., MLSys 2020; see promotion below)
             hyperband  asha in several brackets, of which later ones compare later. For trials
                        whose first epochs say little of the end; saves less. (Li et al., JMLR 2018)
             median     Stops a trial whose best is below the median of the others' means up to the
                        same epoch. Careful; for few trials. (Golovin et al., KDD 2017)
             threshold  Stops a trial below an accuracy: one that does not learn at all.
             plateau    Stops a trial that improves no more. (Prechelt 1998)
             one_epoch_top_k   After the first epoch the best k go on, to the end: the baseline to
                        compare the others with. `firesweep explain one_epoch_top_k`.
  min_iter   The first epoch at which a trial may be stopped.
             default:  a third of its epochs, past the warm-up; of one_epoch_top_k the first one
  eta        (asha, hyperband) The rungs go from min_iter to the last epoch by equal factors of at
             most eta.
             default:  3
  promotion  (asha, one_epoch_top_k) How a trial is judged at a rung.   default:  false
             false      Stopping: at once, and for good. No checkpoint is needed, and no time is
                        lost. Early mistakes stay: the first trials that come are compared with few.
             true       Promotion: the trial waits there, WAITING with its checkpoint and without
                        charge, and its slot takes other work. Whenever a slot is free, the best one
                        that waits goes on if its rung has a place: no more than 1/eta of those that
                        have come, as long as others may. In the end all of the best 1/eta go on, at
                        least one of each group, and the rest is PRUNED. The sweep then ends.
             What promotion saves depends less on the order in which trials come, and it finds more:
             on the LCBench curves as much as stopping or more (docs/results). It costs a checkpoint
             written, sent and loaded for each pause. Take it for trials of minutes and more, and
             for many trials; take stopping for trials of seconds, for few trials, and where
             checkpoints cannot travel.
             A promoted trial goes on from its checkpoint at the coordinator or in its host's
             folder. Where neither has one (`serve` without a way for checkpoints, or max_bytes was
             too little), it is trained again from its first epoch: the same result, later.
             A trial at its rung is WAITING, and no worker is given it before it is promoted:
             `firesweep status SWEEP` names those trials.
             24 trials of each of two variants, 27 epochs, min_iter 3, eta 3: stopping saves 60 to
             80 % of the work, promotion 70 to 75 %. `firesweep preview` tells it of your sweep.
  min_others (median) So many other trials must have come as far.   default:  5
  at_least   (threshold) The accuracy to have, as a fraction.
  patience, min_delta   (plateau) So many epochs without so much improvement.   default:  5 and 0
  k          (one_epoch_top_k) So many trials go on.   default:  3
  group_by   Trials are compared with those that have the same values of these parameters.
             default:  ["variant"], so that small networks are not stopped for being small
)";

constexpr std::string_view kOneEpochText =
    R"(  Example: "early_terminate": {"type": "one_epoch_top_k", "promotion": true, "k": 3}
  A type of early_terminate (Egele, Guyon, Sun, Balaprakash: Is One Epoch All You Need For
  Multi-Fidelity Hyperparameter Optimization?, ESANN 2023). The cheapest search that is hard to
  beat: run it first, and see what a better one gains. Good where the first epoch tells the end,
  poor where good trials begin slowly (small learning rates, long warm-up).
  promotion  true       As the paper has it. Every trial trains its first epoch and waits, WAITING
                        with its checkpoint, until every other trial of the sweep has come as far or
                        has ended. Then the best k of each group go on to their last epoch. The rest
                        is PRUNED at the sweep's end. Not for methods that learn: no result comes
                        before their last point. Of equal scores the smallest number ranks first.
                        A failed or cancelled trial is not waited for; one that was cancelled while
                        it waited keeps its rank. Trials that `firesweep extend` adds, points or
                        seeds, are compared with all that came before, and those among the best k
                        of all go on.
             false      No trial waits: one goes on if it is among the best k that have come so
                        far, and else is stopped for good. Of n trials in random order about
                        k × (1 + ln(n / k)) go on: the best k of all, and early ones that were
                        overtaken. No checkpoint is needed. The default.
  k          So many trials go on, of each group.   default:  3
  min_iter   The epoch after which they are compared.   default:  1
  group_by   as for all types; default ["variant"]: k trials of each variant go on.
  100 trials of 15 epochs, k 3: 142 epochs with promotion, about 300 without, 1,500 in all.
  See also: early_terminate, and `firesweep preview` for your sweep.
)";

constexpr std::string_view kSchemaText =
    R"(  Example: "$schema": "../docs/sweep.schema.json"
  An editor that knows JSON Schema completes and checks the file by it. firesweep ignores it.
  `firesweep schema sweep` prints the schema.
  It tells names, types, bounds, choices and the form of texts. JSON Schema does not compare one
  value with another. `firesweep preview` checks that too: lists of one zip that differ in length,
  a min above its max, probabilities that do not add up to 1, parentheses and types in constraints,
  excluded values that the sweep does not have, more images than the dataset has.
)";

constexpr Topic kSweepTopics[] = {
    {"name", "What people call the sweep.", kNameText},
    {"method", "How points are made of the parameters.", kMethodText},
    {"metric", "What trials are ranked by.", kMetricText,
     "goal maximize val_accuracy test_accuracy"},
    {"dataset", "The images that are trained on.", kDatasetText, "cifar100 cifar10 fashion_mnist"},
    {"trainer", "What trains: LibTorch, or learning curves that are made up.", kTrainerText,
     "torch simulated"},
    {"include", "Another sweep file as a base, and --set.", kIncludeText, "--set"},
    {"seeds", "Training seeds: every point is trained once with each of them.", kSeedsText,
     "search_seed seed"},
    {"racing", "Which points get further seeds.", kRacingText, "top level"},
    {"reuse", "Results of equal work are taken over from other sweeps.", kReuseText},
    {"run_cap", "The largest number of trials.", kRunCapText},
    {"extend", "More trials for a sweep that there is.", kExtendText},
    {"order", "In which order trials begin.", kOrderText, "longest_first interleaved"},
    {"priority", "Which of several sweeps is served first.", kPriorityText},
    {"limits", "How many trials run at once, fail or start again, and how long one takes.",
     kLimitsText, "max_concurrent_trials max_restarts max_failed_trials max_trial_duration"},
    {"checkpoint", "How often trials write a checkpoint, and which weights are kept.",
     kCheckpointText, "every keep max_bytes all best"},
    {"early_terminate", "Which trials are stopped before their last epoch.", kEarlyTerminateText,
     "type asha hyperband median threshold plateau min_iter eta promotion min_others at_least "
     "patience min_delta group_by"},
    {"one_epoch_top_k", "After one epoch only the best k trials go on.", kOneEpochText, "k"},
    {"$schema", "The JSON Schema by which an editor checks the file.", kSchemaText},
};

}  // namespace

std::span<const Topic> topics_of_sweeps() { return kSweepTopics; }

}  // namespace firesweep
