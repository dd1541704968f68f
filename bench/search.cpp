// bench/search: firesweep's samplers on problems whose answers are known, beside Optuna's.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/search_problems.h"
#include "coordinator/search/samplers/evolution.h"
#include "coordinator/search/samplers/gp.h"
#include "coordinator/search/samplers/nsga2.h"
#include "coordinator/search/samplers/sobol.h"
#include "coordinator/search/samplers/tpe.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr int kSmallBudget = 100;  // of gp, whose time grows with the cube of its points

struct Entry {
  std::string name;
  std::function<std::unique_ptr<Sampler>(std::uint64_t seed)> make;
  bool for_fronts = false;
  int most = 400;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      {"random", [](auto) { return std::make_unique<RandomSampler>(); }},
      {"sobol", [](auto seed) { return std::make_unique<SobolSampler>(seed); }},
      {"tpe", [](auto) { return std::make_unique<TpeSampler>(); }},
      {"evolution", [](auto) { return std::make_unique<EvolutionSampler>(); }},
      {"gp", [](auto) { return std::make_unique<GpSampler>(); }, false, kSmallBudget},
      {"random", [](auto) { return std::make_unique<RandomSampler>(); }, true},
      {"nsga2", [](auto) { return std::make_unique<Nsga2Sampler>(); }, true},
  };
  return all;
}

// Per budget, the regret of each run; with two costs the reached share of the true front's area.
using Scores = std::map<int, std::vector<double>>;

Scores run(const SearchProblem& problem, const Entry& entry, int runs,
           const std::vector<int>& budgets) {
  const bool front = !problem.corner.empty();
  Scores scores;
  for (int seed = 0; seed < runs; ++seed) {
    const auto sampler = entry.make(static_cast<std::uint64_t>(seed));
    std::vector<Observation> history;
    std::vector<std::vector<double>> met;
    double best = 0;
    for (const int budget : budgets) {
      if (budget > entry.most) break;
      while (static_cast<int>(history.size()) < budget) {
        SearchRandom random(seed, static_cast<std::int64_t>(history.size()));
        Observation next{sampler->propose(problem.space, history, random)};
        next.costs = problem.costs(next.at);
        best = history.empty() ? next.costs[0] : std::min(best, next.costs[0]);
        if (front) met.push_back(next.costs);
        history.push_back(std::move(next));
      }
      scores[budget].push_back(front ? dominated_area(met, problem.corner) / problem.area
                                     : best - problem.best);
    }
  }
  return scores;
}

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double above = values[std::min(below + 1, values.size() - 1)];
  return values[below] + (at - static_cast<double>(below)) * (above - values[below]);
}

void print(const SearchProblem& problem, const Entry& entry, const Scores& scores, bool json) {
  const char* score = problem.corner.empty() ? "regret" : "front_share";
  for (const auto& [budget, values] : scores) {
    const double median = quantile(values, 0.5);
    const double lower = quantile(values, 0.25);
    const double upper = quantile(values, 0.75);
    if (json) {
      std::printf(
          "{\"problem\": \"%s\", \"sampler\": \"%s\", \"evaluations\": %d, \"runs\": %zu, "
          "\"score\": \"%s\", \"median\": %.6g, \"quartiles\": [%.6g, %.6g]}\n",
          problem.name.c_str(), entry.name.c_str(), budget, values.size(), score, median, lower,
          upper);
    } else {
      std::printf("%-27s %-10s %4d  %s %9.4f  (%.4f to %.4f)\n", problem.name.c_str(),
                  entry.name.c_str(), budget, score, median, lower, upper);
    }
    std::fflush(stdout);
  }
}

int main_of(int argc, char** argv) {
  po::options_description options("bench/search: samplers on problems whose answers are known");
  options.add_options()("help,h", "print this and exit")(
      "tables", po::value<std::string>()->default_value("../shared/data/tables"),
      "folder of NAME.csv.xz")("problem", po::value<std::string>(), "one problem (default: all)")(
      "sampler", po::value<std::string>(), "one sampler (default: all)")(
      "runs", po::value<int>()->default_value(100), "with seeds 0, 1, …")(
      "format,f", po::value<std::string>()->default_value("text"), "text or json");
  po::variables_map given;
  try {
    po::store(po::parse_command_line(argc, argv, options), given);
  } catch (const po::error& mistake) {
    std::cerr << "bench/search: " << mistake.what() << "\n";
    return 2;
  }
  if (given.contains("help")) {
    std::cout << options;
    return 0;
  }
  const auto wanted = [&](const char* option, const std::string& name) {
    return !given.contains(option) || given[option].as<std::string>() == name;
  };
  bool any = false;
  for (const std::string& name : search_problem_names()) {
    if (!wanted("problem", name)) continue;
    const auto problem = search_problem(name, given["tables"].as<std::string>());
    for (const Entry& entry : entries()) {
      if (!wanted("sampler", entry.name) || entry.for_fronts == problem->corner.empty()) continue;
      any = true;
      print(*problem, entry, run(*problem, entry, given["runs"].as<int>(), {50, 100, 200, 400}),
            given["format"].as<std::string>() == "json");
    }
  }
  if (any) return 0;
  std::cerr << "bench/search: no such problem or sampler; problems:";
  for (const std::string& name : search_problem_names()) std::cerr << " " << name;
  std::cerr << "\n";
  return 2;
}

}  // namespace
}  // namespace firesweep

int main(int argc, char** argv) {
  try {
    return firesweep::main_of(argc, argv);
  } catch (const std::exception& failed) {
    std::cerr << "bench/search: " << failed.what() << "\n";
    return 1;
  }
}
