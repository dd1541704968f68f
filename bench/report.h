// What every bench program needs: architectures by name, medians, and one line a row as text or
// JSON.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "shared/domain/layers.h"

namespace firesweep::bench {

// A file of architectures/, resolved for 100 classes; `dropout` as resolve() has it.
// Throws std::runtime_error where there is none.
ResolvedArchitecture architecture(const std::string& name, double dropout = -1);

// "v2,v3" → v2, v3.
std::vector<std::string> split(const std::string& list);

// The middle of the values, of which there is at least one.
double median(std::vector<double> values);

// Calls `unit` until `seconds` have passed; the sum of what it returned, per second.
double rate(double seconds, const std::function<double()>& unit);

using Row = std::vector<std::pair<std::string, double>>;

// One line on standard output: {"variant": "v3", "images_per_s": 233.1} or "v3  images_per_s
// 233.1".
void print(const std::string& format, const std::string& variant, const Row& row);

}  // namespace firesweep::bench
