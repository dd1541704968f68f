// Frames to workers: the second part of frames_pb.h.
#include <algorithm>

#include "shared/wire/architecture_pb.h"
#include "shared/wire/frames_pb.h"

namespace firesweep {
namespace {

pb::Verdict write(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccepted:
      return pb::VERDICT_ACCEPTED;
    case Verdict::kSuperseded:
      return pb::VERDICT_SUPERSEDED;
    case Verdict::kUnknown:
      return pb::VERDICT_UNKNOWN;
  }
  return pb::VERDICT_UNSPECIFIED;
}

Verdict read(pb::Verdict in, Checker& check) {
  return read_enumerator(
      "verdict", in, {Verdict::kAccepted, Verdict::kSuperseded, Verdict::kUnknown}, write, check);
}

// ---- writing ----

void write_rules(const CheckpointRules& rules, pb::CheckpointRules& to) {
  to.set_every_epochs(rules.every_epochs);
  if (rules.every) to.set_every_ms(rules.every->count());
  to.set_keep_best(rules.keep_best);
  if (rules.max_bytes) to.set_max_bytes(*rules.max_bytes);
}

// Writes a frame's messages; an architecture that several assignments share is written once.
class FrameWriter {
 public:
  explicit FrameWriter(pb::CoordinatorFrame& out) : out_(out) {}

  void operator()(const Welcome& welcome) {
    pb::Welcome& to = *add().mutable_welcome();
    to.set_heartbeat_every_ms(welcome.heartbeat_every.count());
    to.set_lease_ms(welcome.lease.count());
    to.set_checkpoints_at(clean_name(welcome.checkpoints_at));
    to.set_checkpoint_token(clean_name(welcome.checkpoint_token));
  }
  void operator()(const Assign& assign) {
    pb::Assign& to = *add().mutable_assign();
    write(assign.key, *to.mutable_key());
    to.set_sweep_name(clean_name(assign.sweep_name));
    to.set_trainer(clean_name(assign.trainer));
    to.set_dataset(clean_name(assign.dataset));
    to.set_dataset_checksum(clean_name(assign.dataset_checksum));
    write(assign.config, *to.mutable_config());
    to.set_architecture(index_of(assign.architecture));
    to.set_config_hash(clean_name(assign.config_hash));
    to.set_train_seconds_before(clean_rate(assign.train_seconds_before));
    to.set_checkpoint_stored(assign.checkpoint_stored);
    if (!(assign.checkpoint == CheckpointRules{})) {
      write_rules(assign.checkpoint, *to.mutable_checkpoint());
    }
    to.set_sweep_hash(clean_name(assign.sweep_hash));
    for (const EarlierTraining& one : assign.begun_as) {
      pb::EarlierTraining& earlier = *to.add_begun_as();
      write(one.key, *earlier.mutable_key());
      earlier.set_config_hash(clean_name(one.config_hash));
      earlier.set_checkpoint_stored(one.checkpoint_stored);
    }
  }
  void operator()(const Recall& recall) {
    write(recall.key, *add().mutable_recall()->mutable_key());
  }
  void operator()(const Stop& stop) {
    pb::Stop& to = *add().mutable_stop();
    write(stop.key, *to.mutable_key());
    to.set_reason(write(stop.reason));
  }
  void operator()(const Abandon& abandon) {
    write(abandon.key, *add().mutable_abandon()->mutable_key());
  }
  void operator()(const Ack& ack) {
    pb::Ack& to = *add().mutable_ack();
    to.set_report(ack.report);
    to.set_verdict(write(ack.verdict));
  }
  void operator()(const Quit&) { add().mutable_quit(); }
  void operator()(const Refused& refused) {
    add().mutable_refused()->set_why(clean_text(refused.why));
  }
  void operator()(const WhoAreYou&) { add().mutable_who_are_you(); }
  void operator()(const NewGeneration&) { add().mutable_new_generation(); }

 private:
  pb::CoordinatorMessage& add() { return *out_.add_messages(); }

  std::uint32_t index_of(const ResolvedArchitecture& architecture) {
    const auto it = std::find_if(written_.begin(), written_.end(),
                                 [&](const auto* known) { return *known == architecture; });
    const auto index = static_cast<std::uint32_t>(it - written_.begin());
    if (it == written_.end()) {
      written_.push_back(&architecture);
      write(architecture, *out_.add_architectures());
    }
    return index;
  }

  pb::CoordinatorFrame& out_;
  std::vector<const ResolvedArchitecture*> written_;
};

// ---- reading ----

CheckpointRules read_rules(const pb::CheckpointRules& in, Checker& check) {
  const Checker::Scope place(check, "checkpoint");
  CheckpointRules rules;
  rules.every_epochs = check.whole("every_epochs", in.every_epochs(), kMaxCount, 1);
  if (in.has_every_ms()) {
    rules.every =
        std::chrono::milliseconds(check.whole("every_ms", in.every_ms(), kMaxCheckpointEveryMs, 1));
  }
  rules.keep_best = in.keep_best();
  if (in.has_max_bytes()) {
    rules.max_bytes = check.whole("max_bytes", in.max_bytes(), Checker::kAnyId, 1);
  }
  return rules;
}

Assign read_assign(const pb::Assign& in, const std::vector<ResolvedArchitecture>& architectures,
                   Checker& check) {
  Assign assign;
  assign.key = read_key(in.key(), check);
  assign.sweep_name = check.name("sweep_name", in.sweep_name());
  assign.trainer = check.name("trainer", in.trainer());
  assign.dataset = check.name("dataset", in.dataset());
  assign.dataset_checksum = check.name("dataset_checksum", in.dataset_checksum());
  read(in.config(), assign.config, check);
  assign.config_hash = check.name("config_hash", in.config_hash());
  assign.train_seconds_before =
      check.not_negative("train_seconds_before", in.train_seconds_before());
  assign.checkpoint_stored = in.checkpoint_stored();
  if (in.has_checkpoint()) assign.checkpoint = read_rules(in.checkpoint(), check);
  assign.sweep_hash = check.name("sweep_hash", in.sweep_hash());
  if (check.number_of("begun_as", in.begun_as_size(), static_cast<int>(kMostEarlier))) {
    for (int i = 0; i < in.begun_as_size(); ++i) {
      const Checker::Scope place(check, "begun_as", i);
      const pb::EarlierTraining& one = in.begun_as(i);
      assign.begun_as.push_back({read_key(one.key(), check),
                                 check.name("config_hash", one.config_hash()),
                                 one.checkpoint_stored()});
    }
  }
  if (in.architecture() < architectures.size()) {
    assign.architecture = architectures[in.architecture()];
  } else {
    check.fail("architecture", "found index " + std::to_string(in.architecture()) +
                                   ", but the frame has " + std::to_string(architectures.size()) +
                                   " architectures");
  }
  return assign;
}

Stop read_stop(const pb::Stop& in, Checker& check) {
  Stop stop{read_key(in.key(), check), Reason::kUser};
  read(in.reason(), stop.reason, check);
  if (stop.reason != Reason::kDrain && stop.reason != Reason::kEarlyStop &&
      stop.reason != Reason::kTimeout && stop.reason != Reason::kUser) {
    check.fail("reason", "found " + std::string(to_string(stop.reason)) +
                             ", expected DRAIN, EARLY_STOP, TIMEOUT or USER");
  }
  return stop;
}

Welcome read_welcome(const pb::Welcome& in, Checker& check) {
  Welcome welcome;
  welcome.heartbeat_every = std::chrono::milliseconds(
      check.whole("heartbeat_every_ms", in.heartbeat_every_ms(), kMaxIntervalMs, 1));
  welcome.lease =
      std::chrono::milliseconds(check.whole("lease_ms", in.lease_ms(), kMaxIntervalMs, 1));
  welcome.checkpoints_at = check.name("checkpoints_at", in.checkpoints_at());
  welcome.checkpoint_token = check.name("checkpoint_token", in.checkpoint_token());
  return welcome;
}

CoordinatorMessage read_message(const pb::CoordinatorMessage& in,
                                const std::vector<ResolvedArchitecture>& architectures,
                                Checker& check) {
  switch (in.kind_case()) {
    case pb::CoordinatorMessage::kWelcome: {
      const Checker::Scope place(check, "welcome");
      return read_welcome(in.welcome(), check);
    }
    case pb::CoordinatorMessage::kAssign: {
      const Checker::Scope place(check, "assign");
      return read_assign(in.assign(), architectures, check);
    }
    case pb::CoordinatorMessage::kRecall: {
      const Checker::Scope place(check, "recall");
      return Recall{read_key(in.recall().key(), check)};
    }
    case pb::CoordinatorMessage::kStop: {
      const Checker::Scope place(check, "stop");
      return read_stop(in.stop(), check);
    }
    case pb::CoordinatorMessage::kAbandon: {
      const Checker::Scope place(check, "abandon");
      return Abandon{read_key(in.abandon().key(), check)};
    }
    case pb::CoordinatorMessage::kAck: {
      const Checker::Scope place(check, "ack");
      return Ack{in.ack().report(), read(in.ack().verdict(), check)};
    }
    case pb::CoordinatorMessage::kQuit:
      return Quit{};
    case pb::CoordinatorMessage::kRefused:
      return Refused{check.text("refused/why", in.refused().why())};
    case pb::CoordinatorMessage::kWhoAreYou:
      return WhoAreYou{};
    case pb::CoordinatorMessage::kNewGeneration:
      return NewGeneration{};
    case pb::CoordinatorMessage::KIND_NOT_SET:
      break;
  }
  check.fail("", "found a message of an unknown kind");
  return WhoAreYou{};
}

}  // namespace

void write(const CoordinatorFrame& frame, pb::CoordinatorFrame& out) {
  write(frame.session, *out.mutable_session());
  out.set_sequence(frame.sequence);
  out.set_generation(frame.generation.value);
  FrameWriter writer(out);
  for (const CoordinatorMessage& message : frame.messages) std::visit(writer, message);
}

void read(const pb::CoordinatorFrame& in, CoordinatorFrame& frame, Checker& check) {
  const Checker::Scope place(check, "coordinator frame");
  read(in.session(), frame.session, check);
  frame.sequence = in.sequence();
  frame.generation = {in.generation()};
  if (!check.number_of("messages", in.messages_size(), kMaxMessagesPerFrame) ||
      !check.number_of("architectures", in.architectures_size(), kMaxListed)) {
    return;
  }
  std::vector<ResolvedArchitecture> architectures(
      static_cast<std::size_t>(in.architectures_size()));
  for (int i = 0; i < in.architectures_size() && check.ok(); ++i) {
    const Checker::Scope architecture(check, "architectures", i);
    read(in.architectures(i), architectures[static_cast<std::size_t>(i)], check);
  }
  frame.messages.reserve(static_cast<std::size_t>(in.messages_size()));
  for (int i = 0; i < in.messages_size() && check.ok(); ++i) {
    const Checker::Scope message(check, "messages", i);
    frame.messages.push_back(read_message(in.messages(i), architectures, check));
  }
}

}  // namespace firesweep
