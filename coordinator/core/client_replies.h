// What clients are answered.
#pragma once

#include <string>

#include "coordinator/core/json_text.h"
#include "coordinator/core/scheduler.h"
#include "shared/base/error.h"

namespace firesweep {

inline effect::ReplyToClient refusal(const PeerId& peer, const Error& error) {
  ClientReply reply;
  reply.where = error.where;
  reply.what = error.what;
  reply.hint = error.hint;
  reply.not_found = error.code == ErrorCode::kNotFound;
  reply.conflict = error.code == ErrorCode::kConflict;
  return {peer, std::move(reply)};
}

inline effect::ReplyToClient answer(const PeerId& peer, const JsonObject& object) {
  ClientReply reply;
  reply.ok = true;
  reply.text = object.done();
  return {peer, std::move(reply)};
}

inline std::string sweep_name(SweepId sweep) { return "sweep " + std::to_string(sweep.value); }

}  // namespace firesweep
