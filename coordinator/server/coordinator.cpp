#include "coordinator/server/coordinator.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "coordinator/report/query.h"
#include "coordinator/server/intake.h"
#include "coordinator/server/status_json.h"
#include "shared/base/overloaded.h"
#include "shared/transport/reachable.h"
#include "shared/wire/codec.h"

namespace firesweep {
namespace {

using std::chrono::milliseconds;

// Another program's write transaction is waited for so long within a commit; then between steps,
// so that signals and `status` are heard.
constexpr milliseconds kLongestWaitInside{1000};
// Of each turn, for what clients ask; the messages of workers come first.
constexpr milliseconds kTimeForRequests{2};

}  // namespace

Coordinator::Coordinator(Store store, RouterSocket socket, std::filesystem::path database,
                         SchedulerOptions options, std::unique_ptr<CheckpointServer> checkpoints,
                         std::shared_ptr<AllowList> allowed)
    : store_(std::move(store)),
      file_(store_),
      socket_(std::move(socket)),
      gate_(std::move(allowed)),
      database_(std::move(database)),
      checkpoints_(std::move(checkpoints)),
      endpoint_(socket_.last_endpoint()),
      started_(clock_.now().steady),
      loop_({file_, *this, clock_, checkpoints_.get(), *this},
            {std::move(options), database_.string()}, store_.snapshot()) {
  store_.publish_address(endpoint_);
  store_.on_waiting([](milliseconds waited) {
    spdlog::warn(
        "event=waiting_for_database ms={} why=\"another program has an open write transaction\"",
        waited.count());
    return waited < kLongestWaitInside;
  });
}

Coordinator::~Coordinator() = default;

void Coordinator::step(milliseconds longest) {
  const Duration left = std::max(loop_.wake_at() - clock_.now().steady, Duration(0));
  const milliseconds wait = std::min(longest, std::chrono::ceil<milliseconds>(left));
  socket_.poll(requests_.empty() ? wait : milliseconds(0));
  store_.check_identity();
  const bool heard = loop_.step();
  if (!loop_.recovering()) tidy(!heard);
  if (published_ != nullptr && published_->turned(clock_.now().steady))
    published_->publish(state());
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

std::vector<Event> Coordinator::receive(std::size_t most) {
  std::vector<Event> events;
  const auto start = std::chrono::steady_clock::now();
  const std::size_t of_workers = most - 1;
  while (events.size() < of_workers && socket_.poll(milliseconds(0))) {
    for (const Arrival& message : socket_.receive(of_workers - events.size())) {
      if (auto event = take(message)) events.push_back(std::move(*event));
    }
    if (std::chrono::steady_clock::now() - start >= kGroupTime) break;
  }
  serve(events, most);
  return events;
}

void Coordinator::serve(std::vector<Event>& events, std::size_t most) {
  const auto end = std::chrono::steady_clock::now() + kTimeForRequests;
  std::string status;  // of this turn; one text answers all who ask for it
  do {
    const auto next = requests_.next();
    if (!next) return;
    const auto& [peer, client, bytes] = *next;
    if (!socket_.reads(peer)) {  // its answer would be lost
      ++ignored_;
    } else if (client.protocol == kClientProtocolVersion &&
               std::holds_alternative<request::Status>(client.body)) {
      if (status.empty()) status = encode(OutboundFrame(answer(request::Status{})));
      socket_.send(peer, status);
    } else if (const auto* query = std::get_if<request::Query>(&client.body);
               query != nullptr && client.protocol == kClientProtocolVersion) {
      reply(peer, answer(*query));
    } else if (auto event = event_of(peer, client)) {
      events.push_back(std::move(*event));
    } else {
      reply(peer, tl::unexpected(event.error()));
    }
  } while (events.size() < most && std::chrono::steady_clock::now() < end);
}

std::optional<Event> Coordinator::take(const Arrival& message) {
  ++frames_;
  if (bad_peers_.ignores(message.peer, message.sender, clock_.now().steady)) {
    ++ignored_;
    return std::nullopt;
  }
  if (!message.whole) return malformed(message, "of several frames, or too large");
  const auto key = socket_.key_of(message.peer);
  if (const auto stopped = gate_.stop(message.peer, key, message.bytes)) {
    return stop(message, *stopped);
  }
  auto frame = decode_inbound(message.bytes);
  if (!frame) return malformed(message, to_string(frame.error()));
  if (const auto stopped = gate_.stop(key, *frame)) return stop(message, *stopped);
  return take(message, std::move(*frame));
}

std::nullopt_t Coordinator::stop(const Arrival& message, const Stopped& stopped) {
  if (!stopped.answer.empty()) socket_.send(message.peer, stopped.answer);
  if (stopped.bad) count_bad(message);
  return std::nullopt;
}

std::nullopt_t Coordinator::malformed(const Arrival& message, const std::string& why) {
  ++malformed_;
  spdlog::warn("event=malformed sender=\"{}\" bytes={} why=\"{}\"", message.sender,
               message.bytes.size(), why);
  count_bad(message);
  return std::nullopt;
}

void Coordinator::count_bad(const Arrival& message) {
  if (!bad_peers_.note(message.peer, message.sender, clock_.now().steady)) return;
  spdlog::warn("event=silenced sender=\"{}\" why=\"too many bad messages: ignored for a while\"",
               message.sender);
}

std::optional<Event> Coordinator::take(const Arrival& message, InboundFrame frame) {
  if (auto* from_worker = std::get_if<WorkerFrame>(&frame)) {
    reports_ += std::count_if(from_worker->messages.begin(), from_worker->messages.end(),
                              [](const auto& m) { return std::holds_alternative<Report>(m); });
    return event::WorkerFrameArrived{message.peer, std::move(*from_worker)};
  }
  auto& client = std::get<ClientRequest>(frame);
  const bool waits =
      socket_.reads(message.peer) &&
      requests_.add(message.sender, {message.peer, std::move(client), message.bytes.size()});
  if (waits) return std::nullopt;
  // Nobody who reads the answers asks for so many.
  ++ignored_;
  count_bad(message);
  return std::nullopt;
}

Result<Event> Coordinator::event_of(const PeerId& peer, const ClientRequest& client) {
  if (client.protocol != kClientProtocolVersion) {
    return fail(ErrorCode::kConflict, endpoint_,
                "this coordinator speaks client protocol " +
                    std::to_string(kClientProtocolVersion) + ", the client protocol " +
                    std::to_string(client.protocol),
                "use the same build of firesweep on both sides");
  }
  return request_event(peer, client);
}

void Coordinator::send(const PeerId& worker, CoordinatorFrame frame) {
  if (!socket_.send(worker, encode(OutboundFrame(std::move(frame))))) {
    spdlog::debug("effect=send_lost");
  }
}

void Coordinator::reply(const PeerId& client, const ClientReply& reply) {
  if (client.empty()) {
    own_reply_ = reply;
  } else {
    socket_.send(client, encode(OutboundFrame(reply)));
  }
}

void Coordinator::committed(const loop::Group& group) {
  durable_.add(group.records);
  if (observer_ != nullptr && !group.records.empty()) observer_->committed(group.records);
}

void Coordinator::refused(const loop::Group& group, const loop::CommitOutcome&) {
  spdlog::error("event={} events={}",
                group.events.size() > 1 ? "replays_one_by_one" : "quarantines",
                group.events.size());
}

void Coordinator::unsettled(const loop::Group& group) {
  spdlog::error("event=unsettled events={} records={}", group.events.size(), group.records.size());
}

ClientReply Coordinator::submit(std::shared_ptr<const FrozenSweep> frozen) {
  own_reply_.reset();
  loop_.submit(std::move(frozen));
  if (loop_.recovering()) {
    return fail(ErrorCode::kIo, database_.string(), loop_.trouble(), "nothing was begun");
  }
  assert(own_reply_);
  return *own_reply_;
}

void Coordinator::drain() {
  draining_ = true;
  loop_.drain();
}

void Coordinator::publish_to(PublishedState& published) {
  published_ = &published;
  published.turned(clock_.now().steady);
  published.publish(state());
}

Overview Coordinator::overview() const {
  Overview overview = loop_.scheduler().overview(system_now());
  overview.trouble = loop_.trouble();
  // Workers that are not heard while the database waits block nothing.
  if (!overview.trouble.empty()) {
    for (SweepOverview& sweep : overview.sweeps) sweep.blocked.clear();
  }
  return overview;
}

Counters Coordinator::counters() const {
  return {loop_.counters(), frames_, malformed_, ignored_, reports_};
}

std::vector<BadPeer> Coordinator::bad_peers() const {
  const Duration now = system_now().steady;
  std::vector<BadPeer> peers = bad_peers_.list(now);
  return checkpoints_ ? merged(std::move(peers), checkpoints_->bad_peers(now)) : peers;
}

std::int64_t Coordinator::wal_bytes() const { return loop_.recovering() ? 0 : store_.wal_bytes(); }

std::shared_ptr<const CoordinatorState> Coordinator::state() const {
  auto state = std::make_shared<CoordinatorState>();
  state->at = system_now();
  state->uptime = state->at.steady - started_;
  state->draining = draining_;
  state->overview = overview();
  state->counters = counters();
  state->durable = durable_;
  state->commit_seconds = file_.commit_seconds();
  state->wal_bytes = wal_bytes();
  return state;
}

ClientReply Coordinator::answer(const request::Status&) const {
  return reply::Rendered{
      status_json(overview(), counters(), bad_peers(), wal_bytes(), ways_to(endpoint_).front())};
}

ClientReply Coordinator::answer(const request::Query& query) const {
  auto text = run_query(database_, query);
  if (!text) return tl::unexpected(text.error());
  return reply::Rendered{std::move(*text)};
}

}  // namespace firesweep
