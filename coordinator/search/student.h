// Shares of the beta distribution and of Student's. Pure.
#pragma once

namespace firesweep {

// The share of a beta distribution below x: the regularised incomplete beta function, by the
// continued fraction of DLMF 8.17.22.
double beta_below(double a, double b, double x);

// The chance that Student's t with these degrees of freedom, positive, lies above `t`: Abramowitz
// and Stegun 26.7.1 by way of 26.5.27.
double student_above(double t, double freedom);

// The t above which it lies with this chance, in (0, 0.5].
double student_bound(double chance, double freedom);

}  // namespace firesweep
