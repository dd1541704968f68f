// The metrics that the coordinator exports, in one table: what Prometheus is told, what
// docs/metrics.md lists and what the dashboard may query follow from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "coordinator/server/coordinator_state.h"
#include "coordinator/web/exposition.h"

namespace firesweep {

// Named as Prometheus asks: base units, `_total` for counters.
struct ExportedMetric {
  std::string_view name;
  MetricKind kind;
  std::string_view unit;    // "seconds"; of a number of things, what they are
  std::string_view labels;  // the names, for people; each is bounded (`help` says by what)
  std::string_view help;
  void (*measure)(const CoordinatorState& state, Samples& samples);
};

std::span<const ExportedMetric> metric_table();

// All of it, as Prometheus scrapes it. Pure.
std::string metrics_text(const CoordinatorState& state);

// docs/metrics.md. Pure.
std::string metrics_document();

}  // namespace firesweep
