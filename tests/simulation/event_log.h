// The readable story of one seed, one line an event. Kept only where somebody asks for it.
#pragma once

#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>

#include "shared/base/clock.h"

namespace firesweep::simulation {

// Not thread-safe.
class EventLog {
 public:
  explicit EventLog(bool kept) : kept_(kept) {}

  bool kept() const { return kept_; }
  // "   12.345678 coordinator: commits 3 records". Arguments are streamed; nothing is formatted
  // where the log is not kept.
  template <class... Parts>
  void line(Duration at, std::string_view who, const Parts&... parts) {
    if (!kept_) return;
    std::ostringstream text;
    (text << ... << parts);
    char time[32];
    std::snprintf(time, sizeof time, "%12.6f ", std::chrono::duration<double>(at).count());
    text_ += time;
    text_ += who;
    text_ += ": ";
    text_ += text.str();
    text_ += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  const bool kept_;
  std::string text_;
};

}  // namespace firesweep::simulation
