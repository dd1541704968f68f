// Numbers by a closed formula, the same as in reference/make_reference.py, and the results that
// PyTorch got from them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "shared/domain/layers.h"
#include "worker/training/model.h"

namespace firesweep {

// [sizes] float: `noise` of make_reference.py.
at::Tensor noise(std::int64_t key, at::IntArrayRef sizes, double low, double high);

// `fill` of make_reference.py.
void fill_with_noise(const Model& model, double head);

// Turns a model's parameters and buffers into double precision.
void make_double(const Model& model);

// reference.json.
const nlohmann::json& reference();

// A file of architectures/ ("v3"), resolved.
ResolvedArchitecture shipped_architecture(const std::string& name, std::int64_t classes = 100,
                                          double dropout = -1);

// An architecture given as the text of a file.
ResolvedArchitecture architecture_from(const std::string& text, std::int64_t classes,
                                       double dropout = -1);

// The largest of |a-b| / (atol + rtol·|b|): above 1 they differ.
double worst_difference(const at::Tensor& a, const at::Tensor& b, double rtol, double atol);

}  // namespace firesweep
