#include "coordinator/search/samplers/gaussian_process.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

namespace firesweep {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Parameters are logarithms: a length per dimension, then the noise's share of the variance.
constexpr double kUsualLength = -0.7;  // the prior's centre: half of the unit interval
constexpr double kLengthSpread = 1.0;
constexpr double kUsualNoise = -9;
constexpr double kNoiseSpread = 2.5;
constexpr double kJitter = 1e-8;
constexpr int kStarts = 2;
constexpr int kSweeps = 3;  // of the search along each parameter

double matern52(double distance) {
  const double r = std::sqrt(5.0) * distance;
  return (1 + r + r * r / 3) * std::exp(-r);
}

// A coordinate's place on the unit interval.
double unit_place(const Dimension& dimension, double at) {
  if (dimension.kind != Dimension::Kind::kOrdered || dimension.choices < 2) return at;
  if (!dimension.borders.empty()) return part_of(dimension, at).middle();
  return at / static_cast<double>(dimension.choices - 1);
}

double distance_in(const Dimension& dimension, double a, double b) {
  if (a == b) return 0;
  if (dimension.kind == Dimension::Kind::kCategorical || a == kAbsent || b == kAbsent) return 1;
  return unit_place(dimension, a) - unit_place(dimension, b);
}

}  // namespace

struct GaussianProcess::Fit {
  Fit(const SearchSpace& its_space, std::vector<Coordinates> its_points)
      : space(its_space), points(std::move(its_points)) {}

  const SearchSpace& space;
  std::vector<Coordinates> points;
  double mean = 0;
  double deviation = 1;
  VectorXd costs;  // standardised
  VectorXd parameters;
  Eigen::LLT<MatrixXd> factor;
  VectorXd solved;
  double variance = 1;

  double kernel(const Coordinates& a, const Coordinates& b, const VectorXd& logs) const {
    double sum = 0;
    for (std::size_t i = 0; i < space.size(); ++i) {
      const double d = distance_in(space[i], a[i], b[i]) * std::exp(-logs(static_cast<Index>(i)));
      sum += d * d;
    }
    return matern52(std::sqrt(sum));
  }

  // The negative logarithm of the posterior density; the variance is the best one for the others.
  double judge(const VectorXd& logs) {
    const auto n = static_cast<Index>(points.size());
    MatrixXd covariance(n, n);
    const double noise = std::exp(logs(logs.size() - 1)) + kJitter;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < i; ++j) {
        covariance(i, j) = covariance(j, i) =
            kernel(points[static_cast<std::size_t>(i)], points[static_cast<std::size_t>(j)], logs);
      }
      covariance(i, i) = 1 + noise;
    }
    factor.compute(covariance);
    if (factor.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
    solved = factor.solve(costs);
    variance = std::max(costs.dot(solved) / static_cast<double>(n), 1e-12);
    const double log_determinant = 2 * factor.matrixLLT().diagonal().array().log().sum();
    double cost = 0.5 * (static_cast<double>(n) * std::log(variance) + log_determinant);
    for (Index i = 0; i + 1 < logs.size(); ++i) {
      cost += 0.5 * std::pow((logs(i) - kUsualLength) / kLengthSpread, 2);
    }
    cost += 0.5 * std::pow((logs(logs.size() - 1) - kUsualNoise) / kNoiseSpread, 2);
    return cost;
  }

  // A search along each parameter in turn, with steps that grow after a gain and shrink after none.
  double improve(VectorXd& logs) {
    double best = judge(logs);
    VectorXd steps = VectorXd::Constant(logs.size(), 0.7);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (Index i = 0; i < logs.size(); ++i) {
        bool gained = false;
        for (const double sign : {1.0, -1.0}) {
          VectorXd moved = logs;
          moved(i) += sign * steps(i);
          const double cost = judge(moved);
          if (!(cost < best)) continue;
          best = cost;
          logs = moved;
          gained = true;
          break;
        }
        steps(i) *= gained ? 1.3 : 0.4;
      }
    }
    return best;
  }
};

GaussianProcess::GaussianProcess(const SearchSpace& space, std::vector<Coordinates> points,
                                 std::span<const double> costs, SearchRandom& random)
    : fit_(std::make_unique<Fit>(space, std::move(points))) {
  const auto n = static_cast<Index>(costs.size());
  fit_->costs = Eigen::Map<const VectorXd>(costs.data(), n);
  fit_->mean = fit_->costs.mean();
  fit_->costs.array() -= fit_->mean;
  fit_->deviation = std::sqrt(fit_->costs.squaredNorm() / static_cast<double>(n));
  if (fit_->deviation > 0) fit_->costs /= fit_->deviation;
  const auto size = static_cast<Index>(space.size()) + 1;
  double best = std::numeric_limits<double>::infinity();
  for (int start = 0; start < kStarts; ++start) {
    VectorXd logs = VectorXd::Constant(size, kUsualLength);
    logs(size - 1) = kUsualNoise;
    for (Index i = 0; start > 0 && i < size; ++i) logs(i) += random.normal();
    const double cost = fit_->improve(logs);
    if (!(cost < best)) continue;
    best = cost;
    fit_->parameters = logs;
  }
  fit_->judge(fit_->parameters);
}

GaussianProcess::~GaussianProcess() = default;

GaussianProcess::Prediction GaussianProcess::predict(const Coordinates& point) const {
  const auto n = static_cast<Index>(fit_->points.size());
  VectorXd near(n);
  for (Index i = 0; i < n; ++i) {
    near(i) = fit_->kernel(point, fit_->points[static_cast<std::size_t>(i)], fit_->parameters);
  }
  const double mean = near.dot(fit_->solved);
  fit_->factor.matrixL().solveInPlace(near);
  const double left = std::max(1 - near.squaredNorm(), 1e-12);
  return {fit_->mean + fit_->deviation * mean, fit_->deviation * std::sqrt(fit_->variance * left)};
}

}  // namespace firesweep
