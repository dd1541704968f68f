// The worker's end of travelling checkpoints: sends what a trial leaves on this host's disk,
// fetches what another host left. It owns a socket and a thread; the trainers' files are only read
// by it, and what it fetches lies beside them as stored.<format>.
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
inline constexpr std::chrono::seconds kUploadLimit{30};  // once its trial was handed back

// Safe from any thread. Nothing it fails at is an error: a checkpoint that does not travel costs
// training time.
class CheckpointCourier {
 public:
  // `coordinator` is the address workers connect to, `keys` what it takes there; `root` the folder
  // of this host's checkpoints.
  CheckpointCourier(SessionId session, std::string coordinator, std::optional<CallerKeys> keys,
                    std::filesystem::path root);
  ~CheckpointCourier();
  CheckpointCourier(const CheckpointCourier&) = delete;
  CheckpointCourier& operator=(const CheckpointCourier&) = delete;

  // Where checkpoints travel, by the coordinator's word. Nowhere, where both use one folder.
  void learn(const Welcome& welcome);

  // folder/last.<format> is new: it is sent as it is now, also where the trainer replaces it later.
  // In its turn, and in the place of the trial's one that waits; `last` goes at once. Returns its
  // number, or 0 where nothing travels or nothing is there.
  std::int64_t offer(TrialKey key, std::int64_t epoch, const std::filesystem::path& folder,
                     const std::string& format, bool last);

  // Brings the coordinator's checkpoint of the trial to folder/stored.<format>, where it has one of
  // `formats`. False where that did not come about within `limit` or until `stop`; true also where
  // both use one folder.
  bool fetch(TrialKey key, const std::filesystem::path& folder,
             const std::vector<std::string>& formats, const StopFlag& stop,
             std::chrono::milliseconds limit = kFetchLimit);

  // Waits until everything offered as last is stored or refused, nobody can be reached, or `limit`
  // is over.
  void finish(std::chrono::milliseconds limit = kUploadLimit);

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace firesweep
