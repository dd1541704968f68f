#include "coordinator/server/intake.h"

#include "coordinator/search/trial_space.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {

Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit) {
  auto spec = decode_sweep(submit.spec_text, submit.spec_name);
  if (!spec) return tl::unexpected(spec.error());
  const ArchitectureTexts architectures(submit.architectures.begin(), submit.architectures.end());
  auto frozen = freeze(std::move(*spec), architectures, submit.spec_name);
  if (!frozen) return tl::unexpected(frozen.error());
  auto shared = std::make_shared<const FrozenSweep>(std::move(*frozen));
  auto space = TrialSpace::make(shared);
  if (!space) return tl::unexpected(space.error());
  return shared;
}

}  // namespace firesweep
