// The coordinator: the loop together with the database, the socket, clients' requests, and the
// counters for `status`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "coordinator/loop/loop.h"
#include "coordinator/server/bad_peers.h"
#include "coordinator/server/checkpoint_server.h"
#include "coordinator/server/coordinator_state.h"
#include "coordinator/server/gate.h"
#include "coordinator/server/published_state.h"
#include "coordinator/server/request_queue.h"
#include "coordinator/server/store_database.h"
#include "coordinator/server/system_clock.h"
#include "coordinator/store/store.h"
#include "shared/base/error.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

// Gets the records that became durable, after each commit, on the loop's thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void committed(std::span<const Record> records) = 0;
};

// Single-threaded: the caller of step() owns it. step() never waits longer than its argument. If
// the database fails, later steps reopen it with back-off (loop.h). Meanwhile `status`, queries and
// overview() report the trouble. step() throws what the socket throws, and DatabaseGone.
class Coordinator final : loop::Socket, loop::Observer {
 public:
  // `checkpoints` may be null: then no checkpoints are transferred. `allowed` is the list of the
  // socket's door; null if it has none.
  Coordinator(Store store, RouterSocket socket, std::filesystem::path database,
              SchedulerOptions options, std::unique_ptr<CheckpointServer> checkpoints = nullptr,
              std::shared_ptr<AllowList> allowed = nullptr);
  ~Coordinator() override;

  // Waits at most `longest` for messages, then applies, commits and answers one group.
  void step(std::chrono::milliseconds longest);

  // Submits from within the process (`run`). Returns the reply that a client would get.
  ClientReply submit(std::shared_ptr<const FrozenSweep> frozen);
  // Tells running trials to write a checkpoint and hand back, then tells workers to exit.
  void drain();

  void observe(firesweep::Observer* observer) { observer_ = observer; }
  // Leaves its state there now, and from then on in steps, once a second. `published` outlives
  // this.
  void publish_to(PublishedState& published);
  // The present state, including why the database cannot be written, if so.
  Overview overview() const;
  const std::string& trouble() const { return loop_.trouble(); }
  bool idle() const { return loop_.scheduler().idle(); }
  bool awaits_checkpoints() const { return loop_.scheduler().awaits_checkpoints(system_now()); }
  Counters counters() const;
  // Whose messages could not be used, on both sockets.
  std::vector<BadPeer> bad_peers() const;
  const std::string& endpoint() const { return endpoint_; }

 private:
  std::vector<Event> receive(std::size_t most) override;
  void send(const PeerId& worker, CoordinatorFrame frame) override;
  void reply(const PeerId& client, const ClientReply& reply) override;
  void committed(const loop::Group& group) override;
  void refused(const loop::Group& group, const loop::CommitOutcome& outcome) override;
  void unsettled(const loop::Group& group) override;

  // The event for the loop that a message of a worker causes; nothing if it is refused or ignored
  // here, or a client's request that waits now.
  std::optional<Event> take(const Arrival& message);
  std::optional<Event> take(const Arrival& message, InboundFrame frame);
  // Answers waiting requests for a little while, or makes events of them, up to `most`; at least
  // one request, if any waits.
  void serve(std::vector<Event>& events, std::size_t most);
  std::nullopt_t stop(const Arrival& message, const Stopped& stopped);
  std::nullopt_t malformed(const Arrival& message, const std::string& why);
  void count_bad(const Arrival& message);
  Result<Event> event_of(const PeerId& peer, const ClientRequest& client);
  ClientReply answer(const request::Status& request) const;
  ClientReply answer(const request::Query& request) const;
  std::int64_t wal_bytes() const;
  std::shared_ptr<const CoordinatorState> state() const;
  void tidy(bool quiet);

  Store store_;
  StoreDatabase file_;
  RouterSocket socket_;
  Gate gate_;
  SystemClock clock_;
  std::filesystem::path database_;
  std::unique_ptr<CheckpointServer> checkpoints_;
  std::string endpoint_;
  std::int64_t frames_ = 0;
  std::int64_t malformed_ = 0;
  std::int64_t ignored_ = 0;
  BadPeers bad_peers_;
  RequestQueue requests_;
  std::int64_t reports_ = 0;
  DurableCounts durable_;
  bool draining_ = false;
  Duration started_;
  firesweep::Observer* observer_ = nullptr;
  PublishedState* published_ = nullptr;
  std::optional<ClientReply> own_reply_;  // to the client without a name, this process itself
  CoordinatorLoop loop_;
};

}  // namespace firesweep
