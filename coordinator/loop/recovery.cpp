#include "coordinator/loop/recovery.h"

#include <algorithm>
#include <utility>

namespace firesweep {
namespace {

constexpr Duration kFirstBackOff = std::chrono::milliseconds(100);
constexpr Duration kLongestBackOff = std::chrono::seconds(5);

}  // namespace

void Recovery::begin(std::string why, Duration now) {
  ++failures_;
  trouble_ = std::move(why);
  under_way_ = true;
  back_off_ = std::clamp(2 * back_off_, kFirstBackOff, kLongestBackOff);
  retry_at_ = now + back_off_;
}

void Recovery::clear() {
  back_off_ = Duration(0);
  trouble_.clear();
}

}  // namespace firesweep
