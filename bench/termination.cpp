// bench/termination: early termination on stored learning curves, beside random search.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/numpy_order.h"
#include "bench/tables.h"
#include "coordinator/search/termination/asha.h"
#include "coordinator/search/termination/hyperband.h"
#include "coordinator/search/termination/median.h"
#include "coordinator/search/termination/one_epoch.h"
#include "coordinator/search/termination/promotion.h"
#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::int64_t kEpochs = 50;
constexpr std::uint32_t kConfigurations = 2'000;

// Score by configuration and epoch.
using Curves = std::vector<std::vector<double>>;
using Order = std::vector<std::uint32_t>;

Curves curves_of(const std::string& task, const std::string& tables) {
  Curves curves;
  if (task == "made_up") {
    for (std::uint32_t i = 0; i < kConfigurations; ++i) {
      const double end = 100 * unit_of(splitmix64_at(1, i));
      const double pace = 1 + 10 * unit_of(splitmix64_at(2, i));
      std::vector<double>& curve = curves.emplace_back();
      for (int e = 1; e <= kEpochs; ++e) curve.push_back(end * (1 - std::exp(-e / pace)));
    }
    return curves;
  }
  for (const auto& cells : rows_of(std::filesystem::path(tables) / (task + ".csv.xz"))) {
    std::vector<double>& curve = curves.emplace_back();
    for (auto cell = cells.end() - kEpochs; cell != cells.end(); ++cell) {
      curve.push_back(std::strtod(cell->c_str(), nullptr));
    }
  }
  return curves;
}

struct Found {
  double best = 0;         // of the trials that reached the last epoch
  std::int64_t begun = 0;  // trials
};

// One worker trains the configurations in their order, until the epochs are used up.
Found random_search(const Curves& curves, const Order& order, std::int64_t budget) {
  Found found;
  for (; (found.begun + 1) * kEpochs <= budget; ++found.begun) {
    found.best = std::max(found.best, curves[order[static_cast<std::size_t>(found.begun)]].back());
  }
  return found;
}

Found stopping(Terminator& terminator, const Curves& curves, const Order& order,
               std::int64_t budget) {
  Found found;
  for (const std::uint32_t one : order) {
    if (budget == 0) return found;
    ++found.begun;
    for (std::int64_t epoch = 1; epoch <= kEpochs && budget > 0; ++epoch) {
      --budget;
      const double score = curves[one][static_cast<std::size_t>(epoch - 1)];
      if (epoch == kEpochs) found.best = std::max(found.best, score);
      const auto decision = terminator.take({one, epoch, kEpochs, score});
      if (decision && decision->stop) break;
    }
  }
  return found;
}

Found promotion(RungPromotion& asha, const Curves& curves, const Order& order,
                std::int64_t budget) {
  Found found;
  while (budget > 0) {
    std::int64_t one = 0;
    std::int64_t epoch = 0;
    if (const auto next = asha.next()) {
      asha.promote(*next);
      one = next->trial;
      epoch = next->evidence.epoch;
    } else if (found.begun < static_cast<std::int64_t>(order.size())) {
      one = order[static_cast<std::size_t>(found.begun++)];
    } else {
      return found;
    }
    const std::vector<double>& curve = curves[static_cast<std::size_t>(one)];
    while (epoch < kEpochs && budget > 0) {
      --budget;
      const double score = curve[static_cast<std::size_t>(epoch++)];
      if (epoch == kEpochs) found.best = std::max(found.best, score);
      if (asha.take({one, epoch, kEpochs, score})) break;
    }
  }
  return found;
}

// The baseline as its paper has it: all trials train one epoch, then the best k go on. As many
// trials as the budget has room for.
Found two_phases(const Curves& curves, const Order& order, std::int64_t budget, std::int64_t k) {
  Found found;
  const std::int64_t room = std::max<std::int64_t>(budget - k * (kEpochs - 1), 0);
  found.begun = std::min<std::int64_t>(room, std::ssize(order));
  const auto curve = [&](std::int64_t trial) -> const std::vector<double>& {
    return curves[order[static_cast<std::size_t>(trial)]];
  };
  RungPromotion top(OneEpochOptions{.k = k});
  for (std::int64_t i = 0; i < found.begun; ++i) top.take({i, 1, kEpochs, curve(i).front()});
  const Outlook all_came{.more = [](const Population&, std::int64_t) { return false; }};
  while (const auto next = top.next(all_came)) {
    top.promote(*next);
    found.best = std::max(found.best, curve(next->trial).back());
  }
  return found;
}

struct Entry {
  std::string name;
  std::function<Found(const Curves&, const Order&, std::int64_t budget, std::uint64_t seed)> run;
};

template <class Make>
Entry stopping_entry(std::string name, Make make) {
  return {std::move(name),
          [make](const Curves& curves, const Order& order, std::int64_t budget,
                 std::uint64_t seed) { return stopping(*make(seed), curves, order, budget); }};
}

std::vector<Entry> entries(double eta) {
  return {
      {"random", [](const auto& curves, const auto& order, auto budget,
                    auto) { return random_search(curves, order, budget); }},
      {"asha",
       [eta](const auto& curves, const auto& order, auto budget, auto) {
         RungPromotion asha(AshaOptions{1, eta});
         return promotion(asha, curves, order, budget);
       }},
      stopping_entry("asha_stopping",
                     [eta](auto) { return std::make_unique<AshaStopping>(AshaOptions{1, eta}); }),
      stopping_entry(
          "hyperband",
          [eta](auto seed) { return std::make_unique<Hyperband>(AshaOptions{1, eta}, seed); }),
      stopping_entry("median",
                     [](auto) { return std::make_unique<MedianStopping>(MedianOptions{1, 5}); }),
      stopping_entry("one_epoch_top_k",
                     [](auto) { return std::make_unique<OneEpochTopK>(OneEpochOptions{.k = 3}); }),
      {"one_epoch_promotion", [](const auto& curves, const auto& order, auto budget,
                                 auto) { return two_phases(curves, order, budget, 3); }},
  };
}

// numpy's own answer; the figures of the tables' README are for its orders.
void check_orders() {
  const Order order = numpy_permutation(49, kConfigurations);
  if (Order(order.begin(), order.begin() + 4) != Order{1582, 281, 1236, 670}) {
    throw std::runtime_error("the orders are not numpy's");
  }
}

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double above = values[std::min(below + 1, values.size() - 1)];
  return values[below] + (at - static_cast<double>(below)) * (above - values[below]);
}

struct Options {
  std::string tables;
  std::uint32_t orders = 50;
  std::uint32_t first = 0;
  double eta = 3;
  bool json = false;
};

void compare(const std::string& task, const Entry& entry, const Options& options) {
  const Curves curves = curves_of(task, options.tables);
  double optimum = 0;
  for (const auto& curve : curves) optimum = std::max(optimum, curve.back());
  for (const std::int64_t whole : {50, 100, 200, 400}) {
    const std::int64_t budget = whole * kEpochs / 4;
    std::vector<double> regrets;
    std::vector<double> begun;
    int good = 0;
    for (std::uint32_t k = 0; k < options.orders; ++k) {
      const Order order = numpy_permutation(options.first + k, kConfigurations);
      const Found found = entry.run(curves, order, budget, k);
      const double full = random_search(curves, order, whole * kEpochs).best;
      regrets.push_back(optimum - found.best);
      begun.push_back(static_cast<double>(found.begun));
      good += found.best >= 0.99 * full ? 1 : 0;
    }
    const double share = static_cast<double>(good) / static_cast<double>(options.orders);
    std::printf(options.json
                    ? "{\"task\": \"%s\", \"method\": \"%s\", \"epochs\": %lld, \"orders\": %u, "
                      "\"regret\": %.6g, \"quartiles\": [%.6g, %.6g], \"as_good\": %.4g, "
                      "\"begun\": %.6g}\n"
                    : "%-15s %-14s %5lld epochs, %u orders: regret %5.2f (%.2f to %.2f), %.2f of "
                      "the orders within 1 %% of four times the epochs, %.0f begun\n",
                task.c_str(), entry.name.c_str(), static_cast<long long>(budget), options.orders,
                quantile(regrets, 0.5), quantile(regrets, 0.25), quantile(regrets, 0.75), share,
                quantile(begun, 0.5));
    std::fflush(stdout);
  }
}

int main_of(int argc, char** argv) {
  po::options_description names("bench/termination: early termination on stored learning curves");
  names.add_options()("help,h", "print this and exit")(
      "tables", po::value<std::string>()->default_value("../shared/data/tables"),
      "folder of NAME.csv.xz")(
      "task",
      po::value<std::vector<std::string>>()->multitoken()->default_value(
          {"lcbench_167168", "lcbench_189873", "lcbench_189906"}, "the three of lcbench"),
      "tables, or made_up")("method", po::value<std::string>(), "one method (default: all)")(
      "eta", po::value<double>()->default_value(3), "of asha and hyperband")(
      "orders", po::value<std::uint32_t>()->default_value(50), "of seeds --first, …")(
      "first", po::value<std::uint32_t>()->default_value(0), "seed of the first order")(
      "format,f", po::value<std::string>()->default_value("text"), "text or json");
  po::variables_map given;
  try {
    po::store(po::parse_command_line(argc, argv, names), given);
  } catch (const po::error& mistake) {
    std::cerr << "bench/termination: " << mistake.what() << "\n";
    return 2;
  }
  if (given.contains("help")) {
    std::cout << names;
    return 0;
  }
  const Options options{given["tables"].as<std::string>(), given["orders"].as<std::uint32_t>(),
                        given["first"].as<std::uint32_t>(), given["eta"].as<double>(),
                        given["format"].as<std::string>() == "json"};
  if (!(options.eta > 1) || options.orders < 1) {
    std::cerr << "bench/termination: --eta is above 1, --orders at least 1\n";
    return 2;
  }
  check_orders();
  bool any = false;
  for (const std::string& task : given["task"].as<std::vector<std::string>>()) {
    for (const Entry& entry : entries(options.eta)) {
      if (given.contains("method") && given["method"].as<std::string>() != entry.name) continue;
      any = true;
      compare(task, entry, options);
    }
  }
  if (any) return 0;
  std::cerr << "bench/termination: no such method; methods:";
  for (const Entry& entry : entries(options.eta)) std::cerr << " " << entry.name;
  std::cerr << "\n";
  return 2;
}

}  // namespace
}  // namespace firesweep

int main(int argc, char** argv) {
  try {
    return firesweep::main_of(argc, argv);
  } catch (const std::exception& failed) {
    std::cerr << "bench/termination: " << failed.what() << "\n";
    return 1;
  }
}
