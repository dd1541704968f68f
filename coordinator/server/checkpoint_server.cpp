#include "coordinator/server/checkpoint_server.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include "coordinator/core/checkpoint_pulls.h"
#include "coordinator/server/checkpoint_folder.h"
#include "shared/base/clock.h"
#include "shared/base/overloaded.h"
#include "shared/transport/poll.h"

namespace firesweep {
namespace {

constexpr std::chrono::milliseconds kLongestWait{500};
constexpr std::int64_t kMostWaitingBytes = std::int64_t{128} << 20;  // chunks for many workers
constexpr std::size_t kMostPeers = 4096;  // remembered; a worker that is forgotten speaks again

struct Reset {
  std::map<TrialId, StoredCheckpoint> rows;
};
using FolderOrder = std::variant<effect::CheckpointSettled, effect::CheckpointUnneeded, Reset>;

std::string random_marker() {
  std::random_device device;
  std::string token;
  for (int i = 0; i < 4; ++i) token += std::to_string(device()) + (i < 3 ? "-" : "");
  return token;
}

}  // namespace

// Everything the thread owns; what the loop and it share lies behind the mutex.
class CheckpointServer::Thread {
 public:
  Thread(RouterSocket socket, CheckpointFolder folder, std::string secret, DatabaseLife life,
         std::map<TrialId, StoredCheckpoint> rows)
      : endpoint(socket.last_endpoint()),
        token(std::move(secret)),
        life_(life),
        socket_(std::move(socket)),
        folder_(std::move(folder)),
        rows_(std::move(rows)),
        thread_([this] { work(); }) {}

  ~Thread() {
    closing_.store(true);
    wake_.wake();
    thread_.join();
  }

  void order(FolderOrder order) {
    {
      const std::lock_guard lock(mutex_);
      orders_.push_back(std::move(order));
    }
    wake_.wake();
  }

  std::vector<event::CheckpointArrived> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(arrived_, {});
  }

  const std::string endpoint;
  const std::string token;
  BadPeers bad_peers;

 private:
  void work() {
    try {
      while (!closing_.load()) step();
    } catch (const std::exception& broken) {
      spdlog::critical("event=checkpoint_server_broke what=\"{}\"", broken.what());
    }
  }

  void step() {
    void* const sockets[] = {socket_.handle()};
    poll(sockets, &wake_, kLongestWait);
    wake_.drain();
    std::vector<FolderOrder> orders;
    {
      const std::lock_guard lock(mutex_);
      orders.swap(orders_);
    }
    for (FolderOrder& order : orders) std::visit([this](auto& one) { obey(one); }, order);
    const Duration now = system_now().steady;
    for (const Arrival& message : socket_.receive()) hear(message, now);
    for (const SessionId worker : pulls_.abandoned(now)) folder_.drop(worker);
    for (auto& [worker, pull] : pulls_.next(now)) tell(worker, std::move(pull));
  }

  void hear(const Arrival& message, Duration now) {
    if (bad_peers.ignores(message.peer, message.sender, now)) return;
    const auto frame = decode_checkpoint(message.bytes);
    if (!frame) return refused(message, to_string(frame.error()), now);
    const auto key = socket_.key_of(message.peer);
    if (key && session_mark(*key) != frame->session.high) {
      return refused(message, "another key's session", now);
    }
    if (peers_.size() >= kMostPeers) peers_.clear();
    const SessionId worker = frame->session;
    std::string& known = peers_[worker];
    if (known != message.peer) pulls_.reconnected(worker);
    known = message.peer;
    if (!life_.is(frame->generation)) return turn_away(*frame);
    std::visit(Overloaded{[&](const CheckpointOffer& offer) { on(worker, offer); },
                          [&](const CheckpointWant& want) { on(worker, want); },
                          [&](const CheckpointPull& pull) { on(worker, pull); },
                          [&](const CheckpointChunk& chunk) { on(worker, chunk); },
                          [](const CheckpointDone&) {}},
               frame->message);
  }

  void refused(const Arrival& message, const std::string& why, Duration now) {
    const bool silenced = bad_peers.note(message.peer, message.sender, now);
    spdlog::warn("event=checkpoint_frame_refused sender=\"{}\" why=\"{}\" silenced={}",
                 message.sender, why, silenced);
  }

  // Of another generation: its checkpoints are not wanted here, and it has none here.
  void turn_away(const CheckpointFrame& frame) {
    std::visit(Overloaded{[&](const CheckpointOffer& offer) {
                            tell(frame.session, CheckpointDone{offer.key, offer.sha256, false},
                                 frame.generation);
                          },
                          [&](const CheckpointWant& want) {
                            tell(frame.session, CheckpointOffer{want.key, 0, 0, 0, "", ""},
                                 frame.generation);
                          },
                          [](const auto&) {}},
               frame.message);
  }

  void tell(SessionId worker, CheckpointMessage message) {
    tell(worker, std::move(message), life_.generation);
  }

  void tell(SessionId worker, CheckpointMessage message, std::optional<Generation> generation) {
    const auto peer = peers_.find(worker);
    if (peer != peers_.end()) {
      socket_.send(peer->second, encode(CheckpointFrame{worker, std::move(message), generation}));
    }
  }

  void on(SessionId worker, const CheckpointOffer& offer) {
    if (offer.bytes == 0 || judged_.contains({offer.key, offer.number})) return;
    const auto row = rows_.find(offer.key.trial);
    if (row != rows_.end() && row->second.attempt == offer.key.attempt &&
        row->second.number == offer.number && row->second.sha256 == offer.sha256) {
      return tell(worker, CheckpointDone{offer.key, offer.sha256, true});
    }
    if (!pulls_.offer(worker, offer, system_now().steady)) return;
    spdlog::info("event=checkpoint_offered trial={} epoch={} bytes={}", to_string(offer.key),
                 offer.epoch, offer.bytes);
    if (const auto begun = folder_.begin(worker); !begun) refuse(worker, begun.error());
  }

  void on(SessionId worker, const CheckpointChunk& chunk) {
    if (!pulls_.arrived(worker, chunk, system_now().steady)) {
      if (const CheckpointOffer* running = pulls_.running(worker);
          chunk.data.empty() && running != nullptr && running->sha256 == chunk.sha256) {
        refuse(worker,
               {ErrorCode::kNotFound, to_string(chunk.key), "its worker has it no more", ""});
      }
      return;
    }
    if (const auto written = folder_.write(worker, chunk.offset, chunk.data); !written) {
      return refuse(worker, written.error());
    }
    if (!pulls_.complete(worker)) return;
    const CheckpointOffer offer = *pulls_.running(worker);
    StoredCheckpoint whole{offer.key.attempt, offer.number, offer.epoch, offer.bytes,
                           offer.sha256,      offer.format, {}};
    whole.file = CheckpointFolder::name_of(offer.key.trial, whole);
    if (const auto finished = folder_.finish(worker, whole); !finished) {
      return refuse(worker, finished.error());
    }
    pulls_.end(worker);
    judged_.insert({offer.key, offer.number});
    const std::lock_guard lock(mutex_);
    arrived_.push_back({worker, offer.key, std::move(whole), life_.generation});
  }

  void refuse(SessionId worker, const Error& error) {
    spdlog::warn("event=checkpoint_failed why=\"{}\"", to_string(error));
    if (const CheckpointOffer* offer = pulls_.running(worker)) {
      tell(worker, CheckpointDone{offer->key, offer->sha256, false});
    }
    pulls_.end(worker);
    folder_.drop(worker);
  }

  void on(SessionId worker, const CheckpointWant& want) {
    const auto row = rows_.find(want.key.trial);
    if (row == rows_.end()) return tell(worker, CheckpointOffer{want.key, 0, 0, 0, "", ""});
    const StoredCheckpoint& one = row->second;
    tell(worker,
         CheckpointOffer{want.key, one.number, one.epoch, one.bytes, one.sha256, one.format});
  }

  void on(SessionId worker, const CheckpointPull& pull) {
    const auto row = rows_.find(pull.key.trial);
    std::string data;
    if (row != rows_.end() && row->second.sha256 == pull.sha256) {
      data = folder_.read(row->second.file, pull.offset, kMaxChunkBytes);
    }
    tell(worker, CheckpointChunk{pull.key, pull.sha256, pull.offset, std::move(data)});
  }

  void obey(const effect::CheckpointSettled& settled) {
    const StoredCheckpoint& one = settled.checkpoint;
    const TrialKey key{settled.trial, one.attempt};
    judged_.erase({key, one.number});
    const auto row = rows_.find(settled.trial);
    if (settled.kept) {
      rows_[settled.trial] = one;
      spdlog::info("event=checkpoint_stored trial={} epoch={} file={}", to_string(key), one.epoch,
                   one.file);
    } else if (row == rows_.end() || row->second.file != one.file) {
      folder_.remove(one.file);
    }
    tell(settled.session, CheckpointDone{key, one.sha256, settled.kept});
  }

  void obey(const effect::CheckpointUnneeded& unneeded) {
    const auto row = rows_.find(unneeded.trial);
    // A newer checkpoint of the same content has the same name.
    if (row != rows_.end() && row->second.file == unneeded.file && !unneeded.evicted) return;
    if (unneeded.evicted) rows_.erase(unneeded.trial);
    folder_.remove(unneeded.file);
  }

  void obey(Reset& reset) {
    rows_ = std::move(reset.rows);
    judged_.clear();
  }

  const DatabaseLife life_;
  RouterSocket socket_;
  CheckpointFolder folder_;
  std::map<TrialId, StoredCheckpoint> rows_;  // as committed
  CheckpointPulls pulls_;
  std::map<SessionId, std::string> peers_;
  std::set<std::pair<TrialKey, std::int64_t>> judged_;  // whole, not settled

  WakePipe wake_;
  std::atomic<bool> closing_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<FolderOrder> orders_;
  std::vector<event::CheckpointArrived> arrived_;

  std::thread thread_;  // last: it uses everything above
};

Result<std::unique_ptr<CheckpointServer>> CheckpointServer::start(
    const std::string& address, const RouterOptions& options, const std::filesystem::path& folder,
    Snapshot snapshot) {
  RouterOptions with_chunks = options;
  with_chunks.max_message_bytes = kMaxCheckpointFrameBytes;
  with_chunks.max_waiting_bytes = kMostWaitingBytes;
  auto socket = RouterSocket::bind(address, with_chunks);
  if (!socket) return tl::unexpected(socket.error());
  auto opened = CheckpointFolder::open(folder);
  if (!opened) return tl::unexpected(opened.error());
  const std::string token = random_marker();
  if (const auto written = opened->write_marker(kSharedMarker, token); !written) {
    return tl::unexpected(written.error());
  }
  opened->tidy(snapshot.checkpoints);
  return std::unique_ptr<CheckpointServer>(new CheckpointServer(
      std::make_unique<Thread>(std::move(*socket), std::move(*opened), token, snapshot.life,
                               std::move(snapshot.checkpoints))));
}

CheckpointServer::CheckpointServer(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
CheckpointServer::~CheckpointServer() = default;

const std::string& CheckpointServer::endpoint() const { return thread_->endpoint; }
const std::string& CheckpointServer::token() const { return thread_->token; }
std::vector<BadPeer> CheckpointServer::bad_peers(Duration now) const {
  return thread_->bad_peers.list(now);
}
std::vector<event::CheckpointArrived> CheckpointServer::arrived() { return thread_->take(); }
void CheckpointServer::carry_out(const effect::CheckpointSettled& settled) {
  thread_->order(settled);
}
void CheckpointServer::carry_out(const effect::CheckpointUnneeded& unneeded) {
  thread_->order(unneeded);
}
void CheckpointServer::reset(std::map<TrialId, StoredCheckpoint> rows) {
  thread_->order(Reset{std::move(rows)});
}

}  // namespace firesweep
