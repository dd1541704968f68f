// What coordinator, workers and clients say to each other, as domain types. firesweep.proto is the
// specification of the bytes; PROTOCOL.md tells the conversations. Pure data: the cores may include
// this header and nothing else here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/generation.h"
#include "shared/base/ids.h"
#include "shared/base/origins.h"
#include "shared/domain/checkpoint_rules.h"
#include "shared/domain/layers.h"
#include "shared/domain/metrics.h"
#include "shared/domain/sweep_state.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/trial_state.h"

namespace firesweep {

// What workers speak, and what clients speak: PROTOCOL.md, Versions.
inline constexpr std::uint32_t kProtocolVersion = 4;
inline constexpr std::uint32_t kClientProtocolVersion = 5;

// ---- worker → coordinator ----

struct DatasetOnHost {
  std::string name;
  std::string checksum;
  friend bool operator==(const DatasetOnHost&, const DatasetOnHost&) = default;
};

// What a worker can do; trials are matched against it.
struct Capabilities {
  std::string device;       // "cpu", "cuda:0"
  std::string device_name;  // for people
  std::int64_t threads = 1;
  std::int64_t memory_bytes = 0;
  std::vector<DatasetOnHost> datasets;
  std::vector<std::string> trainers;   // "torch", "simulated"
  std::vector<std::string> amp_kinds;  // "off", "bf16", "fp16"
  std::string torch_version;
  std::string build_commit;
  std::vector<std::string> fields;  // hyperparameters that version 1 did not have and it knows
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// Held: received, and its last report (finished, errored, handed back, returned) not acknowledged
// yet.
struct HeldTrial {
  TrialKey key;
  bool started = false;
  friend bool operator==(const HeldTrial&, const HeldTrial&) = default;
};

// First message on every fresh socket: what I am and what I hold. `last_sequence` is the newest
// command received in this session; commands after it were lost with the old socket.
struct Hello {
  std::uint32_t protocol = kProtocolVersion;
  std::string name;  // "host/slot"
  std::int64_t pid = 0;
  Capabilities capabilities;
  std::uint64_t last_sequence = 0;
  std::vector<HeldTrial> held;
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Heartbeat {
  std::uint64_t last_sequence = 0;
  std::vector<HeldTrial> held;
  std::uint64_t progress_counter =
      0;  // grows with any unit of work: batch, evaluation batch, data load
  std::optional<LiveProgress> live;  // of the running trial
  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

// Reports about one trial. Each is kept by the worker until acknowledged.
namespace report {
struct Started {
  std::int64_t resumed_from_epoch = 0;  // 0: from the beginning
  // The coordinator's could not be fetched; or it begins from nothing, though Assign says begun_as.
  bool checkpoint_missed = false;
  friend bool operator==(const Started&, const Started&) = default;
};
struct Progressed {
  EpochMetrics metrics;
  friend bool operator==(const Progressed&, const Progressed&) = default;
};
struct Finished {
  TrialResult result;
  friend bool operator==(const Finished&, const Finished&) = default;
};
struct Errored {
  Reason reason = Reason::kError;  // kOom, kNan, kBadConfig, kError
  std::string message;
  std::int64_t checkpoint_epoch = 0;  // newest checkpoint left behind; 0: none
  friend bool operator==(const Errored&, const Errored&) = default;
};
struct HandedBack {  // stopped as asked (or the worker leaves); a checkpoint of this epoch is left,
                     // 0: none
  std::int64_t checkpoint_epoch = 0;
  std::int64_t upload = 0;  // number of the checkpoint on its way to the coordinator; 0: none is
  friend bool operator==(const HandedBack&, const HandedBack&) = default;
};
struct Returned {  // never begun: recalled, or the worker leaves
  friend bool operator==(const Returned&, const Returned&) = default;
};
}  // namespace report

using ReportBody = std::variant<report::Started, report::Progressed, report::Finished,
                                report::Errored, report::HandedBack, report::Returned>;

struct Report {
  std::uint64_t number = 0;  // 1, 2, … within the session; acknowledged one by one
  TrialKey key;
  ReportBody body;
  friend bool operator==(const Report&, const Report&) = default;
};

struct Goodbye {  // orderly leave; everything held was handed back or returned before
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

using WorkerMessage = std::variant<Hello, Heartbeat, Report, Goodbye>;

// One frame from a worker: many messages, applied in order. `sequence` numbers the session's frames
// 1, 2, …, over all its sockets: what newer frames have overtaken on its way is no sign of life,
// and says nothing of what is held.
struct WorkerFrame {
  SessionId session;
  std::uint64_t sequence = 0;
  std::vector<WorkerMessage> messages;
  // Of every key in the frame. Zero: the worker has heard of none yet, and holds nothing. None: its
  // build knows no generations.
  std::optional<Generation> generation = {};
  friend bool operator==(const WorkerFrame&, const WorkerFrame&) = default;
};

// ---- coordinator → worker ----

struct Welcome {
  std::chrono::milliseconds heartbeat_every{2000};
  std::chrono::milliseconds lease{15000};
  std::string checkpoints_at;    // where checkpoints travel (checkpoint_messages.h); empty: nowhere
  std::string checkpoint_token;  // of the coordinator's folder: who finds it in its own shares it
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

// A shorter training of the same, whose checkpoint is the beginning of a longer one.
struct EarlierTraining {
  TrialKey key;
  std::string config_hash;
  bool checkpoint_stored = false;  // the coordinator has one
  friend bool operator==(const EarlierTraining&, const EarlierTraining&) = default;
};
inline constexpr std::size_t kMostEarlier = 4;

// One lease: everything needed to train, from the sweep as frozen at submit.
struct Assign {
  TrialKey key;
  std::string sweep_name;
  std::string trainer;  // "torch" or "simulated"
  std::string dataset;
  std::string dataset_checksum;  // empty for "simulated"
  TrialConfig config;
  ResolvedArchitecture architecture;
  std::string
      config_hash;  // identity of the work; a checkpoint made under another is never resumed
  double train_seconds_before = 0;  // spent by earlier attempts
  bool checkpoint_stored = false;   // the coordinator has one
  CheckpointRules checkpoint;       // of its sweep
  std::string sweep_hash;           // whose weights `checkpoint` counts together; empty: nobody's
  // The longest first, at most kMostEarlier. From their checkpoints alone may it begin otherwise.
  std::vector<EarlierTraining> begun_as = {};
  friend bool operator==(const Assign&, const Assign&) = default;
};

struct Recall {  // give it back if not begun
  TrialKey key;
  friend bool operator==(const Recall&, const Recall&) = default;
};

struct Stop {  // finish the batch, checkpoint, hand back
  TrialKey key;
  Reason reason = Reason::kUser;  // kDrain, kEarlyStop, kTimeout, kUser
  friend bool operator==(const Stop&, const Stop&) = default;
};

struct Abandon {  // you hold what is not yours: stop without a further report; a result already
                  // made is delivered
  TrialKey key;
  friend bool operator==(const Abandon&, const Abandon&) = default;
};

enum class Verdict {
  kAccepted,    // durable
  kSuperseded,  // recorded, but another outcome stands
  kUnknown,     // no such trial or attempt; forget it
};

struct Ack {
  std::uint64_t report = 0;
  Verdict verdict = Verdict::kAccepted;
  friend bool operator==(const Ack&, const Ack&) = default;
};

struct Quit {  // drain (finish batch, checkpoint, hand back) and end the slot: the coordinator is
               // closing for good
  friend bool operator==(const Quit&, const Quit&) = default;
};

struct Refused {  // this worker cannot serve here (protocol version, …); it ends, printing why
  std::string why;
  friend bool operator==(const Refused&, const Refused&) = default;
};

// The frame was of another generation, and nothing of it counts: drop what you hold, and say Hello
// in the generation of this frame.
struct NewGeneration {
  friend bool operator==(const NewGeneration&, const NewGeneration&) = default;
};

struct WhoAreYou {  // a frame of an unknown session arrived: say Hello
  friend bool operator==(const WhoAreYou&, const WhoAreYou&) = default;
};

using CoordinatorMessage = std::variant<Welcome, Assign, Recall, Stop, Abandon, Ack, Quit, Refused,
                                        WhoAreYou, NewGeneration>;

// One frame to a worker. `sequence` numbers the session's frames 1, 2, …; a restarted coordinator
// goes on above the Hello's last_sequence. 0 is outside the numbering: WhoAreYou, Refused,
// NewGeneration.
struct CoordinatorFrame {
  SessionId session;
  std::uint64_t sequence = 0;
  std::vector<CoordinatorMessage> messages;
  Generation generation = {};  // of every key in the frame
  friend bool operator==(const CoordinatorFrame&, const CoordinatorFrame&) = default;
};

// ---- client ↔ coordinator ----

namespace request {
struct Submit {  // texts are decoded and checked by the coordinator; nothing is written on error
  std::string spec_name;  // the file's name, for messages
  std::string spec_text;  // JSON or YAML as the user wrote it
  std::vector<std::pair<std::string, std::string>>
      architectures;     // variant name → file text, all it may name
  Origins origins = {};  // of the members of a merged text, for messages
  friend bool operator==(const Submit&, const Submit&) = default;
};
// What a user asks of a sweep, or of one of its trials (kCancel and kRetry only).
enum class Verb {
  kPause,   // running trials go on, nothing new is given out
  kResume,  // from PAUSED, STOPPED, FAILED, FINISHED
  kStop,    // running trials checkpoint and go back to waiting
  kCancel,  // for good
  kRetry,   // failed trials wait again, as if for the first time; so does one cancelled trial
};
struct Steer {
  Verb verb = Verb::kPause;
  SweepId sweep;
  std::optional<TrialId> trial;
  friend bool operator==(const Steer&, const Steer&) = default;
};
struct Extend {  // a sweep by the trials of another file, or its own points by what is given here
  SweepId sweep;
  Submit file;  // without text if seeds or run_cap are given
  std::vector<std::int64_t> seeds = {};
  std::optional<std::int64_t> run_cap = {};
  friend bool operator==(const Extend&, const Extend&) = default;
};
struct Release {  // a worker from its quarantine
  std::string worker;
  friend bool operator==(const Release&, const Release&) = default;
};
struct Status {  // counters and workers, as JSON
  friend bool operator==(const Status&, const Status&) = default;
};
struct Query {  // a report by name ("leaderboard", "pareto", "list", …) over the database, rendered
  std::string report;
  std::string format = "table";  // "table", "csv", "json"; pareto also "svg"
  std::optional<SweepId> sweep;
  std::optional<std::int64_t> limit;  // rows
  std::optional<TrialId> trial;       // of the report "model"
  std::string references = "auto";    // of a picture: "auto", "all", "none" or a file's text
  friend bool operator==(const Query&, const Query&) = default;
};
}  // namespace request

struct ClientRequest {
  std::uint32_t protocol = kClientProtocolVersion;
  std::variant<request::Submit, request::Extend, request::Steer, request::Release, request::Status,
               request::Query>
      body;
  friend bool operator==(const ClientRequest&, const ClientRequest&) = default;
};

namespace reply {
struct Rendered {  // Status as JSON, or a Query's report in its format
  std::string text;
  friend bool operator==(const Rendered&, const Rendered&) = default;
};
struct Submitted {
  SweepId sweep;
  std::string name;
  std::int64_t trials = 0;
  bool resumed = false;  // the coordinator had this content already
  SweepState state = SweepState::kRunning;
  std::vector<std::string> warnings;
  // The newest sweep of this name and other content to which `extend` could add a file's trials.
  std::optional<SweepId> namesake = {};
  std::optional<SweepState> woken_from = {};  // its state until then: kPaused, kStopped, kFailed
  friend bool operator==(const Submitted&, const Submitted&) = default;
};
struct Extended {
  SweepId sweep;
  SweepState state = SweepState::kRunning;
  std::int64_t added = 0;
  std::int64_t trials = 0;  // of all its files
  std::int64_t first = 0;   // number of the first new one
  // Of the new ones, longer trainings of others: those that go on from a checkpoint, and those that
  // begin from nothing since their schedule is laid over all epochs.
  std::int64_t go_on = 0;
  std::int64_t anew = 0;
  std::vector<std::string> warnings = {};
  friend bool operator==(const Extended&, const Extended&) = default;
};
struct SweepSteered {
  SweepId sweep;
  SweepState state = SweepState::kRunning;
  // Trials. Those that wait in a cancelled sweep are cancelled.
  std::int64_t waiting = 0;
  std::int64_t live = 0;  // held by workers
  std::int64_t complete = 0;
  std::int64_t cancelled = 0;
  std::int64_t retried = 0;
  friend bool operator==(const SweepSteered&, const SweepSteered&) = default;
};
struct TrialSteered {
  // Nothing else becomes of a trial that is cancelled or retried.
  enum class Now { kWaiting, kStopping, kCancelled };
  TrialId trial;
  Now now = Now::kWaiting;
  friend bool operator==(const TrialSteered&, const TrialSteered&) = default;
};
struct Released {
  std::string worker;
  friend bool operator==(const Released&, const Released&) = default;
};
}  // namespace reply

using ClientAnswer = std::variant<reply::Rendered, reply::Submitted, reply::Extended,
                                  reply::SweepSteered, reply::TrialSteered, reply::Released>;
// What was asked for, or why not. Of the error's code only kNotFound and kConflict travel; another
// arrives as kBadInput.
using ClientReply = Result<ClientAnswer>;

// Everything that may arrive at the coordinator's socket, and everything that may leave it.
using InboundFrame = std::variant<WorkerFrame, ClientRequest>;
using OutboundFrame = std::variant<CoordinatorFrame, ClientReply>;

}  // namespace firesweep
