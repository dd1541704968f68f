// What clients are answered.
#pragma once

#include "coordinator/core/json_text.h"
#include "coordinator/core/scheduler.h"
#include "shared/base/error.h"

namespace firesweep {

inline ClientReply refusal(const Error& error) {
  ClientReply reply;
  reply.where = error.where;
  reply.what = error.what;
  reply.hint = error.hint;
  reply.not_found = error.code == ErrorCode::kNotFound;
  reply.conflict = error.code == ErrorCode::kConflict;
  return reply;
}

// What was done, or why not.
inline ClientReply reply_of(const Result<JsonObject>& done) {
  if (!done) return refusal(done.error());
  ClientReply reply;
  reply.ok = true;
  reply.text = done->done();
  return reply;
}

}  // namespace firesweep
