// Internal to the room. Holds a message to its bounds: the first broken one is kept, with the path
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

// Every check returns the value as read, good or bad; readers go on and the caller asks ok() at the
// end (and before anything whose cost a peer could inflate). Not thread-safe; one per message.
class Checker {
 public:
  static constexpr std::int64_t kAnyId = std::numeric_limits<std::int64_t>::max();

  // A step of the path for as long as it lives: "messages", or "messages/3" with an index.
  class Place {
   public:
    Place(Checker& checker, std::string_view name, int index = -1) : checker_(checker) {
      checker_.path_.push_back({name, index});
    }
    ~Place() { checker_.path_.pop_back(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

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
  // False where there are more than `most`: then they must not be read.
  bool number_of(std::string_view field, int count, int most);

  // Keeps the error unless there is one already. `field` may be empty: the place itself.
  void fail(std::string_view field, std::string what, std::string hint = {});
  // Keeps an error of another checker, under this place.
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
