#include "coordinator/server/intake.h"

#include <map>

#include "coordinator/search/trial_space.h"
#include "shared/codec/architecture_codec.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {

Result<std::shared_ptr<const FrozenSweep>> decode_submission(const request::Submit& submit) {
  auto spec = decode_sweep(submit.spec_text, submit.spec_name);
  if (!spec) return tl::unexpected(spec.error());
  std::map<std::string, Architecture> architectures;
  for (const auto& [name, text] : submit.architectures) {
    auto architecture = decode_architecture(text, name);
    if (!architecture) return tl::unexpected(architecture.error());
    architectures.emplace(name, std::move(*architecture));
  }
  auto frozen = freeze(std::move(*spec), std::move(architectures));
  if (!frozen) return tl::unexpected(frozen.error());
  auto shared = std::make_shared<const FrozenSweep>(std::move(*frozen));
  auto space = TrialSpace::make(shared);
  if (!space) return tl::unexpected(space.error());
  return shared;
}

}  // namespace firesweep
