// Runs prepared statements with C++ values. Owns nothing.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

inline void bind_value(SQLite::Statement& statement, int index, std::int64_t value) {
  statement.bind(index, value);
}
inline void bind_value(SQLite::Statement& statement, int index, bool value) {
  statement.bind(index, value ? 1 : 0);
}
inline void bind_value(SQLite::Statement& statement, int index, double value) {
  statement.bind(index, value);
}
inline void bind_value(SQLite::Statement& statement, int index, const std::string& value) {
  statement.bindNoCopy(index, value);
}
inline void bind_value(SQLite::Statement& statement, int index, std::string_view value) {
  statement.bind(index, std::string(value));
}
inline void bind_value(SQLite::Statement& statement, int index, std::chrono::milliseconds value) {
  statement.bind(index, static_cast<std::int64_t>(value.count()));
}
inline void bind_value(SQLite::Statement& statement, int index,
                       const std::vector<std::uint8_t>& value) {
  if (value.empty()) {
    statement.bind(index);
  } else {
    statement.bindNoCopy(index, value.data(), static_cast<int>(value.size()));
  }
}
template <class T>
void bind_value(SQLite::Statement& statement, int index, const std::optional<T>& value) {
  if (value) {
    bind_value(statement, index, *value);
  } else {
    statement.bind(index);
  }
}

template <class... Values>
void bind_all(SQLite::Statement& statement, const Values&... values) {
  int index = 0;
  (bind_value(statement, ++index, values), ...);
}

// Resets a prepared statement at the end of the scope.
class ResetGuard {
 public:
  explicit ResetGuard(SQLite::Statement& statement) : statement_(statement) {}
  ResetGuard(const ResetGuard&) = delete;
  ResetGuard& operator=(const ResetGuard&) = delete;
  ~ResetGuard() { statement_.tryReset(); }

 private:
  SQLite::Statement& statement_;
};

// Binds, runs and resets a statement that returns no rows; returns how many rows it changed. Throws
// SQLite::Exception.
template <class... Values>
int run(SQLite::Statement& statement, const Values&... values) {
  const ResetGuard guard(statement);
  bind_all(statement, values...);
  return statement.exec();
}

}  // namespace firesweep
