// Sweep and architecture files as the user has them, read whole; decoding is the coordinator's.
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

// Folders that may hold architecture files, nearest first: `chosen` (--architectures) alone where
// it is given, else FIRESWEEP_ARCHITECTURES, "architectures" beside the sweep file, beside its
// parent and in the working folder, the one beside the folder of this program, and the one it was
// built from. Only those that exist.
std::vector<std::filesystem::path> architecture_folders(const std::optional<std::string>& chosen,
                                                        const std::filesystem::path& sweep_file);

// Reads the sweep file and every architecture within reach (the nearest folder wins a name).
Result<request::Submit> read_submission(const std::filesystem::path& sweep_file,
                                        const std::optional<std::string>& architectures);

}  // namespace firesweep
