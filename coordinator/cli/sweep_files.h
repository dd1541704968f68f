// Reads the user's sweep and architecture files. The coordinator decodes them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/cli/options.h"
#include "shared/base/error.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Reads a text file of at most 4 MiB. kBadInput names the path and the system's reason.
Result<std::string> read_text_file(const std::filesystem::path& path);

// Adds --architectures.
void add_architectures_option(boost::program_options::options_description& options);

// The existing folders that may hold architecture files, nearest first. If `chosen`
// (--architectures) is given, only that. Otherwise FIRESWEEP_ARCHITECTURES, "architectures" beside
// the sweep file, beside its parent and in the working folder, the one beside the folder of this
// program, and the one of its source tree.
std::vector<std::filesystem::path> architecture_folders(const std::optional<std::string>& chosen,
                                                        const std::filesystem::path& sweep_file);

// Adds --set, and what was given with it.
void add_set_option(boost::program_options::options_description& options);
std::vector<std::string> settings_of(const Parsed& parsed);

// Reads the sweep file, the files that it includes (sweep_text.h) and every architecture file in
// these folders, and applies `settings`. If two folders have a file of the same name, the nearer
// one counts.
Result<request::Submit> read_submission(const std::filesystem::path& sweep_file,
                                        const std::optional<std::string>& architectures,
                                        const std::vector<std::string>& settings = {});

}  // namespace firesweep
