// Frames of workers: the first part of frames_pb.h.
#include <algorithm>

#include "shared/wire/frames_pb.h"
#include "shared/wire/metrics_pb.h"

namespace firesweep {
namespace {

using PbHeld = google::protobuf::RepeatedPtrField<pb::HeldTrial>;

void write(const std::vector<HeldTrial>& held, PbHeld& out) {
  for (const HeldTrial& trial : held) {
    pb::HeldTrial& to = *out.Add();
    write(trial.key, *to.mutable_key());
    to.set_started(trial.started);
  }
}

void read(const PbHeld& in, std::vector<HeldTrial>& held, Checker& check) {
  if (!check.number_of("held", in.size(), kMaxHeld)) return;
  held.resize(static_cast<std::size_t>(in.size()));
  for (int i = 0; i < in.size(); ++i) {
    const Checker::Scope place(check, "held", i);
    HeldTrial& trial = held[static_cast<std::size_t>(i)];
    trial.key = read_key(in.Get(i).key(), check);
    trial.started = in.Get(i).started();
  }
}

void write(const Capabilities& capabilities, pb::Capabilities& out) {
  out.set_device(clean_name(capabilities.device));
  out.set_device_name(clean_name(capabilities.device_name));
  out.set_threads(capabilities.threads);
  out.set_memory_bytes(capabilities.memory_bytes);
  for (const DatasetOnHost& dataset : capabilities.datasets) {
    pb::DatasetOnHost& to = *out.add_datasets();
    to.set_name(clean_name(dataset.name));
    to.set_checksum(clean_name(dataset.checksum));
  }
  write_names(capabilities.trainers, *out.mutable_trainers());
  write_names(capabilities.amp_kinds, *out.mutable_amp_kinds());
  out.set_torch_version(clean_name(capabilities.torch_version));
  out.set_build_commit(clean_name(capabilities.build_commit));
  write_names(capabilities.fields, *out.mutable_fields());
}

void read(const pb::Capabilities& in, Capabilities& capabilities, Checker& check) {
  const Checker::Scope place(check, "capabilities");
  capabilities.device = check.name("device", in.device());
  capabilities.device_name = check.name("device_name", in.device_name());
  capabilities.threads = check.whole("threads", in.threads(), kMaxCount);
  capabilities.memory_bytes = check.whole("memory_bytes", in.memory_bytes());
  if (check.number_of("datasets", in.datasets_size(), kMaxListed)) {
    for (const pb::DatasetOnHost& dataset : in.datasets()) {
      capabilities.datasets.push_back({check.name("datasets/name", dataset.name()),
                                       check.name("datasets/checksum", dataset.checksum())});
    }
  }
  read_names("trainers", in.trainers(), capabilities.trainers, check);
  read_names("amp_kinds", in.amp_kinds(), capabilities.amp_kinds, check);
  capabilities.torch_version = check.name("torch_version", in.torch_version());
  capabilities.build_commit = check.name("build_commit", in.build_commit());
  read_names("fields", in.fields(), capabilities.fields, check);
}

// ---- reports ----

void write_body(const report::Started& started, pb::Report& out) {
  out.mutable_started()->set_resumed_from_epoch(started.resumed_from_epoch);
  out.mutable_started()->set_checkpoint_missed(started.checkpoint_missed);
}
void write_body(const report::Progressed& progressed, pb::Report& out) {
  write(progressed.metrics, *out.mutable_progressed());
}
void write_body(const report::Finished& finished, pb::Report& out) {
  write(finished.result, *out.mutable_finished());
}
void write_body(const report::Errored& errored, pb::Report& out) {
  pb::Errored& to = *out.mutable_errored();
  to.set_reason(write(errored.reason));
  to.set_message(clean_text(errored.message));
  to.set_checkpoint_epoch(errored.checkpoint_epoch);
}
void write_body(const report::HandedBack& handed_back, pb::Report& out) {
  out.mutable_handed_back()->set_checkpoint_epoch(handed_back.checkpoint_epoch);
  out.mutable_handed_back()->set_upload(handed_back.upload);
}
void write_body(const report::Returned&, pb::Report& out) { out.mutable_returned(); }

report::Errored read_errored(const pb::Errored& in, Checker& check) {
  const Checker::Scope place(check, "errored");
  report::Errored errored;
  read(in.reason(), errored.reason, check);
  if (errored.reason != Reason::kOom && errored.reason != Reason::kNan &&
      errored.reason != Reason::kBadConfig && errored.reason != Reason::kError) {
    check.fail("reason", "found " + std::string(to_string(errored.reason)) +
                             ", expected OOM, NAN, BAD_CONFIG or ERROR");
  }
  errored.message = check.text("message", in.message());
  errored.checkpoint_epoch = check.whole("checkpoint_epoch", in.checkpoint_epoch(), kMaxCount);
  return errored;
}

ReportBody read_body(const pb::Report& in, Checker& check) {
  switch (in.body_case()) {
    case pb::Report::kStarted:
      return report::Started{
          check.whole("started/resumed_from_epoch", in.started().resumed_from_epoch(), kMaxCount),
          in.started().checkpoint_missed()};
    case pb::Report::kProgressed: {
      report::Progressed progressed;
      read(in.progressed(), progressed.metrics, check);
      return progressed;
    }
    case pb::Report::kFinished: {
      report::Finished finished;
      read(in.finished(), finished.result, check);
      return finished;
    }
    case pb::Report::kErrored:
      return read_errored(in.errored(), check);
    case pb::Report::kHandedBack:
      return report::HandedBack{check.whole("handed_back/checkpoint_epoch",
                                            in.handed_back().checkpoint_epoch(), kMaxCount),
                                check.whole("handed_back/upload", in.handed_back().upload())};
    case pb::Report::kReturned:
      return report::Returned{};
    case pb::Report::BODY_NOT_SET:
      break;
  }
  check.fail("", "found a report of an unknown kind");
  return report::Returned{};
}

// ---- messages ----

void write_message(const Hello& hello, pb::WorkerMessage& out) {
  pb::Hello& to = *out.mutable_hello();
  to.set_protocol(hello.protocol);
  to.set_name(clean_name(hello.name));
  to.set_pid(hello.pid);
  write(hello.capabilities, *to.mutable_capabilities());
  to.set_last_sequence(hello.last_sequence);
  write(hello.held, *to.mutable_held());
}
void write_message(const Heartbeat& heartbeat, pb::WorkerMessage& out) {
  pb::Heartbeat& to = *out.mutable_heartbeat();
  to.set_last_sequence(heartbeat.last_sequence);
  write(heartbeat.held, *to.mutable_held());
  to.set_progress_counter(heartbeat.progress_counter);
  if (heartbeat.live) write(*heartbeat.live, *to.mutable_live());
}
void write_message(const Report& report, pb::WorkerMessage& out) {
  pb::Report& to = *out.mutable_report();
  to.set_number(report.number);
  write(report.key, *to.mutable_key());
  std::visit([&](const auto& body) { write_body(body, to); }, report.body);
}
void write_message(const Goodbye&, pb::WorkerMessage& out) { out.mutable_goodbye(); }

WorkerMessage read_message(const pb::WorkerMessage& in, Checker& check) {
  switch (in.kind_case()) {
    case pb::WorkerMessage::kHello: {
      const Checker::Scope place(check, "hello");
      Hello hello;
      hello.protocol = in.hello().protocol();
      hello.name = check.name("name", in.hello().name());
      hello.pid = check.whole("pid", in.hello().pid());
      read(in.hello().capabilities(), hello.capabilities, check);
      hello.last_sequence = in.hello().last_sequence();
      read(in.hello().held(), hello.held, check);
      return hello;
    }
    case pb::WorkerMessage::kHeartbeat: {
      const Checker::Scope place(check, "heartbeat");
      Heartbeat heartbeat;
      heartbeat.last_sequence = in.heartbeat().last_sequence();
      read(in.heartbeat().held(), heartbeat.held, check);
      heartbeat.progress_counter = in.heartbeat().progress_counter();
      if (in.heartbeat().has_live()) {
        heartbeat.live.emplace();
        read(in.heartbeat().live(), *heartbeat.live, check);
      }
      return heartbeat;
    }
    case pb::WorkerMessage::kReport: {
      const Checker::Scope place(check, "report");
      Report report;
      report.number = in.report().number();
      report.key = read_key(in.report().key(), check);
      report.body = read_body(in.report(), check);
      return report;
    }
    case pb::WorkerMessage::kGoodbye:
      return Goodbye{};
    case pb::WorkerMessage::KIND_NOT_SET:
      break;
  }
  check.fail("", "found a message of an unknown kind");
  return Goodbye{};
}

// Such a worker is to be told which protocol is spoken here, whatever its frames look like.
bool greets_in_another_protocol(const WorkerFrame& frame) {
  return std::any_of(frame.messages.begin(), frame.messages.end(), [](const WorkerMessage& one) {
    const auto* hello = std::get_if<Hello>(&one);
    return hello != nullptr && hello->protocol != kProtocolVersion;
  });
}

}  // namespace

void write(const WorkerFrame& frame, pb::WorkerFrame& out) {
  write(frame.session, *out.mutable_session());
  out.set_sequence(frame.sequence);
  if (frame.generation) out.set_generation(frame.generation->value);
  for (const WorkerMessage& message : frame.messages) {
    pb::WorkerMessage& to = *out.add_messages();
    std::visit([&](const auto& kind) { write_message(kind, to); }, message);
  }
}

void read(const pb::WorkerFrame& in, WorkerFrame& frame, Checker& check) {
  const Checker::Scope place(check, "worker frame");
  read(in.session(), frame.session, check);
  if (!check.number_of("messages", in.messages_size(), kMaxMessagesPerFrame)) return;
  frame.messages.reserve(static_cast<std::size_t>(in.messages_size()));
  for (int i = 0; i < in.messages_size() && check.ok(); ++i) {
    const Checker::Scope message(check, "messages", i);
    frame.messages.push_back(read_message(in.messages(i), check));
  }
  frame.sequence = in.sequence();
  if (in.has_generation()) frame.generation = Generation{in.generation()};
  if (frame.sequence == 0 && !greets_in_another_protocol(frame)) {
    check.fail("sequence", "found 0, expected at least 1");
  }
}

}  // namespace firesweep
