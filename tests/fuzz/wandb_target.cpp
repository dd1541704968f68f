#include <string>
#include <vector>

#include "shared/codec/sweep_codec.h"
#include "shared/codec/wandb_sweep.h"
#include "tests/fuzz/targets.h"

namespace firesweep::fuzz {

void try_wandb(Bytes bytes) {
  static const std::vector<std::string> kNetworks{"resnet18", "v3"};
  const auto sweep = import_wandb(text_of(bytes), "theirs", kNetworks);
  if (!sweep) return require(!sweep.error().what.empty(), "a refusal says what is wrong");
  for (const ImportNote& note : sweep->notes) {
    require(to_string(note).find('\n') == std::string::npos, "a note is one line");
  }
  if (sweep->text.empty()) return;
  require(decode_sweep(sweep->text, "ours.json").has_value(), "what is written decodes");
}

}  // namespace firesweep::fuzz
