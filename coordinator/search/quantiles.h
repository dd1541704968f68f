// Quantiles of distributions, as sweeps are stored by: they may never change in a single bit. Pure.
#pragma once

#include "shared/domain/distributions.h"

namespace firesweep {

// The number below which a share, in (0, 1), of the standard normal distribution lies: exact to the
// last bits.
double normal_quantile(double share);

// The same of a beta distribution.
double beta_quantile(const Beta& beta, double share);

}  // namespace firesweep
