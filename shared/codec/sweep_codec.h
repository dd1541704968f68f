// Sweep files (DESIGN §6), JSON or YAML → SweepSpec, and their frozen form that is stored at
// submit.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/origins.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// The sweep that a file describes, every member checked, with its warnings. The error names the
// file and the JSON pointer (or line and column if the text does not parse), what was found, what
// was expected and a suggestion. Unknown keys are errors. Needs no architecture file. `rules` is
// the version of the rules by which the file is read (presets.h). Of a merged text (sweep_text.h)
// `origins` say where its members were written. Pure.
Result<SweepSpec> decode_sweep(std::string_view text, std::string_view file_name,
                               int rules = kRulesVersion, const Origins& origins = {});

// The spec as compact JSON with every default written out; equal specs give equal text. Pure.
std::string canonical_json(const SweepSpec& spec);

// The names of the architectures a sweep trains, each once, in the order of its values.
std::vector<std::string> variants_of(const SweepSpec& spec);

// The spec with the architectures that it names (others are left out), its dataset's checksum and
// its hash. It is an error if an architecture is missing, has another name, or does not fit the
// dataset's images; `file_name` is the sweep file's, for messages. Parameters "arch.NAME" are
// checked later, by TrialSpace. Pure.
Result<FrozenSweep> freeze(SweepSpec spec, const std::map<std::string, Architecture>& architectures,
                           std::string_view file_name = {});

// File texts by architecture name.
using ArchitectureTexts = std::map<std::string, std::string>;

// The same with the texts of the architecture files. Only those that the spec names are decoded.
// Pure.
Result<FrozenSweep> freeze(SweepSpec spec, const ArchitectureTexts& architectures,
                           std::string_view file_name = {});

// Decodes and freezes a submitted file by the newest rules, and also by each older version that can
// read it (`by_older_rules`), to recognise sweeps that were submitted under those. Pure.
Result<FrozenSweep> freeze_file(std::string_view text, std::string_view file_name,
                                const ArchitectureTexts& architectures,
                                const Origins& origins = {});

// The inverse of `freeze`: decodes FrozenSweep::canonical and each Architecture::canonical, as the
// store kept them, into an equal FrozenSweep. It is an error if the texts were changed, or frozen
// by a build that reads them differently. Pure.
Result<FrozenSweep> thaw(std::string_view canonical, const ArchitectureTexts& architectures);

}  // namespace firesweep
