// The coordinator's side of checkpoint transfers. It has its own socket and thread, so that large
// transfers do not delay heartbeats. It owns the folder. The scheduler decides which checkpoints to
// keep; after each commit the server is told the decision.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/loop/ports.h"
#include "coordinator/server/bad_peers.h"
#include "shared/base/error.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

// The file in a checkpoint folder that has the token of the coordinator which uses the folder.
inline constexpr const char* kSharedMarker = ".firesweep-shared";

// The coordinator's loop calls the members; the thread belongs to the object. If the disk fails,
// only the checkpoint that is being written is lost.
class CheckpointServer final : public loop::Folder {
 public:
  // Creates the folder if it is missing, takes its lock, writes a new token, removes files that no
  // row of the snapshot names, and begins to serve its generation. Errors: kConflict if another
  // coordinator uses the folder, kIo if it cannot be written, and those of RouterSocket::bind.
  static Result<std::unique_ptr<CheckpointServer>> start(const std::string& address,
                                                         const RouterOptions& options,
                                                         const std::filesystem::path& folder,
                                                         Snapshot snapshot);
  // Ends the thread. Workers send unfinished uploads again to the next coordinator.
  ~CheckpointServer() override;
  CheckpointServer(const CheckpointServer&) = delete;
  CheckpointServer& operator=(const CheckpointServer&) = delete;

  const std::string& endpoint() const;
  const std::string& token() const;
  // Whose messages could not be used here.
  std::vector<BadPeer> bad_peers(Duration now) const;

  std::vector<event::CheckpointArrived> arrived() override;
  // Answers the worker; removes the file if it is not kept.
  void carry_out(const effect::CheckpointSettled& settled) override;
  void carry_out(const effect::CheckpointUnneeded& unneeded) override;
  void reset(std::map<TrialId, StoredCheckpoint> rows) override;

 private:
  class Thread;
  explicit CheckpointServer(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace firesweep
