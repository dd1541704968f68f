#include "coordinator/server/replies.h"

namespace firesweep {

Result<std::string> text_of(const ClientReply& reply) {
  if (reply.ok) return reply.text;
  const ErrorCode code = reply.not_found  ? ErrorCode::kNotFound
                         : reply.conflict ? ErrorCode::kConflict
                                          : ErrorCode::kBadInput;
  return fail(code, reply.where, reply.what, reply.hint);
}

}  // namespace firesweep
