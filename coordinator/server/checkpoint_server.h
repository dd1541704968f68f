// The coordinator's end of travelling checkpoints: a second socket and a thread of its own, so that
// gigabytes hold up no heartbeat. It owns the folder; which checkpoint counts is the scheduler's to
// say, and what the database says is told to it after each commit.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/loop/ports.h"
#include "shared/base/error.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

// In a checkpoint folder: the token of the coordinator that keeps its checkpoints there.
inline constexpr const char* kSharedMarker = ".firesweep-shared";

// The members are called by the coordinator's loop; the thread is the object's own. A disk that
// fails costs the checkpoint that was being written, never the coordinator.
class CheckpointServer final : public loop::Folder {
 public:
  // Makes the folder where it is missing, takes its lock, writes a fresh token, removes files that
  // no row names, and begins to serve. Errors: kConflict where another coordinator keeps the
  // folder, kIo where it cannot be written, and those of RouterSocket::bind.
  static Result<std::unique_ptr<CheckpointServer>> start(const std::string& address,
                                                         const RouterOptions& options,
                                                         const std::filesystem::path& folder,
                                                         std::map<TrialId, StoredCheckpoint> rows);
  // Ends the thread; what was on its way is sent again to the next coordinator.
  ~CheckpointServer() override;
  CheckpointServer(const CheckpointServer&) = delete;
  CheckpointServer& operator=(const CheckpointServer&) = delete;

  const std::string& endpoint() const;
  const std::string& token() const;

  std::vector<event::CheckpointArrived> arrived() override;
  // Answers the worker; removes what is not kept.
  void carry_out(const effect::CheckpointSettled& settled) override;
  void carry_out(const effect::CheckpointUnneeded& unneeded) override;
  void reset(std::map<TrialId, StoredCheckpoint> rows) override;

 private:
  class Thread;
  explicit CheckpointServer(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace firesweep
