// Replies to clients: the fourth part of frames_pb.h.
#include "shared/wire/frames_pb.h"

namespace firesweep {
namespace {

pb::SweepState write(SweepState state) {
  switch (state) {
    case SweepState::kRunning:
      return pb::SWEEP_RUNNING;
    case SweepState::kPaused:
      return pb::SWEEP_PAUSED;
    case SweepState::kStopping:
      return pb::SWEEP_STOPPING;
    case SweepState::kStopped:
      return pb::SWEEP_STOPPED;
    case SweepState::kCancelled:
      return pb::SWEEP_CANCELLED;
    case SweepState::kFinished:
      return pb::SWEEP_FINISHED;
    case SweepState::kFailed:
      return pb::SWEEP_FAILED;
  }
  return pb::SWEEP_UNSPECIFIED;
}

SweepState read_state(std::string_view field, pb::SweepState in, Checker& check) {
  return read_enumerator(
      field, in,
      {SweepState::kRunning, SweepState::kPaused, SweepState::kStopping, SweepState::kStopped,
       SweepState::kCancelled, SweepState::kFinished, SweepState::kFailed},
      write, check);
}

pb::TrialNow write(reply::TrialSteered::Now now) {
  switch (now) {
    case reply::TrialSteered::Now::kWaiting:
      return pb::TRIAL_NOW_WAITING;
    case reply::TrialSteered::Now::kStopping:
      return pb::TRIAL_NOW_STOPPING;
    case reply::TrialSteered::Now::kCancelled:
      return pb::TRIAL_NOW_CANCELLED;
  }
  return pb::TRIAL_NOW_UNSPECIFIED;
}

reply::TrialSteered::Now read_now(pb::TrialNow in, Checker& check) {
  using Now = reply::TrialSteered::Now;
  return read_enumerator("now", in, {Now::kWaiting, Now::kStopping, Now::kCancelled}, write, check);
}

// The error's code as far as clients of every version know it.
void write_error(const Error& error, pb::ClientReply& out) {
  out.set_where(clean_text(error.where));
  out.set_what(clean_text(error.what));
  out.set_hint(clean_text(error.hint));
  out.set_not_found(error.code == ErrorCode::kNotFound);
  out.set_conflict(error.code == ErrorCode::kConflict);
}

void write_answer(const reply::Rendered& rendered, pb::ClientReply& out) {
  out.set_text(rendered.text);
}

template <class Repeated>
void write_warnings(const std::vector<std::string>& warnings, Repeated& out) {
  for (const std::string& warning : warnings) {
    if (out.size() < kMaxListed) *out.Add() = clean_text(warning);
  }
}

template <class Repeated>
std::vector<std::string> read_warnings(const Repeated& in, Checker& check) {
  std::vector<std::string> warnings;
  if (!check.number_of("warnings", in.size(), kMaxListed)) return warnings;
  for (const std::string& warning : in) warnings.push_back(check.text("warnings", warning));
  return warnings;
}

void write_answer(const reply::Submitted& submitted, pb::ClientReply& out) {
  pb::Submitted& to = *out.mutable_submitted();
  to.set_sweep(submitted.sweep.value);
  to.set_name(clean_text(submitted.name));
  to.set_trials(submitted.trials);
  to.set_resumed(submitted.resumed);
  to.set_state(write(submitted.state));
  write_warnings(submitted.warnings, *to.mutable_warnings());
  if (submitted.namesake) to.set_namesake(submitted.namesake->value);
  if (submitted.woken_from) to.set_woken_from(write(*submitted.woken_from));
}
void write_answer(const reply::Extended& extended, pb::ClientReply& out) {
  pb::Extended& to = *out.mutable_extended();
  to.set_sweep(extended.sweep.value);
  to.set_state(write(extended.state));
  to.set_added(extended.added);
  to.set_trials(extended.trials);
  to.set_first(extended.first);
  to.set_go_on(extended.go_on);
  to.set_anew(extended.anew);
  write_warnings(extended.warnings, *to.mutable_warnings());
}
void write_answer(const reply::SweepSteered& steered, pb::ClientReply& out) {
  pb::SweepSteered& to = *out.mutable_sweep_steered();
  to.set_sweep(steered.sweep.value);
  to.set_state(write(steered.state));
  to.set_waiting(steered.waiting);
  to.set_live(steered.live);
  to.set_complete(steered.complete);
  to.set_cancelled(steered.cancelled);
  to.set_retried(steered.retried);
}
void write_answer(const reply::TrialSteered& steered, pb::ClientReply& out) {
  out.mutable_trial_steered()->set_trial(steered.trial.value);
  out.mutable_trial_steered()->set_now(write(steered.now));
}
void write_answer(const reply::Released& released, pb::ClientReply& out) {
  out.mutable_released()->set_worker(clean_name(released.worker));
}

reply::Submitted read_answer(const pb::Submitted& in, Checker& check) {
  const Checker::Scope place(check, "submitted");
  reply::Submitted submitted;
  submitted.sweep = SweepId{check.whole("sweep", in.sweep())};
  submitted.name = check.text("name", in.name());
  submitted.trials = check.whole("trials", in.trials());
  submitted.resumed = in.resumed();
  submitted.state = read_state("state", in.state(), check);
  submitted.warnings = read_warnings(in.warnings(), check);
  if (const std::int64_t other = check.whole("namesake", in.namesake()); other > 0) {
    submitted.namesake = SweepId{other};
  }
  if (in.woken_from() != pb::SWEEP_UNSPECIFIED) {
    submitted.woken_from = read_state("woken_from", in.woken_from(), check);
  }
  return submitted;
}

reply::Extended read_answer(const pb::Extended& in, Checker& check) {
  const Checker::Scope place(check, "extended");
  return {{check.whole("sweep", in.sweep())}, read_state("state", in.state(), check),
          check.whole("added", in.added()),   check.whole("trials", in.trials()),
          check.whole("first", in.first()),   check.whole("go_on", in.go_on()),
          check.whole("anew", in.anew()),     read_warnings(in.warnings(), check)};
}

reply::SweepSteered read_answer(const pb::SweepSteered& in, Checker& check) {
  const Checker::Scope place(check, "sweep_steered");
  return {{check.whole("sweep", in.sweep())},     read_state("state", in.state(), check),
          check.whole("waiting", in.waiting()),   check.whole("live", in.live()),
          check.whole("complete", in.complete()), check.whole("cancelled", in.cancelled()),
          check.whole("retried", in.retried())};
}

reply::TrialSteered read_answer(const pb::TrialSteered& in, Checker& check) {
  const Checker::Scope place(check, "trial_steered");
  return {{check.whole("trial", in.trial())}, read_now(in.now(), check)};
}

}  // namespace

void write(const ClientReply& reply, pb::ClientReply& out) {
  if (!reply) return write_error(reply.error(), out);
  const auto* rendered = std::get_if<reply::Rendered>(&*reply);
  // Room for the envelope.
  constexpr std::size_t kMaxReplyText = kMaxMessageBytes - kMaxTextBytes;
  if (rendered != nullptr && rendered->text.size() > kMaxReplyText) {
    return write_error(
        {ErrorCode::kBadInput, "",
         "the answer has " + std::to_string(rendered->text.size()) + " bytes, at most " +
             std::to_string(kMaxReplyText) + " fit into one message",
         "ask for fewer rows or one sweep, or read the database file with --db"},
        out);
  }
  out.set_ok(true);
  std::visit([&](const auto& answer) { write_answer(answer, out); }, *reply);
}

void read(const pb::ClientReply& in, ClientReply& reply, Checker& check) {
  const Checker::Scope place(check, "reply");
  if (!in.ok()) {
    const ErrorCode code = in.not_found()  ? ErrorCode::kNotFound
                           : in.conflict() ? ErrorCode::kConflict
                                           : ErrorCode::kBadInput;
    reply = fail(code, check.text("where", in.where()), check.text("what", in.what()),
                 check.text("hint", in.hint()));
    return;
  }
  switch (in.answer_case()) {
    case pb::ClientReply::kText:
      reply = reply::Rendered{in.text()};
      return;
    case pb::ClientReply::kSubmitted:
      reply = read_answer(in.submitted(), check);
      return;
    case pb::ClientReply::kExtended:
      reply = read_answer(in.extended(), check);
      return;
    case pb::ClientReply::kSweepSteered:
      reply = read_answer(in.sweep_steered(), check);
      return;
    case pb::ClientReply::kTrialSteered:
      reply = read_answer(in.trial_steered(), check);
      return;
    case pb::ClientReply::kReleased:
      reply = reply::Released{check.name("released/worker", in.released().worker())};
      return;
    case pb::ClientReply::ANSWER_NOT_SET:
      check.fail("", "found an answer of an unknown kind");
      return;
  }
}

}  // namespace firesweep
