#include "worker/runtime/checkpoints/checkpoint_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <span>
#include <utility>

namespace firesweep {
namespace {

constexpr Duration kAgain = std::chrono::seconds(2);
constexpr auto kChunk = static_cast<std::int64_t>(kMaxChunkBytes);
constexpr std::int64_t kWindow = 4 * kChunk;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string read_at(int fd, std::int64_t offset) {
  std::string data(kMaxChunkBytes, '\0');
  std::size_t filled = 0;
  while (filled < data.size()) {
    const ssize_t got = ::pread(fd, data.data() + filled, data.size() - filled,
                                offset + static_cast<std::int64_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  data.resize(filled);
  return data;
}

}  // namespace

Result<OutgoingCheckpoint> OutgoingCheckpoint::open(TrialKey key, std::int64_t number,
                                                    std::int64_t epoch,
                                                    const std::filesystem::path& path,
                                                    const std::string& format, bool last) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return io_failure(path, "the checkpoint cannot be opened");
  OutgoingCheckpoint checkpoint(std::move(fd), path);
  checkpoint.offer_ = {key, number, epoch, 0, {}, format};
  checkpoint.last_ = last;
  return checkpoint;
}

Result<void> OutgoingCheckpoint::measure() {
  Hasher hasher(Digest::kSha256);
  std::int64_t bytes = 0;
  for (;;) {
    const std::string data = read_at(fd_.get(), bytes);
    if (data.empty()) break;
    hasher.update(bytes_of(data));
    bytes += static_cast<std::int64_t>(data.size());
  }
  struct stat status{};
  if (::fstat(fd_.get(), &status) != 0 || status.st_size != bytes || bytes == 0) {
    return io_failure(path_, "the checkpoint cannot be read");
  }
  offer_.bytes = bytes;
  offer_.sha256 = hasher.finish();
  return {};
}

CheckpointChunk OutgoingCheckpoint::chunk(const CheckpointPull& pull) const {
  return {pull.key, pull.sha256, pull.offset, read_at(fd_.get(), pull.offset)};
}

void IncomingCheckpoint::take(const CheckpointOffer& offer) {
  if (state_ != State::kOpen || offer.key != key_ || fetch_) return;
  state_ = State::kFailed;
  if (offer.bytes == 0 || std::ranges::find(formats_, offer.format) == formats_.end()) return;
  auto file = AtomicFile::create(folder_ / ("stored." + offer.format));
  if (!file) return;
  fetch_.emplace(Fetch{offer, std::move(*file), Hasher(Digest::kSha256)});
  said_.reset();
  state_ = State::kOpen;
}

void IncomingCheckpoint::take(const CheckpointChunk& chunk) {
  if (state_ != State::kOpen || !fetch_ || chunk.key != key_) return;
  Fetch& fetch = *fetch_;
  if (chunk.sha256 != fetch.offer.sha256) return;
  if (chunk.offset != received_) return;  // after a lost one: asked for again
  const std::int64_t wanted = std::min(kChunk, fetch.offer.bytes - received_);
  if (static_cast<std::int64_t>(chunk.data.size()) != wanted ||
      !fetch.file.write(bytes_of(chunk.data))) {
    state_ = State::kFailed;
    return;
  }
  fetch.hasher.update(bytes_of(chunk.data));
  received_ += wanted;
  said_.reset();
  if (received_ == fetch.offer.bytes) finish(fetch);
}

void IncomingCheckpoint::finish(Fetch& fetch) {
  const bool right = fetch.hasher.finish() == fetch.offer.sha256 && fetch.file.commit();
  state_ = right ? State::kWhole : State::kFailed;
  fetch_.reset();
}

std::vector<CheckpointMessage> IncomingCheckpoint::due(Duration now) {
  std::vector<CheckpointMessage> messages;
  if (state_ != State::kOpen) return messages;
  if (said_ && now - *said_ >= kAgain) {
    said_.reset();
    asked_ = received_;
  }
  if (said_) return messages;
  said_ = now;
  if (!fetch_) {
    messages.emplace_back(CheckpointWant{key_});
    return messages;
  }
  const std::int64_t until = std::min(fetch_->offer.bytes, received_ + kWindow);
  for (; asked_ < until; asked_ += kChunk) {
    messages.emplace_back(CheckpointPull{key_, fetch_->offer.sha256, asked_});
  }
  return messages;
}

}  // namespace firesweep
