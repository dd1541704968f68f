// The worker's side of checkpoint transfers: uploads the checkpoints that trials write on this
// host, and downloads those of other hosts. It owns a socket and a thread. It only reads the
// trainers' files; a downloaded checkpoint is written beside them as stored.<format>.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/transport/curve_keys.h"
#include "shared/wire/messages.h"
#include "worker/runtime/stop_flag.h"

namespace firesweep {

inline constexpr std::chrono::seconds kFetchLimit{30};
inline constexpr std::chrono::seconds kUploadLimit{30};  // after its trial was handed back

// Safe from any thread. Its failures are not errors: a checkpoint that is not transferred only
// costs training time.
class CheckpointCourier {
 public:
  // `coordinator` is the address workers connect to, `keys` what it takes there; `root` the folder
  // of this host's checkpoints.
  CheckpointCourier(SessionId session, std::string coordinator, std::optional<CallerKeys> keys,
                    std::filesystem::path root);
  ~CheckpointCourier();
  CheckpointCourier(const CheckpointCourier&) = delete;
  CheckpointCourier& operator=(const CheckpointCourier&) = delete;

  // Takes the coordinator's address for transfers. Nothing is transferred if both use the same
  // folder. Uploads of another generation's attempts end.
  void learn(const Welcome& welcome, Generation generation);

  // Tells it that folder/last.<format> is new. It uploads the present content, even if the trainer
  // replaces the file later. The upload waits for its turn and replaces a waiting one of the same
  // trial; with `last` it starts at once. Returns its number, or 0 if nothing is transferred or the
  // file is missing.
  std::int64_t offer(TrialKey key, std::int64_t epoch, const std::filesystem::path& folder,
                     const std::string& format, bool last);

  // Downloads the coordinator's checkpoint of the trial, if it has one of `formats`, to
  // folder/stored.<format>. False if that did not succeed within `limit` or before `stop`; true if
  // both use the same folder.
  bool fetch(TrialKey key, const std::filesystem::path& folder,
             const std::vector<std::string>& formats, const StopFlag& stop,
             std::chrono::milliseconds limit = kFetchLimit);

  // Waits until every upload offered as last is stored or refused, the coordinator cannot be
  // reached, or `limit` is over.
  void finish(std::chrono::milliseconds limit = kUploadLimit);

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace firesweep
