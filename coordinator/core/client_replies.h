// What clients are answered.
#pragma once

#include <string>

#include "coordinator/core/json_text.h"
#include "coordinator/core/scheduler.h"
#include "coordinator/core/sweep.h"
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

inline effect::ReplyToClient refusal(const PeerId& peer, const Error& error) {
  return {peer, refusal(error)};
}

inline effect::ReplyToClient answer(const PeerId& peer, const JsonObject& object) {
  ClientReply reply;
  reply.ok = true;
  reply.text = object.done();
  return {peer, std::move(reply)};
}

inline std::string sweep_name(SweepId sweep) { return "sweep " + std::to_string(sweep.value); }

// A sweep that is asked for what its state does not allow.
inline tl::unexpected<Error> refuse_event(const Sweep& sweep, SweepEvent event) {
  std::string hint;
  if (sweep.state == SweepState::kStopping) {
    hint = "ask again once it has stopped";
  } else if (sweep.state == SweepState::kCancelled && event != SweepEvent::kCancel) {
    hint = "a cancelled sweep stays so; give its file another name to run it as a new one";
  }
  return fail(ErrorCode::kConflict, sweep_name(sweep.id),
              "it is " + std::string(to_string(sweep.state)) + ", and cannot take \"" +
                  std::string(to_string(event)) + "\"",
              std::move(hint));
}

// A retry or an extension of such a sweep leaves its state as it is.
inline bool is_under_way(SweepState state) {
  return state == SweepState::kRunning || state == SweepState::kPaused;
}

}  // namespace firesweep
