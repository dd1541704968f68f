#include "worker/runtime/checkpoints/checkpoint_courier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/overloaded.h"
#include "shared/transport/dealer_socket.h"
#include "shared/transport/poll.h"
#include "worker/runtime/checkpoints/checkpoint_transfer.h"

namespace firesweep {
namespace {

constexpr std::chrono::milliseconds kIdleWait{1'000};
constexpr std::chrono::milliseconds kBusyWait{50};
constexpr Duration kOfferAgain = std::chrono::seconds(2);
constexpr Duration kBetweenUploads = std::chrono::seconds(5);  // unless a trial is handed back
constexpr Duration kNobodyThere = std::chrono::seconds(5);     // then nobody is waited for
constexpr Duration kDead = std::chrono::seconds(20);           // a connection without an answer
constexpr const char* kSharedMarker = ".firesweep-shared";     // as the coordinator writes it

// "tcp://*:5556" with the host of "tcp://head:5555".
std::string address_for(const std::string& told, const std::string& coordinator) {
  constexpr std::string_view kAnyHost = "tcp://*:";
  if (!told.starts_with(kAnyHost) || coordinator.find("tcp://") == std::string::npos) return told;
  return coordinator.substr(0, coordinator.rfind(':') + 1) + told.substr(kAnyHost.size());
}

std::string first_line(const std::filesystem::path& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

}  // namespace

class CheckpointCourier::Thread {
 public:
  Thread(SessionId session, std::string coordinator, std::optional<CallerKeys> keys,
         std::filesystem::path root)
      : session_(session),
        coordinator_(std::move(coordinator)),
        keys_(keys),
        root_(std::move(root)),
        thread_([this] { work(); }) {}

  ~Thread() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.wake();
    thread_.join();
  }

  void learn(const Welcome& welcome, Generation generation) {
    const bool shared = !welcome.checkpoint_token.empty() &&
                        first_line(root_ / kSharedMarker) == welcome.checkpoint_token;
    std::string address =
        shared ? std::string() : address_for(welcome.checkpoints_at, coordinator_);
    const std::lock_guard lock(mutex_);
    if (address != address_) {
      spdlog::info("event=checkpoints_travel to={}", address.empty() ? "nowhere" : address);
    }
    address_ = std::move(address);
    if (std::exchange(generation_, generation) == generation) return;
    active_.reset();
    waiting_.clear();
    numbers_.clear();
  }

  std::int64_t offer(TrialKey key, std::int64_t epoch, const std::filesystem::path& folder,
                     const std::string& format, bool last) {
    const std::lock_guard lock(mutex_);
    if (address_.empty()) return 0;
    auto opened = OutgoingCheckpoint::open(key, numbers_[key] + 1, epoch,
                                           folder / ("last." + format), format, last);
    if (!opened) return 0;
    const std::int64_t number = ++numbers_[key];
    waiting_.insert_or_assign(key.trial, std::move(*opened));
    wake_.wake();
    return number;
  }

  bool fetch(TrialKey key, const std::filesystem::path& folder,
             const std::vector<std::string>& formats, const StopFlag& stop,
             std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    std::unique_lock lock(mutex_);
    if (address_.empty()) return true;
    const auto wanted = std::make_shared<IncomingCheckpoint>(key, folder, formats);
    fetching_ = wanted;
    wake_.wake();
    while (wanted->state() == IncomingCheckpoint::State::kOpen && !stop.requested() &&
           std::chrono::steady_clock::now() < end) {
      changed_.wait_for(lock, kBusyWait);
    }
    fetching_.reset();
    return wanted->state() == IncomingCheckpoint::State::kWhole;
  }

  void finish(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] {
      const bool last_waits = std::any_of(waiting_.begin(), waiting_.end(),
                                          [](const auto& entry) { return entry.second.last(); });
      const bool pointless =
          unheard_since_ && system_now().steady - *unheard_since_ >= kNobodyThere;
      return pointless || (!last_waits && !(active_ && active_->last()));
    });
  }

 private:
  void work() {
    try {
      while (step()) {
      }
    } catch (const std::exception& broken) {
      spdlog::error("event=courier_broke what=\"{}\"", broken.what());
    }
  }

  // One turn; false at the end. The lock is given up only to wait.
  bool step() {
    std::vector<void*> sockets;
    if (socket_) sockets.push_back(socket_->handle());
    poll(sockets, &wake_, busy_ ? kBusyWait : kIdleWait);
    wake_.drain();
    const std::lock_guard lock(mutex_);
    if (closing_) return false;
    connect();
    if (socket_) {
      try_again_where_refused(*socket_);
      while (const auto bytes = socket_->receive()) hear(*bytes);
      leave_dead_connection(*socket_);
      send_offers();
      if (fetching_) {
        for (CheckpointMessage& message : fetching_->due(system_now().steady)) tell(message);
      }
    }
    busy_ = active_ || !waiting_.empty() || fetching_;
    changed_.notify_all();
    return true;
  }

  void connect() {
    if (address_ == connected_to_) return;
    connected_to_ = address_;
    socket_.reset();
    if (address_.empty()) {
      active_.reset();
      waiting_.clear();
      return;
    }
    auto socket = DealerSocket::connect(address_, keys_);
    if (socket) {
      socket_.emplace(std::move(*socket));
    } else {
      spdlog::warn("event=checkpoints_cannot_travel why=\"{}\"", to_string(socket.error()));
    }
  }

  // Whoever is turned away may be let in later: the coordinator's list of keys can be mended.
  void try_again_where_refused(DealerSocket& socket) {
    const Duration now = system_now().steady;
    const auto refused = socket.refusal();
    if (!refused || (refused_ && now - *refused_ < kOfferAgain)) return;
    refused_ = now;
    spdlog::warn("event=checkpoints_turned_away why=\"{}\"", to_string(*refused));
    socket.reconnect();
  }

  // Something on the way may have forgotten the connection, so that neither side learns of it.
  void leave_dead_connection(DealerSocket& socket) {
    const Duration now = system_now().steady;
    if (!active_ && !fetching_) answered_ = now;
    if (now - answered_ < kDead) return;
    answered_ = now;
    offered_.reset();
    spdlog::info("effect=reconnect address={} why=\"no answer about checkpoints\"", address_);
    socket.reconnect();
  }

  bool tell(const CheckpointMessage& message) {
    return socket_ && socket_->send(encode(CheckpointFrame{session_, message, generation_}));
  }

  void hear(const std::string& bytes) {
    answered_ = system_now().steady;
    const auto frame = decode_checkpoint(bytes);
    if (!frame || frame->session != session_) return;
    if (frame->generation.value_or(Generation{}) != generation_) return;
    std::visit(Overloaded{[&](const CheckpointOffer& offer) {
                            if (fetching_) fetching_->take(offer);
                          },
                          [&](const CheckpointChunk& chunk) {
                            if (fetching_) fetching_->take(chunk);
                          },
                          [&](const CheckpointPull& pull) {
                            if (!active_ || active_->offer().sha256 != pull.sha256) return;
                            offered_ = system_now().steady;
                            tell(active_->chunk(pull));
                          },
                          [&](const CheckpointDone& done) {
                            if (active_ && active_->offer().sha256 == done.sha256) active_.reset();
                          },
                          [](const CheckpointWant&) {}},
               frame->message);
  }

  // The next one begins when the one before is done: a trial handed back first, the others in time.
  void send_offers() {
    const Duration now = system_now().steady;
    if (!active_) {
      const auto urgent = std::find_if(waiting_.begin(), waiting_.end(),
                                       [](const auto& entry) { return entry.second.last(); });
      const bool due = !begun_ || now - *begun_ >= kBetweenUploads;
      const auto next = urgent != waiting_.end() ? urgent : waiting_.begin();
      if (next == waiting_.end() || (next != urgent && !due)) return;
      active_.emplace(std::move(next->second));
      waiting_.erase(next);
      begun_ = now;
      if (const auto measured = active_->measure(); !measured) {
        spdlog::warn("event=checkpoint_not_sent why=\"{}\"", to_string(measured.error()));
        active_.reset();
        return;
      }
      offered_.reset();
    }
    if (offered_ && now - *offered_ < kOfferAgain) return;
    if (tell(active_->offer())) {
      offered_ = now;
      unheard_since_.reset();
    } else if (!unheard_since_) {
      unheard_since_ = now;
    }
  }

  const SessionId session_;
  const std::string coordinator_;
  const std::optional<CallerKeys> keys_;
  const std::filesystem::path root_;

  // The thread's alone.
  std::optional<DealerSocket> socket_;
  std::string connected_to_;
  bool busy_ = false;
  Duration answered_{0};             // when something was heard last, or nothing was waited for
  std::optional<Duration> offered_;  // when it was said, or asked for, last
  std::optional<Duration> refused_;  // when a refusal was met last
  std::optional<Duration> begun_;    // when the last upload began

  WakePipe wake_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool closing_ = false;
  std::string address_;
  Generation generation_;
  std::map<TrialKey, std::int64_t> numbers_;       // given so far
  std::map<TrialId, OutgoingCheckpoint> waiting_;  // the newest of each trial
  std::optional<OutgoingCheckpoint> active_;       // on its way
  std::shared_ptr<IncomingCheckpoint> fetching_;
  std::optional<Duration> unheard_since_;  // no connection to send an offer by

  std::thread thread_;  // last: it uses everything above
};

CheckpointCourier::CheckpointCourier(SessionId session, std::string coordinator,
                                     std::optional<CallerKeys> keys, std::filesystem::path root)
    : thread_(std::make_unique<Thread>(session, std::move(coordinator), keys, std::move(root))) {}
CheckpointCourier::~CheckpointCourier() = default;

void CheckpointCourier::learn(const Welcome& welcome, Generation generation) {
  thread_->learn(welcome, generation);
}
std::int64_t CheckpointCourier::offer(TrialKey key, std::int64_t epoch,
                                      const std::filesystem::path& folder,
                                      const std::string& format, bool last) {
  return thread_->offer(key, epoch, folder, format, last);
}
bool CheckpointCourier::fetch(TrialKey key, const std::filesystem::path& folder,
                              const std::vector<std::string>& formats, const StopFlag& stop,
                              std::chrono::milliseconds limit) {
  return thread_->fetch(key, folder, formats, stop, limit);
}
void CheckpointCourier::finish(std::chrono::milliseconds limit) { thread_->finish(limit); }

}  // namespace firesweep
