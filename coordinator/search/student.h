// Shares of the beta distribution and of Student's. Pure.
#pragma once

namespace firesweep {

// The share of a beta distribution below x: the regularised incomplete beta function, by the
// continued fraction of DLMF 8.17.22.
class BetaShares {
 public:
  BetaShares(double a, double b);
  double below(double x) const { return below(law_, mirrored_, x); }

 private:
  struct Law {
    double a, b;
    double log_factor;  // of its density
  };
  static double below(const Law& law, const Law& mirrored, double x);

  Law law_;
  Law mirrored_;  // a and b exchanged
};
inline double beta_below(double a, double b, double x) { return BetaShares(a, b).below(x); }

// The chance that Student's t with these degrees of freedom, positive, lies above `t`: Abramowitz
// and Stegun 26.7.1 by way of 26.5.27.
double student_above(double t, double freedom);

// The t above which it lies with this chance, in (0, 0.5].
double student_bound(double chance, double freedom);

}  // namespace firesweep
