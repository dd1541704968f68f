// Points of a space, one after the other, of which only what is asked for is found out: for readers
// of millions of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "coordinator/search/trial_space.h"

namespace firesweep {

// Whether a parameter is the variant or one of its architecture file.
bool shapes_network(std::string_view parameter);

// Accepts every parameter.
inline bool any_parameter(std::string_view) { return true; }

// The values that a point gives the sweep's parameters, by their places in the spec. Each is found
// when it is first asked for. Not for methods that learn. The space must outlive it and stay where
// it is. One thread.
class TrialSpace::Point {
 public:
  explicit Point(const TrialSpace& space);
  void move_to(std::int64_t point);

  // Nothing where the parameter's condition is not met. Valid until the point moves.
  const std::optional<Value>& operator[](std::size_t parameter);
  const std::vector<std::optional<Value>>& all();

 private:
  friend class TrialSpace::PartialConfig;
  friend class TrialSpace::PointConstraints;
  void find(std::size_t parameter);

  const TrialSpace& space_;
  std::int64_t number_ = 0;
  std::int64_t place_ = 0;  // on a grid
  std::int64_t moves_ = 0;
  std::vector<std::optional<Value>> values_;
  std::vector<std::int64_t> found_at_;  // by parameter: which move
  std::vector<std::int64_t> digits_;    // on a grid: of `values_`
};

// A point's config as far as some parameters go; what else the sweep varies is not the trial's, nor
// is the seed. The point must outlive it. One thread.
class TrialSpace::PartialConfig {
 public:
  PartialConfig(Point& point, const std::function<bool(std::string_view parameter)>& wanted);

  // Of where the point is. Valid until the next call.
  const TrialConfig& read();
  // The cost of the network of what was read last; variant and arch parameters are wanted.
  const Cost& cost();

 private:
  struct Part {
    const Axis* axis;
    std::optional<Value> usual;    // where the parameter does not exist
    std::optional<Value> value{};  // as it was last read
    bool is_read = false;
  };
  void put(const Part& part);

  Point& point_;
  const TrialSpace& space_;
  TrialConfig config_;
  std::vector<Part> parts_;
  bool defaults_ = false;                         // the optimizer's are wanted
  std::optional<std::size_t> lr_, weight_decay_;  // parameters that they are for, if swept
  std::optional<Cost> cost_;                      // nothing: not looked up
};

// Which constraint a point breaks. Costs of networks are known. The point must outlive it.
class TrialSpace::PointConstraints {
 public:
  explicit PointConstraints(Point& point);
  // The place of the first in the spec, of where the point is.
  std::optional<std::size_t> broken();

 private:
  const std::vector<Constraint>& constraints_;
  PartialConfig network_;
  std::vector<PartialConfig> configs_;  // by constraint: what it names
};

}  // namespace firesweep
