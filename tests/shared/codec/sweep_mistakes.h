// Sweep files with mistakes, and what is said of them. Each text is held against the schema, too.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/codec/sweep_codec.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep::testing {

inline std::string mistake_of(const std::string& text) {
  expect_agreement(text, "x.json");
  const auto spec = decode_sweep(text, "x.json");
  return spec ? "none" : to_string(spec.error());
}

// A good sweep with further members of the file, or with further parameters.
inline std::string sweep_with(const std::string& members) {
  return R"({"method": "grid", "dataset": "cifar100", "parameters": {}, )" + members + "}";
}
inline std::string parameters(const std::string& members, const std::string& more = "") {
  return R"({"method": "grid", "dataset": "cifar100", "parameters": {)" + members + "}" + more +
         "}";
}
inline std::string random_parameters(const std::string& members) {
  return R"({"method": "random", "run_cap": 5, "dataset": "cifar100", "parameters": {)" + members +
         "}}";
}

struct Case {
  std::string text;
  std::string message;  // without the leading "x.json: "
};

inline void expect_all(const std::vector<Case>& cases) {
  for (const Case& wrong : cases)
    EXPECT_EQ(mistake_of(wrong.text), "x.json: " + wrong.message) << wrong.text;
}

}  // namespace firesweep::testing
