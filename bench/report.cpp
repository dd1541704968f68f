#include "bench/report.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/root.h"
#include "shared/codec/architecture_codec.h"

namespace firesweep::bench {

ResolvedArchitecture architecture(const std::string& name, double dropout) {
  const std::string path = root_dir() / "architectures" / (name + ".json");
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("no architecture " + name + ": cannot read " + path);
  const auto decoded = decode_architecture(text.str(), path);
  if (!decoded) throw std::runtime_error(to_string(decoded.error()));
  auto resolved = resolve(*decoded, 100, {}, dropout);
  if (!resolved) throw std::runtime_error(to_string(resolved.error()));
  return *std::move(resolved);
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream text(list);
  for (std::string word; std::getline(text, word, ',');)
    if (!word.empty()) words.push_back(word);
  return words;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double rate(double seconds, const std::function<double()>& unit) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  double sum = 0, passed = 0;
  while (passed < seconds) {
    sum += unit();
    passed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return sum / passed;
}

void print(const std::string& format, const std::string& variant, const Row& row) {
  const bool json = format == "json";
  std::string line = json ? "{\"variant\": \"" + variant + "\"" : variant;
  for (const auto& [name, value] : row) {
    char number[32];
    std::snprintf(number, sizeof number, value < 10 ? "%.3f" : "%.1f", value);
    line += json ? ", \"" + name + "\": " + number : "  " + name + " " + number;
  }
  std::printf("%s%s\n", line.c_str(), json ? "}" : "");
  std::fflush(stdout);
}

}  // namespace firesweep::bench
