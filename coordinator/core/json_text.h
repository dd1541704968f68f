// The few JSON objects the scheduler answers clients with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

// Writes one flat object, members in the order given. Text is escaped as RFC 8259 asks. Not
// thread-safe.
class JsonObject {
 public:
  JsonObject& number(std::string_view key, std::int64_t value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& texts(std::string_view key, const std::vector<std::string>& values);
  std::string done() const { return "{" + members_ + "}"; }

 private:
  void key(std::string_view name);

  std::string members_;
};

}  // namespace firesweep
