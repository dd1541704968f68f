// How a domain is written.
#include <string>

#include "shared/codec/domain_codec.h"

namespace firesweep {
namespace {

struct DomainWriter {
  Json operator()(const ValueList& list) const {
    Json json = Json::object();
    if (list.values.size() == 1 && list.probabilities.empty()) {
      json["value"] = json_of(list.values.front());
      return json;
    }
    for (const Value& value : list.values) json["values"].push_back(json_of(value));
    if (!list.probabilities.empty()) json["probabilities"] = list.probabilities;
    return json;
  }
  Json operator()(const Uniform& range) const { return bounds("uniform", range.min, range.max); }
  Json operator()(const LogUniformValues& range) const {
    return bounds("log_uniform_values", range.min, range.max);
  }
  Json operator()(const IntUniform& range) const {
    return bounds("int_uniform", range.min, range.max);
  }
  Json operator()(const InvLogUniformValues& range) const {
    return bounds("inv_log_uniform_values", range.min, range.max);
  }
  Json operator()(const Normal& normal) const {
    return {{"distribution", "normal"}, {"mu", normal.mean}, {"sigma", normal.stddev}};
  }
  Json operator()(const LogNormal& normal) const {
    return {{"distribution", "log_normal"}, {"mu", normal.mean}, {"sigma", normal.stddev}};
  }
  Json operator()(const Beta& beta) const {
    return {{"distribution", "beta"}, {"a", beta.a}, {"b", beta.b}};
  }
  Json operator()(const Quantized& quantized) const {
    Json json = std::visit([&](const auto& of) { return (*this)(of); }, quantized.of);
    Json& name = json["distribution"];
    name = std::string(kQuantizedPrefix) + name.get<std::string>();
    json["q"] = quantized.q;
    return json;
  }

  template <class T>
  static Json bounds(std::string_view kind, T min, T max) {
    return {{"distribution", kind}, {"min", min}, {"max", max}};
  }
};

}  // namespace

Json json_of(const Domain& domain) { return std::visit(DomainWriter{}, domain); }

}  // namespace firesweep
