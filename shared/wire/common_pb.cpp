#include "shared/wire/common_pb.h"

#include <google/protobuf/stubs/logging.h>

namespace firesweep {

void silence_protobuf() {
  static const auto previous = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(previous);
}

void write(const SessionId& session, pb::Session& out) {
  out.set_high(session.high);
  out.set_low(session.low);
}

void read(const pb::Session& in, SessionId& session, Checker& check) {
  session = {in.high(), in.low()};
  if (session == SessionId{}) check.fail("session", "found none, expected 128 random bits");
}

void write(const TrialKey& key, pb::TrialKey& out) {
  out.set_trial(key.trial.value);
  out.set_attempt(key.attempt.value);
}

TrialKey read_key(const pb::TrialKey& in, Checker& check) {
  const Checker::Scope place(check, "key");
  return {{check.whole("trial", in.trial())}, {check.whole("attempt", in.attempt())}};
}

pb::Reason write(Reason reason) {
  switch (reason) {
    case Reason::kOom:
      return pb::REASON_OOM;
    case Reason::kLost:
      return pb::REASON_LOST;
    case Reason::kTimeout:
      return pb::REASON_TIMEOUT;
    case Reason::kNan:
      return pb::REASON_NAN;
    case Reason::kBadConfig:
      return pb::REASON_BAD_CONFIG;
    case Reason::kError:
      return pb::REASON_ERROR;
    case Reason::kEarlyStop:
      return pb::REASON_EARLY_STOP;
    case Reason::kUser:
      return pb::REASON_USER;
    case Reason::kDrain:
      return pb::REASON_DRAIN;
  }
  return pb::REASON_UNSPECIFIED;
}

void read(pb::Reason in, Reason& reason, Checker& check) {
  reason = read_enumerator(
      "reason", in,
      {Reason::kOom, Reason::kLost, Reason::kTimeout, Reason::kNan, Reason::kBadConfig,
       Reason::kError, Reason::kEarlyStop, Reason::kUser, Reason::kDrain},
      write, check);
}

}  // namespace firesweep
