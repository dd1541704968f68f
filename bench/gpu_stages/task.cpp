#include "bench/gpu_stages/task.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace firesweep::bench {
namespace {

constexpr std::size_t kLongestRow = 330;  // in characters; the file has all of it

std::string shown(const Facts& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return short_number(value.get<double>());
  return value.dump();
}

// What a table has no room for.
bool is_series(const Facts& value) { return value.is_array() && value.front().is_number(); }

}  // namespace

std::string short_number(double value) {
  char text[32];
  const double size = std::abs(value);
  if (size != 0 && size < 0.001) {
    std::snprintf(text, sizeof text, "%.1e", value);
  } else {
    std::snprintf(text, sizeof text, size < 10 ? "%.3f" : size < 1000 ? "%.1f" : "%.0f", value);
  }
  return text;
}

void Expectations::check() const {
  if (!text_.empty()) throw std::runtime_error("expected: " + text_);
}

void tell(const Task& task, const std::string& what, const Facts& facts) {
  Facts line{{"stage", task.stage}, {"part", task.part}, {"what", what}};
  line.update(facts);
  const std::filesystem::path path = task.options.output / "gpu.jsonl";
  std::ofstream file(path, std::ios::app);
  file << line.dump(-1, ' ', false, Facts::error_handler_t::replace) + "\n";
  file.close();
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");

  std::string row = "  " + what + ":";
  for (const auto& [name, value] : facts.items()) {
    if (!value.empty() && value != "" && !is_series(value))
      row += " " + name + " " + shown(value) + ",";
  }
  row.pop_back();
  if (row.size() > kLongestRow) row = row.substr(0, kLongestRow) + " …";
  std::printf("%s\n", row.c_str());
  std::fflush(stdout);
}

}  // namespace firesweep::bench
