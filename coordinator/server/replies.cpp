#include "coordinator/server/replies.h"

namespace firesweep {

ClientReply reply_of(const Error& error) {
  ClientReply reply;
  reply.where = error.where;
  reply.what = error.what;
  reply.hint = error.hint;
  reply.not_found = error.code == ErrorCode::kNotFound;
  reply.conflict = error.code == ErrorCode::kConflict;
  return reply;
}

Result<std::string> text_of(const ClientReply& reply) {
  if (reply.ok) return reply.text;
  const ErrorCode code = reply.not_found  ? ErrorCode::kNotFound
                         : reply.conflict ? ErrorCode::kConflict
                                          : ErrorCode::kBadInput;
  return fail(code, reply.where, reply.what, reply.hint);
}

}  // namespace firesweep
