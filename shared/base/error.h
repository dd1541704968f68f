// The one error type for failures that depend on input. Failures of the environment (disk, SQLite,
// libzmq) are exceptions, thrown by the wrapper that owns the resource. Failures that only a bug of
// ours can cause are assertions.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace firesweep {

enum class ErrorCode {
  kBadInput,     // a spec, architecture, option or frame is wrong
  kNotFound,     // a named thing does not exist
  kConflict,     // the thing exists already, is owned by another process or in the wrong state
  kUnavailable,  // a peer or a network place cannot be reached
  kIo,           // a file cannot be read or written
};

// One clear message: where it happened, what was found and expected, and what to do.
struct Error {
  ErrorCode code = ErrorCode::kBadInput;
  std::string where;  // JSON pointer, file:line:column, option, path or endpoint; may be empty
  std::string what;   // found and expected, one sentence without a final stop
  std::string hint;   // what to do or what was perhaps meant; may be empty
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string where, std::string what,
                                  std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(where), std::move(what), std::move(hint)});
}

// "where: what (hint)".
inline std::string to_string(const Error& error) {
  std::string text = error.where.empty() ? error.what : error.where + ": " + error.what;
  if (!error.hint.empty()) text += " (" + error.hint + ")";
  return text;
}

}  // namespace firesweep
