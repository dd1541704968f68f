// Published points of accuracy against parameters, read from a JSON file. A plot shows them beside
// a sweep's own points.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

struct ReferencePoint {
  std::string name;
  std::int64_t params = 0;
  double accuracy = 0;  // in (0, 1]
};

// The points of one source. One line says who published them and how they were trained.
struct ReferenceSource {
  std::string source;
  std::vector<ReferencePoint> points;
};

struct ReferencePoints {
  std::string dataset;
  std::vector<ReferenceSource> sources;  // at least one, each with at least one point
};

// {"format": 1, "dataset": "cifar100", "sources": [{"source": "who, how trained", "points":
// [{"name": "resnet18", "params": 11200000, "accuracy": 0.7561}]}]}. The error names the file and
// every mistake. Pure.
Result<ReferencePoints> decode_reference_points(std::string_view text, std::string_view file_name);

}  // namespace firesweep
