#include "coordinator/server/intake.h"

#include "coordinator/search/trial_space.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {

Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit) {
  const ArchitectureTexts architectures(submit.architectures.begin(), submit.architectures.end());
  auto frozen = freeze_file(submit.spec_text, submit.spec_name, architectures);
  if (!frozen) return tl::unexpected(frozen.error());
  auto shared = std::make_shared<const FrozenSweep>(std::move(*frozen));
  auto space = TrialSpace::make(shared);
  if (!space) return tl::unexpected(space.error());
  return shared;
}

}  // namespace firesweep
