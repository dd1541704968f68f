#include "coordinator/cli/explain_topics.h"

#include <algorithm>
#include <iterator>

namespace firesweep {
namespace {

constexpr std::string_view kMethodText =
    R"(  `firesweep explain tpe` tells when to use it, and with which budget; likewise for each of them.
  Points of grid, random and sobol depend on the sweep's file alone, "search_seed" included: not on
  the number of workers, and not on restarts. Random points of finitely many are drawn in a random
  order, none twice. The others learn from results in the order in which these come.
  See also: distributions, exclude, constraints, seeds.
)";

constexpr std::string_view kDistributionsText =
    R"(  Of one parameter, with the names and keys of W&B. All but the first two need a method
  other than grid.
  "distribution"            other keys             draws
  constant                  value                  this value
  categorical               values, probabilities  one of the values, each alike or as often as said
  uniform                   min, max               a number from min to max
  int_uniform               min, max               a whole number from min to max, both included
  log_uniform_values        min, max               evenly in the logarithm
  inv_log_uniform_values    min, max               log(1/x) evenly from log(1/max) to log(1/min)
  normal                    mu, sigma              by the normal distribution
  log_normal                mu, sigma              e to the power of a normal number: both are of
                                                   the logarithm
  beta                      a, b                   from 0 to 1, by the beta distribution
  q_uniform, q_log_uniform_values, q_normal, q_log_normal, q_beta
                            the same, and q        the multiple of q next to what is drawn
  Without "distribution": value is constant, values are categorical, min and max are int_uniform
  where both are whole and the parameter may be, else uniform.
  normal and log_normal are cut off at the parameter's limits: what lies outside is drawn again.
  Where less than a quarter lies inside, log_normal and the q_ ones are refused. Multiples of q lie
  within min and max, and within the parameter's limits.
  Whole parameters, such as batch_size, take int_uniform and the q_ ones with a whole q.
  Example: "batch_size": {"distribution": "q_log_uniform_values", "min": 32, "max": 512, "q": 32}
)";

constexpr std::string_view kExcludeText =
    R"(  Example: "exclude": [{"variant": "v4", "lr": 0.01}, {"optimizer": "sgd", "lr": 0.001}]
  A point is left out if it has every value of one of the objects. Each value must be one of the
  sweep's: one that can match nothing is a mistake. `firesweep preview` counts what is left out.
)";

constexpr std::string_view kIncludeText =
    R"(  Example: "include": "base.json", "parameters": {"lr": {"values": [0.1, 0.2]}}
  The members of the other sweep file (JSON or YAML) are the base: members of this file replace them,
  and of "parameters" each parameter does. The path is relative to this file and stays in the folder
  of the file that is submitted. At most eight files include each other. What is submitted and
  stored is the merged text.
  For a single change: firesweep run sweep.json --set lr.values=[0.1] --set run_cap=10
  (--set PARAMETER.KEY=JSON or MEMBER=JSON; also of preview and submit). Variables such as ${HOME}
  are not replaced but refused.
)";

constexpr std::string_view kConstraintsText =
    R"(  Example: "constraints": ["params <= 8_000_000", "batch_size * epochs <= 4096"]
  A trial is run only if it satisfies each of them. They are checked before any training.
  Names      params, macs (of one image), model_bytes, every hyperparameter, and "arch.NAME" of a
             parameter that the sweep gives
  Operators  < <= > >= == !=, + - * /, and, or, not, parentheses; text stands in '…', as in
             "optimizer != 'sgd' or lr >= 0.01"
  A division by zero satisfies nothing. `firesweep preview` counts what is left out.
)";

constexpr std::string_view kSeedsText = R"(  Example: "seeds": [1, 2, 3]
  Every point is trained once per seed and ranked by its mean. The seed decides the initial weights,
  the order of the images and their augmentation. By default [1]. "search_seed" is another thing: by
  it method random draws its points.
)";

constexpr std::string_view kRacingText =
    R"(  Example: "seeds": [1, 2, 3, 4, 5], "racing": {"top": 3, "level": 0.05, "group_by": ["variant"]}
  All points are trained with the first seed, then with the second, and so on. When the trials of a
  seed have ended, a point that cannot be among the best `top` of its group any more gets no further
  seeds: its trials are PRUNED and it has no rank. With fewer than three seeds nothing is saved.
  The test   A point is out where at least `top` others are better, each by a one-sided paired t-test
             over the seeds that both have. The variance is pooled over the group, with points and
             seeds as the two ways of a randomised block design, since two seeds say little of their
             own spread; the level is divided among the comparisons (Bonferroni). It is the t-test
             race of irace (Birattari et al., GECCO 2002; López-Ibáñez et al., 2016).
  top        So many points of each group are looked for.
  level      The largest chance that one of them is raced out.   default:  0.05
  group_by   Points are compared with those that have the same values of these parameters.
             default:  ["variant"]
  `firesweep leaderboard --points` says of a point after how many seeds it was raced out; the table
  `raced_out` has the evidence of each decision. Not for methods that learn.
)";

constexpr std::string_view kReuseText =
    R"(  Example: "reuse": true
  Before a trial is trained, the database is searched for a result of equal work, of any sweep: the
  same resolved config (defaults, architecture, dataset, split and trainer included), the same seed,
  and the same build as that of the worker it would be given to: commit of firesweep, version of
  LibTorch, CPU or GPU (of simulated curves the commit alone). The trial then is COMPLETE with a copy of that result and is not trained.
  The column `reused_from` of `firesweep leaderboard` names the trial that was; `firesweep list`
  counts them. By default false.
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
             epochs goes on from it, bit for bit. Under any other schedule longer trials begin from
             nothing.
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
  epoch is stored, and its worker stops at the next batch. `firesweep status` counts such trials; the
  view `unranked` says what each was stopped by.
  type       asha       At each rung a trial goes on if it is among the best 1/eta of those that have
                        come there. The usual choice; with more trials it saves more. (Li et al.,
                        MLSys 2020, stopping type)
             hyperband  asha in several brackets, of which later ones compare later. For trials whose
                        first epochs say little of the end; saves less. (Li et al., JMLR 2018)
             median     Stops a trial whose best is below the median of the others' means up to the
                        same epoch. Careful; for few trials. (Golovin et al., KDD 2017)
             threshold  Stops a trial below an accuracy: one that does not learn at all.
             plateau    Stops a trial that improves no more. (Prechelt 1998)
  min_iter   The first epoch at which a trial may be stopped.
             default:  a third of its epochs, past the warm-up
  eta        (asha, hyperband) The rungs go from min_iter to the last epoch by equal factors of at
             most eta.
             default:  3
  min_others (median) So many other trials must have come as far.   default:  5
  at_least   (threshold) The accuracy to have, as a fraction.
  patience, min_delta   (plateau) So many epochs without so much improvement.   default:  5 and 0
  group_by   Trials are compared with those that have the same values of these parameters.
             default:  ["variant"], so that small networks are not stopped for being small
)";

constexpr Topic kTopics[] = {
    {"method", "How points are made of the parameters.", kMethodText},
    {"distributions", "What a parameter is drawn from.", kDistributionsText},
    {"exclude", "Points that are left out.", kExcludeText},
    {"include", "Another sweep file as a base, and --set.", kIncludeText},
    {"constraints", "What a trial must satisfy to be run.", kConstraintsText},
    {"seeds", "Training seeds: every point is trained once with each of them.", kSeedsText},
    {"reuse", "Results of equal work are taken over from other sweeps.", kReuseText},
    {"racing", "Which points get further seeds.", kRacingText},
    {"checkpoint", "How often trials write a checkpoint, and which weights are kept.",
     kCheckpointText},
    {"early_terminate", "Which trials are stopped before their last epoch.", kEarlyTerminateText},
};

struct OtherWord {
  std::string_view word;
  std::string_view topic;
};
constexpr OtherWord kOtherWords[] = {
    {"parameters", "distributions"},
    {"distribution", "distributions"},
    {"constant", "distributions"},
    {"categorical", "distributions"},
    {"values", "distributions"},
    {"probabilities", "distributions"},
    {"uniform", "distributions"},
    {"int_uniform", "distributions"},
    {"log_uniform_values", "distributions"},
    {"inv_log_uniform_values", "distributions"},
    {"normal", "distributions"},
    {"log_normal", "distributions"},
    {"beta", "distributions"},
    {"q_uniform", "distributions"},
    {"q_log_uniform_values", "distributions"},
    {"q_normal", "distributions"},
    {"q_log_normal", "distributions"},
    {"q_beta", "distributions"},
    {"search_seed", "seeds"},
    {"asha", "early_terminate"},
    {"hyperband", "early_terminate"},
    {"median", "early_terminate"},
    {"threshold", "early_terminate"},
    {"plateau", "early_terminate"},
};

}  // namespace

std::span<const Topic> explain_topics() { return kTopics; }

const Topic* find_topic(std::string_view word) {
  const auto* other = std::ranges::find(kOtherWords, word, &OtherWord::word);
  const std::string_view name = other == std::end(kOtherWords) ? word : other->topic;
  const auto* found = std::ranges::find(kTopics, name, &Topic::name);
  return found == std::end(kTopics) ? nullptr : found;
}

}  // namespace firesweep
