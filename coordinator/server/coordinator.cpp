#include "coordinator/server/coordinator.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "coordinator/server/intake.h"
#include "coordinator/server/query.h"
#include "coordinator/server/replies.h"
#include "coordinator/server/status_json.h"
#include "coordinator/store/contradictions.h"
#include "shared/base/overloaded.h"
#include "shared/transport/reachable.h"
#include "shared/wire/codec.h"

namespace firesweep {
namespace {

constexpr std::size_t kGroupEvents = 1024;
constexpr std::chrono::milliseconds kGroupTime{5};
constexpr std::chrono::milliseconds kTickEvery{250};
constexpr std::chrono::milliseconds kFirstBackOff{100};
constexpr std::chrono::milliseconds kLongestBackOff{5000};
// Another program's write transaction is waited for so long within a commit; then between steps,
// so that signals and `status` are heard.
constexpr std::chrono::milliseconds kLongestWaitInside{1000};
// No ROUTER peer has an empty routing id, so it can name this process itself.
const PeerId kSelf;

}  // namespace

Coordinator::Coordinator(Store store, RouterSocket socket, std::filesystem::path database,
                         SchedulerOptions options, std::unique_ptr<CheckpointServer> checkpoints)
    : store_(std::move(store)),
      socket_(std::move(socket)),
      database_(std::move(database)),
      options_(std::move(options)),
      checkpoints_(std::move(checkpoints)),
      scheduler_(store_.snapshot(), options_, system_now()),
      endpoint_(socket_.last_endpoint()),
      last_tick_(system_now()) {
  store_.publish_address(endpoint_);
  store_.on_waiting([](std::chrono::milliseconds waited) {
    spdlog::warn(
        "event=waiting_for_database ms={} why=\"another program has an open write transaction\"",
        waited.count());
    return waited < kLongestWaitInside;
  });
}

Coordinator::~Coordinator() = default;

void Coordinator::step(std::chrono::milliseconds longest) {
  std::vector<Event> events = receive(std::min(longest, kTickEvery));
  store_.check_identity();
  if (recovering_ && !recovered()) return;
  if (checkpoints_) {
    for (event::CheckpointArrived& arrived : checkpoints_->take()) {
      events.emplace_back(std::move(arrived));
    }
  }
  if (std::exchange(drain_again_, false)) events.emplace_back(event::DrainRequested{});
  const bool quiet = events.empty();
  if (system_now().steady - last_tick_.steady >= kTickEvery) {
    events.emplace_back(event::Tick{});
    last_tick_ = system_now();
  }
  apply(events);
  tidy(quiet);
}

// A checkpoint that fails leaves everything in the WAL, where it is as safe; the next commit tells
// whether the disk is in trouble.
void Coordinator::tidy(bool quiet) {
  try {
    store_.checkpoint(quiet);
  } catch (const std::runtime_error& failure) {
    spdlog::warn("effect=checkpoint_failed what=\"{}\"", failure.what());
  }
}

std::vector<Event> Coordinator::receive(std::chrono::milliseconds longest) {
  std::vector<Event> events;
  if (!socket_.poll(longest)) return events;
  const auto start = std::chrono::steady_clock::now();
  do {
    for (const auto& [peer, bytes] : socket_.receive(kGroupEvents - events.size()))
      take(peer, bytes, events);
  } while (events.size() < kGroupEvents && std::chrono::steady_clock::now() - start < kGroupTime &&
           socket_.poll(std::chrono::milliseconds(0)));
  return events;
}

void Coordinator::take(const PeerId& peer, const std::string& bytes, std::vector<Event>& events) {
  ++counters_.frames;
  auto frame = decode_inbound(bytes);
  if (!frame) {
    ++counters_.malformed;
    spdlog::warn("event=malformed bytes={} why=\"{}\"", bytes.size(), to_string(frame.error()));
    return;
  }
  if (auto* from_worker = std::get_if<WorkerFrame>(&*frame)) {
    if (recovering_) return;  // it repeats what is not acknowledged
    events.emplace_back(event::WorkerFrameArrived{peer, std::move(*from_worker)});
    return;
  }
  const auto& client = std::get<ClientRequest>(*frame);
  if (client.protocol != kProtocolVersion) {
    reply(peer, reply_of({ErrorCode::kConflict, endpoint_,
                          "this coordinator speaks protocol " + std::to_string(kProtocolVersion) +
                              ", the client protocol " + std::to_string(client.protocol),
                          "use the same build of firesweep on both sides"}));
    return;
  }
  const bool asks = std::holds_alternative<request::Status>(client.body) ||
                    std::holds_alternative<request::Query>(client.body);
  if (recovering_ && !asks) {
    return reply(peer, reply_of({ErrorCode::kUnavailable, endpoint_,
                                 trouble_ + ": nothing can be changed until it can be written",
                                 "`firesweep status` tells when it is over"}));
  }
  std::visit(Overloaded{[&](const request::Submit& submit) {
                          auto frozen = decode_submission(submit);
                          if (!frozen) return reply(peer, reply_of(frozen.error()));
                          events.emplace_back(event::SubmitRequested{peer, std::move(*frozen)});
                        },
                        [&](const request::Extend& extend) {
                          auto frozen = decode_submission(extend.file);
                          if (!frozen) return reply(peer, reply_of(frozen.error()));
                          events.emplace_back(
                              event::ExtendRequested{peer, extend.sweep, std::move(*frozen)});
                        },
                        [&](const request::Steer& steer) {
                          events.emplace_back(event::SteerRequested{peer, steer});
                        },
                        [&](const request::Release& release) {
                          events.emplace_back(event::ReleaseRequested{peer, release});
                        },
                        [&](const auto& question) { reply(peer, answer(question)); }},
             client.body);
}

void Coordinator::apply(const std::vector<Event>& events) {
  if (events.empty()) return;
  const Instant now = system_now();
  std::vector<Record> records;
  std::vector<Effect> sends;
  for (const Event& event : events) {
    for (Effect& effect : scheduler_.on(event, now)) {
      if (auto* persist = std::get_if<effect::Persist>(&effect)) {
        records.push_back(std::move(persist->record));
      } else {
        sends.push_back(std::move(effect));
      }
    }
  }
  if (!records.empty()) {
    try {
      store_.commit(records);
    } catch (const ConstraintViolation& violation) {
      spdlog::error("event=constraint_violation events={} what=\"{}\"", events.size(),
                    violation.what());
      if (!rebuilt()) return;
      if (events.size() > 1) return apply_one_by_one(events);
      ++counters_.quarantined_events;
      return refuse(events, violation.what());
    } catch (const std::runtime_error& failure) {
      suffer(failure);
      return tell_clients(events, {ErrorCode::kUnavailable, database_.string(),
                                   trouble_ + ": whether it was kept is not known yet",
                                   "`firesweep status` tells when it is over; then repeat it"});
    }
    ++counters_.commits;
    counters_.records += static_cast<std::int64_t>(records.size());
    back_off_ = std::chrono::milliseconds(0);
    trouble_.clear();
    if (observer_ != nullptr) observer_->committed(records);
  }
  send(sends);
}

// One offender must not poison its group: each event gets a transaction of its own, and the one
// that cannot be written is dropped. Workers repeat what was not acknowledged.
void Coordinator::apply_one_by_one(const std::vector<Event>& events) {
  if (std::exchange(drain_again_, false)) apply({event::DrainRequested{}});
  for (const Event& event : events) {
    if (recovering_) return;
    apply({event});
  }
}

// People see it for as long as nothing else can be written.
void Coordinator::refuse(const std::vector<Event>& events, const std::string& why) {
  trouble_ = database_.string() + " refuses what belongs into it (" + why +
             "); `firesweep check FILE` lists rows that contradict each other";
  tell_clients(events, {ErrorCode::kConflict, database_.string(), "the database refuses it: " + why,
                        kContradictionsHint});
}

void Coordinator::tell_clients(const std::vector<Event>& events, const Error& error) {
  const auto tell = [&](const PeerId& peer) { reply(peer, reply_of(error)); };
  for (const Event& event : events) {
    std::visit(
        Overloaded{[&](const event::SubmitRequested& e) { tell(e.peer); },
                   [&](const event::ExtendRequested& e) { tell(e.peer); },
                   [&](const event::SteerRequested& e) { tell(e.peer); },
                   [&](const event::ReleaseRequested& e) { tell(e.peer); }, [](const auto&) {}},
        event);
  }
}

void Coordinator::send(std::vector<Effect>& effects) {
  for (Effect& effect : effects) {
    std::visit(
        Overloaded{[](const effect::Persist&) {},
                   [&](effect::SendToWorker& command) {
                     if (!socket_.send(command.peer,
                                       encode(OutboundFrame(std::move(command.frame))))) {
                       spdlog::debug("effect=send_lost");
                     }
                   },
                   [&](const effect::ReplyToClient& answer) { reply(answer.peer, answer.reply); },
                   [&](const auto& of_checkpoints) {
                     if (checkpoints_) checkpoints_->carry_out(of_checkpoints);
                   }},
        effect);
  }
}

void Coordinator::reply(const PeerId& peer, const ClientReply& reply) {
  if (peer == kSelf) {
    own_reply_ = reply;
  } else {
    socket_.send(peer, encode(OutboundFrame(reply)));
  }
}

void Coordinator::rebuild() {
  const Instant now = system_now();
  Snapshot snapshot = store_.snapshot();
  if (checkpoints_) checkpoints_->reset(snapshot.checkpoints);
  scheduler_ = Scheduler(std::move(snapshot), options_, now, scheduler_.heard());
  if (options_.only_submitted && submitted_)
    scheduler_.on(event::SubmitRequested{kSelf, submitted_}, now);
  drain_again_ =
      draining_;  // by the next group: a drain that the database refuses must not recurse
}

bool Coordinator::rebuilt() {
  try {
    rebuild();
  } catch (const std::runtime_error& failure) {
    suffer(failure);
  }
  return !recovering_;
}

// A failed commit has an unknown outcome: what the file holds afterwards is the truth. The
// scheduler is made anew from it by a later step, as soon as it can be read.
void Coordinator::suffer(const std::exception& failure) {
  ++counters_.failed_commits;
  trouble_ = store_.trouble(failure);
  recovering_ = true;
  back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
  retry_at_ = system_now().steady + back_off_;
  spdlog::error("event=commit_failed what=\"{}\" why=\"{}\" outcome=unknown retry_ms={}",
                failure.what(), trouble_, back_off_.count());
}

bool Coordinator::recovered() {
  if (system_now().steady < retry_at_) return false;
  try {
    store_.reopen();
  } catch (const DatabaseGone&) {
    throw;
  } catch (const std::runtime_error& failure) {
    suffer(failure);
    return false;
  }
  recovering_ = false;
  return rebuilt();
}

ClientReply Coordinator::submit(std::shared_ptr<const FrozenSweep> frozen) {
  own_reply_ = {};
  submitted_ = frozen;
  if (!recovering_) apply({event::SubmitRequested{kSelf, std::move(frozen)}});
  if (recovering_) {
    return reply_of({ErrorCode::kIo, database_.string(), trouble_, "nothing was begun"});
  }
  return own_reply_;
}

void Coordinator::drain() {
  draining_ = true;
  if (recovering_) return;  // the first group after it drains
  apply({event::DrainRequested{}});
}

Overview Coordinator::overview() const {
  Overview overview = scheduler_.overview(system_now());
  overview.trouble = trouble_;
  return overview;
}

ClientReply Coordinator::answer(const request::Status&) {
  const std::int64_t wal_bytes = recovering_ ? 0 : store_.wal_bytes();
  ClientReply reply;
  reply.ok = true;
  reply.text = status_json(overview(), counters_, socket_.malformed(), wal_bytes,
                           ways_to(endpoint_).front());
  return reply;
}

ClientReply Coordinator::answer(const request::Query& query) {
  auto text = run_query(database_, query);
  if (!text) return reply_of(text.error());
  ClientReply reply;
  reply.ok = true;
  reply.text = std::move(*text);
  return reply;
}

}  // namespace firesweep
