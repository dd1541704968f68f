#include "coordinator/server/offline.h"

#include <cassert>
#include <optional>
#include <stdexcept>
#include <utility>

#include "coordinator/loop/loop.h"
#include "coordinator/server/intake.h"
#include "coordinator/server/scheduler_options.h"
#include "coordinator/server/store_database.h"
#include "coordinator/server/system_clock.h"

namespace firesweep {
namespace {

// One request lies in it; nobody else can be reached.
class OneRequest final : public loop::Socket, public loop::Observer {
 public:
  explicit OneRequest(Event event) { events_.push_back(std::move(event)); }

  std::vector<Event> receive(std::size_t) override { return std::exchange(events_, {}); }
  void send(const PeerId&, CoordinatorFrame) override {}
  void reply(const PeerId&, const ClientReply& reply) override { answer = reply; }

  void committed(const loop::Group&) override {}
  void refused(const loop::Group&, const loop::CommitOutcome&) override {}
  void unsettled(const loop::Group&) override {}

  std::optional<ClientReply> answer;

 private:
  std::vector<Event> events_;
};

}  // namespace

ClientReply apply_offline(Store& store, const ClientRequest& request) {
  auto event = request_event({}, request);
  if (!event) return tl::unexpected(event.error());
  StoreDatabase database(store);
  OneRequest socket(std::move(*event));
  SystemClock clock;
  CoordinatorLoop loop({database, socket, clock, nullptr, socket},
                       {default_scheduler_options(), "the database"}, store.snapshot());
  loop.step();
  if (loop.recovering()) throw std::runtime_error(loop.trouble());
  assert(socket.answer);
  return *socket.answer;
}

}  // namespace firesweep
