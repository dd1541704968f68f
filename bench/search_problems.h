// Problems on which samplers are compared: tables of trained networks, and functions.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/search/samplers/search_space.h"

namespace firesweep {

struct SearchProblem {
  std::string name;
  SearchSpace space;
  // Costs, smaller is better: one, or the two whose front is searched.
  std::function<std::vector<double>(const Coordinates&)> costs;
  double best = 0;  // the least possible first cost
  // With two costs: the corner that bounds the dominated area, and the area of the true front.
  std::vector<double> corner = {};
  double area = 0;
};

// The problem of that name; nothing for an unknown one. Tables are read from `tables`
// (NAME.csv.xz). Throws std::runtime_error for a table that cannot be read.
std::optional<SearchProblem> search_problem(const std::string& name,
                                            const std::filesystem::path& tables);

// "nasbench201_cifar100", …: those of one cost, then those of two.
const std::vector<std::string>& search_problem_names();

// The area that points of two costs dominate below the corner.
double dominated_area(std::vector<std::vector<double>> points, const std::vector<double>& corner);

}  // namespace firesweep
