#include "coordinator/cli/display_plain.h"

#include <cstdio>

#include "coordinator/cli/display_terminal.h"
#include "shared/base/letters.h"
#include "shared/base/utf8.h"

namespace firesweep {
namespace {

constexpr Duration kSummaryEvery = std::chrono::seconds(10);

void print(const std::string& line) {
  std::printf("%s\n", for_this_terminal(printable(line)).c_str());
  std::fflush(stdout);
}

}  // namespace

void PlainDisplay::committed(std::span<const Record> records) {
  for (const Record& record : records) {
    const std::string line = news_.line_for(record);
    if (!line.empty()) print(line);
  }
}

void PlainDisplay::refresh(const Overview& overview) {
  const Duration now = system_now().steady;
  if (last_line_ == Duration{0}) last_line_ = now;
  const bool news = !overview.trouble.empty() && overview.trouble != told_trouble_;
  told_trouble_ = overview.trouble;
  if (now - last_line_ < kSummaryEvery && !news) return;
  last_line_ = now;
  for (const std::string& line : picture_of(overview)) print(line);
}

void PlainDisplay::say(const std::string& line) { print(line); }

}  // namespace firesweep
