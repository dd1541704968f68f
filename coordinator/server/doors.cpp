#include "coordinator/server/doors.h"

#include "shared/transport/key_files.h"
#include "shared/transport/private_file.h"

namespace firesweep {

Result<Doors> open_doors(bool insecure) {
  Doors doors;
  if (insecure) {
    doors.messages.insecure = doors.checkpoints.insecure = true;
    return doors;
  }
  const auto folder = configuration_folder();
  if (!folder) return tl::unexpected(folder.error());
  const auto coordinator = read_or_make_key(*folder / kCoordinatorKeyFile);
  if (!coordinator) return tl::unexpected(coordinator.error());
  const auto owner = read_or_make_key(*folder / kOwnKeyFile);
  if (!owner) return tl::unexpected(owner.error());
  auto allowed = AllowList::open(*folder, owner->public_key);
  if (!allowed) return tl::unexpected(allowed.error());
  doors.allowed = *allowed;
  doors.messages.door = Door{*coordinator, [list = *allowed](const PublicKey& key) {
                               return !list->rights_of(key).none();
                             }};
  doors.checkpoints.door = Door{*coordinator, [list = *allowed](const PublicKey& key) {
                                  return list->rights_of(key).has(Right::kWork);
                                }};
  return doors;
}

}  // namespace firesweep
