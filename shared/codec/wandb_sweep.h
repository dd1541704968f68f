// W&B's sweep files → ours, and what becomes of each of their members.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

// What became of one member of a W&B sweep file.
struct ImportNote {
  enum class Outcome {
    kCarried,  // it means the same
    kChanged,  // it means nearly the same; `what` says the difference
    kAdded,    // ours needs it, theirs has not said it
    kLeftOut,  // it has no counterpart; `what` says why
  };
  Outcome outcome = Outcome::kCarried;
  std::string member;  // "optimizer.lr", "metric", "command --epochs"
  std::string what;    // one sentence without a final stop; may be empty
  std::string hint;    // what to do; may be empty
};

struct ImportedSweep {
  std::string text;               // a sweep file of ours, which decodes; empty if nothing is left
  std::vector<ImportNote> notes;  // settings, hyperparameters, then the rest
};

// The sweep that a W&B sweep file (YAML or JSON) describes, as far as ours has it. `architectures`
// are the names that "variant" may have. The error is that of a text that does not parse, or that
// is no sweep file of W&B. Equal files give equal texts. Pure.
Result<ImportedSweep> import_wandb(std::string_view text, std::string_view file_name,
                                   std::span<const std::string> architectures);

// "changed: lr, the bounds …; write …": a note for people, on one line. Pure.
std::string to_string(const ImportNote& note);

}  // namespace firesweep
