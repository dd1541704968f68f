#include "coordinator/search/steps.h"

namespace firesweep {
namespace {

constexpr double kMostKept = 4096;

}  // namespace

Steps::Steps(const Quantized& quantized, const Field* field)
    : quantized_(quantized),
      field_(field),
      own_(multiples_of(quantized, nullptr)),
      allowed_(multiples_of(quantized, field)) {
  if (!(allowed_.last - allowed_.first < kMostKept)) return;
  for (double step = allowed_.first; step <= allowed_.last; ++step) {
    values_.push_back(multiple_of(quantized_, field_, step));
  }
}

Value Steps::value(double step) const {
  const double place = step - allowed_.first;
  if (place >= 0 && place < static_cast<double>(values_.size())) {
    return values_[static_cast<std::size_t>(place)];
  }
  return multiple_of(quantized_, field_, step);
}

}  // namespace firesweep
