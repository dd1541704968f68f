#include "worker/training/muon.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/add.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

namespace firesweep {
namespace {

constexpr int kSteps = 3;
constexpr double kQuinticA = 3.4445, kQuinticB = -4.7750, kQuinticC = 2.0315;
constexpr double kEpsilon = 1e-7;  // against a gradient of zeros

std::int64_t rows_of(const MuonShape& shape) { return std::min(shape.out, shape.in); }
std::int64_t columns_of(const MuonShape& shape) { return std::max(shape.out, shape.in); }

// Multiplications and additions of newton_schulz for one matrix.
double cost_of(std::int64_t rows, std::int64_t columns) {
  const auto r = static_cast<double>(rows), c = static_cast<double>(columns);
  return kSteps * (4 * r * r * c + 2 * r * r * r);
}

MuonShape shape_of(const at::Tensor& weight) {
  assert(weight.dim() == 4 && weight.numel() > 0);
  return {weight.size(0), weight.numel() / weight.size(0)};
}

// The elements row by row, in the weights' own order in memory: a view where the layout is theirs.
at::Tensor flat_of(const at::Tensor& tensor) {
  if (tensor.is_contiguous(at::MemoryFormat::ChannelsLast))
    return tensor.as_strided({tensor.numel()}, {1});
  return tensor.permute({0, 2, 3, 1}).reshape({-1});
}

at::Tensor whole_numbers(const std::vector<std::int32_t>& values, at::Device device) {
  return at::tensor(values, at::kInt).to(device);
}

}  // namespace

MuonBatches muon_batches(const std::vector<MuonShape>& shapes, double overhead) {
  MuonBatches made;
  made.order.resize(shapes.size());
  std::iota(made.order.begin(), made.order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    return std::tuple(rows_of(shapes[i]), columns_of(shapes[i]), shapes[i].out);
  };
  std::ranges::stable_sort(made.order,
                           [&](std::size_t a, std::size_t b) { return key(a) > key(b); });

  // least[end] is the cost of the first `end` weights, whose last batch begins at begins[end].
  std::vector<double> least(shapes.size() + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> begins(shapes.size() + 1, 0);
  least[0] = 0;
  for (std::size_t begin = 0; begin < shapes.size(); ++begin) {
    std::int64_t columns = 0;
    for (std::size_t end = begin + 1; end <= shapes.size(); ++end) {
      columns = std::max(columns, columns_of(shapes[made.order[end - 1]]));
      const double cost =
          least[begin] + overhead +
          static_cast<double>(end - begin) * cost_of(rows_of(shapes[made.order[begin]]), columns);
      if (cost >= least[end]) continue;
      least[end] = cost;
      begins[end] = begin;
    }
  }
  for (std::size_t end = shapes.size(); end > 0; end = begins[end]) made.ends.push_back(end);
  std::ranges::reverse(made.ends);
  return made;
}

at::Tensor newton_schulz(const at::Tensor& matrices, at::ScalarType precision) {
  const at::Tensor norm = at::linalg_vector_norm(matrices, 2, at::IntArrayRef{1, 2}, true);
  at::Tensor x = matrices.div(norm.add_(kEpsilon)).to(precision);
  for (int step = 0; step < kSteps; ++step) {
    const at::Tensor square = at::bmm(x, x.transpose(1, 2));
    const at::Tensor factor = at::baddbmm(square, square, square, kQuinticB, kQuinticC);
    x = at::baddbmm(x, factor, x, kQuinticA, 1);
  }
  return x;
}

Muon::Muon(const NamedTensors& weights, double momentum, at::ScalarType precision, double overhead)
    : factor_(momentum), precision_(precision) {
  assert(!weights.empty());
  std::vector<MuonShape> given;
  for (const NamedTensor& entry : weights) given.push_back(shape_of(entry.tensor));
  const MuonBatches split = muon_batches(given, overhead);
  std::vector<MuonShape> shapes;
  std::vector<float> roots;
  for (const std::size_t i : split.order) {
    names_.push_back(weights[i].name);
    weights_.push_back(weights[i].tensor);
    shapes.push_back(given[i]);
    roots.push_back(std::sqrt(static_cast<float>(given[i].out)));
  }
  std::int64_t begin = 0;
  for (std::size_t first = 0; const std::size_t end : split.ends) {
    Batch batch{.first = static_cast<std::int64_t>(first),
                .count = static_cast<std::int64_t>(end - first),
                .begin = begin};
    plan(batch, shapes);
    begin += batch.size;
    first = end;
    batches_.push_back(std::move(batch));
  }

  const at::Tensor& one = weights_.front();
  const at::TensorOptions here = at::TensorOptions(one.device()).dtype(at::kFloat);
  roots_ = at::tensor(roots).to(one.device());
  nothing_ = at::zeros({1}, here);
  momentum_ = at::zeros({begin + 1}, here);
  directions_ = at::empty({begin}, here);
  scales_ = at::empty({begin}, here);
  std::int64_t offset = 0;
  for (const at::Tensor& weight : weights_) {
    assert(weight.is_contiguous(at::MemoryFormat::ChannelsLast));
    const auto view = [&](const at::Tensor& all) {
      return all.as_strided(weight.sizes(), weight.strides(), offset);
    };
    momentum_views_.push_back(view(momentum_));
    direction_views_.push_back(view(directions_));
    scale_views_.push_back(view(scales_));
    offset += weight.numel();
  }
}

void Muon::plan(Batch& batch, const std::vector<MuonShape>& shapes) {
  const auto shape = [&](std::int64_t i) -> const MuonShape& {
    return shapes[static_cast<std::size_t>(batch.first + i)];
  };
  batch.alike = true;
  for (std::int64_t i = 0; i < batch.count; ++i) {
    batch.rows = std::max(batch.rows, rows_of(shape(i)));
    batch.columns = std::max(batch.columns, columns_of(shape(i)));
    batch.size += shape(i).out * shape(i).in;
    batch.alike = batch.alike && shape(i).out == shape(0).out && shape(i).in == shape(0).in;
  }
  batch.turned = batch.alike && shape(0).out > shape(0).in;
  if (batch.alike) return;

  std::int32_t empty = 0;  // the element of zero behind all others
  for (const MuonShape& each : shapes) empty += static_cast<std::int32_t>(each.out * each.in);
  std::vector<std::int32_t> gather(
      static_cast<std::size_t>(batch.count * batch.rows * batch.columns), empty);
  std::vector<std::int32_t> scatter, owner;
  auto element = static_cast<std::int32_t>(batch.begin);
  for (std::int64_t i = 0; i < batch.count; ++i) {
    const auto [out, in] = shape(i);
    for (std::int64_t y = 0; y < out; ++y) {
      for (std::int64_t x = 0; x < in; ++x) {
        const std::int64_t row = out > in ? x : y, column = out > in ? y : x;
        const std::int64_t place = (i * batch.rows + row) * batch.columns + column;
        gather[static_cast<std::size_t>(place)] = element++;
        scatter.push_back(static_cast<std::int32_t>(place));
        owner.push_back(static_cast<std::int32_t>(batch.first + i));
      }
    }
  }
  const at::Device device = weights_.front().device();
  batch.gather = whole_numbers(gather, device);
  batch.scatter = whole_numbers(scatter, device);
  batch.owner = whole_numbers(owner, device);
}

void Muon::make_directions(const at::Tensor& flat) {
  for (const Batch& batch : batches_) {
    const at::Tensor target = directions_.narrow(0, batch.begin, batch.size);
    if (!batch.alike) {
      const at::Tensor padded =
          at::index_select(flat, 0, batch.gather).view({batch.count, batch.rows, batch.columns});
      const at::Tensor made = newton_schulz(padded, precision_);
      target.copy_(at::index_select(made.view({-1}), 0, batch.scatter));
      continue;
    }
    const auto matrices = [&](const at::Tensor& elements) {
      return batch.turned ? elements.view({batch.count, batch.columns, batch.rows}).transpose(1, 2)
                          : elements.view({batch.count, batch.rows, batch.columns});
    };
    const at::Tensor given = matrices(flat.narrow(0, batch.begin, batch.size));
    matrices(target).copy_(newton_schulz(given, precision_));
  }
}

void Muon::make_scales() {
  const at::Tensor norms = at::stack(at::_foreach_norm(weights_));
  const at::Tensor scale = roots_.div(norms.clamp_min_(std::numeric_limits<float>::min()));
  for (const Batch& batch : batches_) {
    at::Tensor target = scales_.narrow(0, batch.begin, batch.size);
    if (batch.alike) {
      target.view({batch.count, -1}).copy_(scale.narrow(0, batch.first, batch.count).view({-1, 1}));
    } else {
      at::index_select_out(target, scale, 0, batch.owner);
    }
  }
}

void Muon::prepare(const std::vector<at::Tensor>& gradients,
                   const std::optional<at::Tensor>& found_inf) {
  assert(gradients.size() == weights_.size());
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  parts.reserve(gradients.size() + 1);
  for (const at::Tensor& gradient : gradients) parts.push_back(flat_of(gradient));
  parts.push_back(nothing_);
  at::Tensor flat = at::cat(parts);

  if (found_inf) {
    const at::Tensor skip = found_inf->ne(0);
    momentum_.copy_(at::where(skip, momentum_, at::add(flat, momentum_, factor_)));
    flat.add_(momentum_, factor_);
    make_directions(flat);
    make_scales();
    directions_.masked_fill_(skip, 0);
    scales_.masked_fill_(skip, 1);
  } else {
    momentum_.mul_(factor_).add_(flat);
    flat.add_(momentum_, factor_);
    make_directions(flat);
    make_scales();
  }
}

void Muon::apply(double rate) {
  const at::NoGradGuard no_grad;
  at::_foreach_mul_(weights_, scale_views_);
  at::_foreach_add_(weights_, direction_views_, -rate);
}

NamedTensors Muon::state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < names_.size(); ++i)
    state.push_back({"first." + names_[i], momentum_views_[i]});
  return state;
}

}  // namespace firesweep
