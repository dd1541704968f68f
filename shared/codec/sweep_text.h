// The text of a sweep with the file that it includes, and with what the command line sets. What is
// submitted and frozen is the merged text.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/base/origins.h"

namespace firesweep {

// The text of a file beside the first one, by its path relative to that one's folder.
using ReadBeside = std::function<Result<std::string>(const std::string& path)>;

struct MergedSweep {
  std::string text;
  Origins origins;  // of the members that are not of the first file
};

// `text` itself if it includes nothing and nothing is set; otherwise JSON, and where its members
// were written.
//
// "include": "base.json" takes the members of another sweep file as a base. The path is relative to
// the file that has it, and must stay in the folder of the first file. Members of the including
// file replace those of the base; of "parameters" each parameter does. At most eight files include
// each other, and none itself.
//
// A setting is PARAMETER.KEY=JSON ("lr.values=[0.1]", which replaces the parameter) or MEMBER=JSON
// ("run_cap=10"). A value that is no JSON is text: "optimizer.value=sgd".
//
// The error names the file and the member, or "--set" and the setting. Pure but for `read`.
Result<MergedSweep> merged_sweep(std::string_view text, std::string_view file_name,
                                 const ReadBeside& read, std::span<const std::string> settings);

}  // namespace firesweep
