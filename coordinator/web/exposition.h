// Writes Prometheus' text format, version 0.0.4: families of samples, escaped, each series once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firesweep {

inline constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricKind { kCounter, kGauge, kHistogram };
std::string_view to_string(MetricKind kind);  // "counter", …

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// The samples of one family. Not thread-safe.
class Samples {
 public:
  // Values of equal labels are added up, since a series may occur only once.
  void add(double value) { add(Labels{}, value); }
  void add(const Labels& labels, double value);
  // By bucket: `counts` has one more than `bounds`, for what is beyond all of them.
  void add_histogram(std::span<const double> bounds, std::span<const std::int64_t> counts,
                     double sum);

 private:
  friend class Exposition;
  struct Series {
    std::string text;  // the name's suffix and the labels, as they are written
    double value = 0;
  };
  void add_series(const std::string& text, double value);

  std::vector<Series> series_;  // in the order in which they came
  std::map<std::string, std::size_t> index_;
};

// Not thread-safe.
class Exposition {
 public:
  // Writes a family. A name is legal if it matches [a-zA-Z_:][a-zA-Z0-9_:]*; our own bug otherwise.
  void add(std::string_view name, MetricKind kind, std::string_view help, const Samples& samples);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace firesweep
