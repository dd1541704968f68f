#include "bench/search_problems.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "bench/tables.h"

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

double mean_of_cells(const std::vector<std::string>& row, std::size_t from, std::size_t to) {
  double sum = 0;
  int count = 0;
  for (std::size_t i = from; i < to; ++i) {
    if (row[i].empty()) continue;
    sum += std::strtod(row[i].c_str(), nullptr);
    ++count;
  }
  return sum / count;
}

// The row of a table that lists every point, the first dimension slowest.
std::size_t row_of(const SearchSpace& space, const Coordinates& at) {
  std::size_t row = 0;
  for (std::size_t i = 0; i < space.size(); ++i) {
    row = row * static_cast<std::size_t>(space[i].choices) + static_cast<std::size_t>(at[i]);
  }
  return row;
}

SearchProblem table_problem(std::string name, SearchSpace space,
                            std::vector<std::vector<double>> costs) {
  SearchProblem problem;
  problem.name = std::move(name);
  problem.space = space;
  problem.best =
      std::ranges::min_element(costs, {}, [](const auto& one) { return one[0]; })->front();
  problem.costs = [space = std::move(space), costs = std::move(costs)](const Coordinates& at) {
    return costs[row_of(space, at)];
  };
  return problem;
}

// NAS-Bench-201: accuracy, or accuracy and parameters.
SearchProblem nasbench(const std::filesystem::path& tables, bool both) {
  std::vector<std::vector<double>> costs;
  for (const auto& row : rows_of(tables / "nasbench201_cifar100.csv.xz")) {
    costs.push_back({-mean_of_cells(row, 8, 11)});
    if (both) costs.back().push_back(std::strtod(row[6].c_str(), nullptr));
  }
  auto all = costs;
  SearchProblem problem =
      table_problem(both ? "nasbench201_cifar100_front" : "nasbench201_cifar100",
                    SearchSpace(6, {Kind::kCategorical, 5}), std::move(costs));
  if (both) {
    problem.corner = {-50, 1'600'000};
    problem.area = dominated_area(std::move(all), problem.corner);
  }
  return problem;
}

SearchProblem hpobench(const std::filesystem::path& tables) {
  std::vector<std::vector<double>> costs;
  for (const auto& row : rows_of(tables / "hpobench_segment.csv.xz")) {
    costs.push_back({-mean_of_cells(row, 5, 10)});
  }
  SearchSpace space;
  for (const std::int64_t choices : {10, 10, 3, 10, 10}) space.push_back({Kind::kOrdered, choices});
  return table_problem("hpobench_segment", std::move(space), std::move(costs));
}

// Branin 1972, on [-5, 10] × [0, 15].
double branin(const Coordinates& at) {
  const double x = -5 + 15 * at[0];
  const double y = 15 * at[1];
  const double pi = std::numbers::pi;
  const double bend = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  return bend * bend + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
}

// Hartmann 1973, six dimensions on [0, 1]; constants as in Dixon and Szegö 1978.
double hartmann6(const Coordinates& at) {
  constexpr std::array<double, 4> weights{1, 1.2, 3, 3.2};
  constexpr std::array<std::array<double, 6>, 4> slopes{{{10, 3, 17, 3.5, 1.7, 8},
                                                         {0.05, 10, 17, 0.1, 8, 14},
                                                         {3, 3.5, 1.7, 10, 17, 8},
                                                         {17, 8, 0.05, 10, 0.1, 14}}};
  constexpr std::array<std::array<double, 6>, 4> centres{
      {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
       {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
       {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
       {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}}};
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    double exponent = 0;
    for (std::size_t j = 0; j < at.size(); ++j) {
      exponent += slopes[i][j] * (at[j] - centres[i][j]) * (at[j] - centres[i][j]);
    }
    sum += weights[i] * std::exp(-exponent);
  }
  return -sum;
}

// ZDT1 in 12 dimensions (Zitzler, Deb, Thiele 2000). Its front is 1 - sqrt(x) over [0, 1].
std::vector<double> zdt1(const Coordinates& at) {
  double sum = 0;
  for (std::size_t i = 1; i < at.size(); ++i) sum += at[i];
  const double g = 1 + 9 * sum / static_cast<double>(at.size() - 1);
  return {at[0], g * (1 - std::sqrt(at[0] / g))};
}

}  // namespace

double dominated_area(std::vector<std::vector<double>> points, const std::vector<double>& corner) {
  std::ranges::sort(points);
  double area = 0;
  double reached = corner[1];
  for (const auto& point : points) {
    if (point[0] >= corner[0] || point[1] >= reached) continue;
    area += (corner[0] - point[0]) * (reached - point[1]);
    reached = point[1];
  }
  return area;
}

const std::vector<std::string>& search_problem_names() {
  static const std::vector<std::string> names{"nasbench201_cifar100",
                                              "hpobench_segment",
                                              "branin",
                                              "hartmann6",
                                              "nasbench201_cifar100_front",
                                              "zdt1"};
  return names;
}

std::optional<SearchProblem> search_problem(const std::string& name,
                                            const std::filesystem::path& tables) {
  const auto function = [&](std::size_t dimensions, double (*f)(const Coordinates&), double best) {
    SearchProblem problem{
        .name = name, .space = SearchSpace(dimensions), .costs = {}, .best = best};
    problem.costs = [f](const Coordinates& at) { return std::vector<double>{f(at)}; };
    return problem;
  };
  if (name == "nasbench201_cifar100") return nasbench(tables, false);
  if (name == "nasbench201_cifar100_front") return nasbench(tables, true);
  if (name == "hpobench_segment") return hpobench(tables);
  if (name == "branin") return function(2, branin, 0.39788735772973816);
  if (name == "hartmann6") return function(6, hartmann6, -3.322368011415515);
  if (name == "zdt1") {
    return SearchProblem{.name = name,
                         .space = SearchSpace(12),
                         .costs = zdt1,
                         .best = 0,
                         .corner = {1.1, 6},
                         // Below the corner: over [0, 1] what lies above the front, then the strip.
                         .area = 6.0 - 1.0 / 3 + 0.1 * 6};
  }
  return std::nullopt;
}

}  // namespace firesweep
