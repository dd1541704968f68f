// The keys of a sweep file and what bounds their values, as tables: the decoder of sweep files and
// their JSON Schema (sweep_schema.h) both read them. Internal to the codec room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace firesweep {

struct SweepKey {
  std::string_view name;
  std::string_view help;  // one sentence
};

// The members of a file, in the order people are told them.
inline constexpr SweepKey kSweepKeys[] = {
    {"name", "What people call the sweep; by default the file's name."},
    {"include",
     "Another sweep file whose members are the base of this one's, by its path relative to this "
     "file; `firesweep explain include` tells more."},
    {"method",
     "How points are made of the parameters: grid takes every combination, random and sobol draw "
     "them, tpe, evolution, nsga2 and gp learn from results; `firesweep explain method` tells when "
     "to use which. A name, or an object with the name and its settings."},
    {"metric", "What trials are ranked by."},
    {"dataset", "The images that are trained on."},
    {"trainer", "torch trains; simulated draws learning curves instead, for dry runs."},
    {"preset", "The recipe that sets what the parameters leave open."},
    {"parameters",
     "Hyperparameters, each with a value, a list of values or a distribution; `firesweep explain` "
     "lists them."},
    {"seeds", "Training seeds: every point is trained once with each of them."},
    {"racing",
     "A point's next seed is started only while the point can be among the best ones; `firesweep "
     "explain racing` tells more."},
    {"search_seed", "Seed by which methods other than grid draw."},
    {"exclude", "Points left out: those that have every value of one of these objects."},
    {"zip",
     "Lists of names of parameters whose values are varied together: the first ones, then the "
     "second ones, …"},
    {"conditions",
     "Parameters that exist only where others have some values; elsewhere they have their default, "
     "and no point is made twice."},
    {"constraints",
     "What a trial must satisfy to be run, such as \"params <= 8_000_000\" or \"batch_size * "
     "epochs "
     "<= 4096\"; `firesweep explain constraints` tells more."},
    {"run_cap", "The largest number of trials; every method but grid needs it."},
    {"order",
     "In which order trials begin: longest_first keeps the sweep's end short, interleaved begins "
     "with a bit of everything, one seed of each point before the second."},
    {"priority",
     "Sweeps with a higher number are served first; those with the same share the workers."},
    {"max_concurrent_trials", "The largest number of trials that run at the same time."},
    {"max_restarts", "How often a trial that failed is started again."},
    {"max_failed_trials", "The sweep fails when more trials than these have failed."},
    {"max_trial_duration",
     "The longest time that a trial trains: seconds, or a text such as \"90m\" or \"1h30m\"."},
    {"reuse",
     "true: a trial whose work has a result in the database already, by the same build, takes that "
     "result; `firesweep explain reuse` tells more."},
    {"checkpoint",
     "When trials save what they resume from, and which weights stay; `firesweep explain "
     "checkpoint` tells more."},
    {"early_terminate",
     "Which trials are stopped before their last epoch; `firesweep explain early_terminate` tells "
     "more."},
    {"$schema", "The JSON Schema by which an editor checks this file; firesweep ignores it."},
};

// Those that are whole numbers, with their inclusive bounds.
struct WholeKey {
  std::string_view name;
  std::int64_t min;
  std::int64_t max;
};
inline constexpr std::int64_t kMaxSeed = (std::int64_t{1} << 53) - 1;
inline constexpr std::int64_t kMaxTrials = std::int64_t{1} << 40;
inline constexpr WholeKey kWholeKeys[] = {
    {"search_seed", 0, kMaxSeed}, {"run_cap", 1, kMaxTrials},
    {"priority", -100, 100},      {"max_concurrent_trials", 1, 1'000'000},
    {"max_restarts", 0, 1000},    {"max_failed_trials", 0, kMaxTrials},
};

inline constexpr std::array<std::string_view, 2> kMetricKeys = {"name", "goal"};
inline constexpr std::array<std::string_view, 1> kGoals = {"maximize"};

// The most elements of a list.
inline constexpr std::size_t kMostSeeds = 1000;
inline constexpr std::size_t kMostConstraints = 100;

}  // namespace firesweep
