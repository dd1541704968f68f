#include "coordinator/core/json_text.h"

#include "shared/base/json_quote.h"

namespace firesweep {
void JsonObject::key(std::string_view name) {
  if (!members_.empty()) members_ += ", ";
  members_ += json_quoted(name) + ": ";
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
  key(name);
  members_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  key(name);
  members_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  key(name);
  members_ += json_quoted(value);
  return *this;
}

JsonObject& JsonObject::texts(std::string_view name, const std::vector<std::string>& values) {
  key(name);
  members_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) members_ += ", ";
    members_ += json_quoted(values[i]);
  }
  members_ += ']';
  return *this;
}

}  // namespace firesweep
