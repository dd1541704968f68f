// Internal to the room. Checks the limits of a message and keeps the first violation with the path
// to it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/wire/bounds.h"

namespace firesweep {

// Every check returns the value, valid or not. Readers continue, and the caller calls ok() at the
// end (and before any work whose cost depends on the peer's values). Not thread-safe; one per
// message.
class Checker {
 public:
  static constexpr std::int64_t kAnyId = std::numeric_limits<std::int64_t>::max();

  // Adds a step to the path during its lifetime: "messages", or "messages/3" with an index.
  class Scope {
   public:
    Scope(Checker& checker, std::string_view name, int index = -1) : checker_(checker) {
      checker_.path_.push_back({name, index});
    }
    ~Scope() { checker_.path_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Checker& checker_;
  };

  std::int64_t whole(std::string_view field, std::int64_t value, std::int64_t most = kAnyId,
                     std::int64_t least = 0);
  double finite(std::string_view field, double value);
  double not_negative(std::string_view field, double value);
  double fraction(std::string_view field, double value);
  std::string name(std::string_view field, const std::string& value);
  std::string text(std::string_view field, const std::string& value);
  std::string bitmap(std::string_view field, const std::string& value);
  // False if there are more than `most`; then they must not be read.
  bool number_of(std::string_view field, int count, int most);

  // Keeps the error unless there is one already. `field` may be empty, for the present path itself.
  void fail(std::string_view field, std::string what, std::string hint = {});
  // Keeps an error of another checker, under the present path.
  void fail(const Error& error);

  bool ok() const { return !failed_; }
  const Error& error() const { return error_; }
  std::string where(std::string_view field) const;

 private:
  struct Step {
    std::string_view name;
    int index;
  };
  std::vector<Step> path_;
  bool failed_ = false;
  Error error_;
};

}  // namespace firesweep
