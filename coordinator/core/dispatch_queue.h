// Which trials of a sweep wait, and in which order they go out: those that came back first, then
// those that are promoted from a rung, then the order of dispatch. What has been issued is a set
// kept elsewhere (Trials); the queue only knows where it is in the order and what it passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace firesweep {

// What a worker may have. Untouched trials differ only by kind (what a worker must be able to do,
// e.g. its amp), so that those passed over are kept by kind and never looked at twice.
struct TrialFilter {
  std::function<bool(std::int64_t number)> returned;   // may it have this trial that came back?
  std::function<bool(std::int64_t number)> untouched;  // is the trial still untouched?
  std::function<std::string(std::int64_t number)> kind;
  std::function<bool(const std::string& kind)> fits;
  // Has its turn come? The search ends at an untouched trial whose turn has not.
  std::function<bool(std::int64_t number)> open = [](std::int64_t) { return true; };
  std::function<std::optional<std::int64_t>()> promoted = {};  // of those at rungs, which one?
};

// Not thread-safe. Each search costs O(log n) amortised and looks at no more than kLongestLook
// unfit trials.
class DispatchQueue {
 public:
  static constexpr int kLongestLook = 256;

  // What a search has found, and what it has learnt on the way.
  struct Found {
    std::optional<std::int64_t> number;
    std::size_t cursor = 0;                                         // where the next one begins
    std::vector<std::pair<std::string, std::int64_t>> passed_over;  // by kind
  };

  // Begins with an order of numbers; forgets the one before, keeps what came back.
  void start(std::vector<std::int64_t> order);
  // More numbers, after all others.
  void append(const std::vector<std::int64_t>& numbers) {
    order_.insert(order_.end(), numbers.begin(), numbers.end());
  }
  bool started() const { return started_; }
  const std::vector<std::int64_t>& order() const { return order_; }

  // A touched trial waits again, or no longer.
  void put_back(std::int64_t number) { returned_.insert(number); }
  void remove(std::int64_t number) { returned_.erase(number); }
  const std::set<std::int64_t>& returned() const { return returned_; }

  // The next number the filter lets through; none where none was found within the look.
  Found search(const TrialFilter& filter) const;
  // Takes what was found out of the queue, and remembers what was passed over. `untouched` as in
  // the filter.
  void settle(Found found, const std::function<bool(std::int64_t)>& untouched);

  // Kinds that some search passed over and that still wait. For messages.
  std::vector<std::string> passed_over() const;

 private:
  std::optional<std::int64_t> search_passed_over(const TrialFilter& filter) const;

  bool started_ = false;
  std::vector<std::int64_t> order_;
  std::size_t cursor_ = 0;
  std::set<std::int64_t> returned_;
  std::map<std::string, std::deque<std::int64_t>> passed_over_;
};

}  // namespace firesweep
