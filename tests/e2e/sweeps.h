// Sweep files the tests write.
#pragma once

#include <string>

namespace firesweep::e2e {

// A simulated grid of `points` trials (one variant, label smoothing varied), each of `epochs` ×
// `seconds`.
inline std::string simulated_sweep(const std::string& name, int points, int epochs,
                                   double seconds) {
  std::string values;
  for (int i = 0; i < points; ++i) {
    values += (i == 0 ? "" : ", ") + std::to_string(i / 10000.0);
  }
  return R"({"name": ")" + name + R"(", "method": "grid", "trainer": "simulated",
 "metric": {"name": "val_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"value": "v3"}, "label_smoothing": {"values": [)" +
         values + R"(]}, "epochs": {"value": )" + std::to_string(epochs) + R"(},
 "simulated_seconds": {"value": )" +
         std::to_string(seconds) + "}}}\n";
}

}  // namespace firesweep::e2e
