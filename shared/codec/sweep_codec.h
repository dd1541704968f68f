// Sweep files (DESIGN §6), JSON or YAML → SweepSpec, and what is frozen of them at submit.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// The sweep that a file describes, every member checked, with its warnings. The error names the
// file and the JSON pointer (line and column where the text does not parse), what was found, what
// was expected and a near miss. Unknown keys are errors. Needs no architecture file. Pure.
// `rules` is the version of the rules it is read by (presets.h).
Result<SweepSpec> decode_sweep(std::string_view text, std::string_view file_name,
                               int rules = kRulesVersion);

// The spec as compact JSON with every default written out; equal specs give equal text. Pure.
std::string canonical_json(const SweepSpec& spec);

// The names of the architectures a sweep trains, each once, in the order of its values.
std::vector<std::string> variants_of(const SweepSpec& spec);

// The spec with the architectures it names (others are left out), its dataset's checksum and its
// hash. An error where an architecture is missing, is called otherwise, or takes another input than
// the dataset's images; `file_name` is the sweep file's, for messages. Parameters "arch.NAME" are
// checked later, by TrialSpace. Pure.
Result<FrozenSweep> freeze(SweepSpec spec, const std::map<std::string, Architecture>& architectures,
                           std::string_view file_name = {});

// File texts by architecture name.
using ArchitectureTexts = std::map<std::string, std::string>;

// The same from the architectures' file texts; only those that the spec names are decoded. Pure.
Result<FrozenSweep> freeze(SweepSpec spec, const ArchitectureTexts& architectures,
                           std::string_view file_name = {});

// A file that is handed in: decoded and frozen by the newest rules and, in `by_older_rules`, by
// each older version that reads it, for the sweeps that were submitted by those. Pure.
Result<FrozenSweep> freeze_file(std::string_view text, std::string_view file_name,
                                const ArchitectureTexts& architectures);

// What `freeze` made, from FrozenSweep::canonical and each Architecture::canonical as the store
// kept them: equal in every member. An error where the texts are not those, or were frozen by a
// build that reads them otherwise. Pure.
Result<FrozenSweep> thaw(std::string_view canonical, const ArchitectureTexts& architectures);

}  // namespace firesweep
