#include "coordinator/server/request_queue.h"

#include <utility>

namespace firesweep {

bool RequestQueue::add(const std::string& sender, WaitingRequest request) {
  if (size_ >= kMost || bytes_ + request.bytes > kMostBytes) return false;
  const auto known = lines_.find(sender);
  if (known != lines_.end() && (known->second.requests.size() >= kMostOfASender ||
                                known->second.bytes + request.bytes > kMostBytesOfASender)) {
    return false;
  }
  if (known == lines_.end()) turns_.push_back(sender);
  Line& line = known == lines_.end() ? lines_[sender] : known->second;
  ++size_;
  bytes_ += request.bytes;
  line.bytes += request.bytes;
  line.requests.push_back(std::move(request));
  return true;
}

std::optional<WaitingRequest> RequestQueue::next() {
  if (turns_.empty()) return std::nullopt;
  std::string sender = std::move(turns_.front());
  turns_.pop_front();
  const auto line = lines_.find(sender);
  WaitingRequest request = std::move(line->second.requests.front());
  line->second.requests.pop_front();
  --size_;
  bytes_ -= request.bytes;
  line->second.bytes -= request.bytes;
  if (line->second.requests.empty()) {
    lines_.erase(line);
  } else {
    turns_.push_back(std::move(sender));
  }
  return request;
}

}  // namespace firesweep
