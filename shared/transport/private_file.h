// Files that only their user may read, in a folder that only their user may change.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

// "$XDG_CONFIG_HOME/firesweep", else "$HOME/.config/firesweep", from those variables' values (null
// or empty: unset; a relative XDG_CONFIG_HOME counts as unset). kNotFound names both where neither
// says it. Pure.
Result<std::filesystem::path> configuration_folder(const char* config_home, const char* home);
// The same, from this process's environment.
Result<std::filesystem::path> configuration_folder();

// The whole text of a file of this user's; nothing where there is none. kBadInput where others can
// read or change it, or where it is no ordinary file; kIo where it cannot be read.
Result<std::optional<std::string>> read_private(const std::filesystem::path& path);

// Writes a file that is not there yet, whole or not at all, readable by this user alone; makes its
// folder. False where somebody else was first: that file is left as it is. kIo where it cannot be
// written, kBadInput where others can change the folder.
Result<bool> create_private(const std::filesystem::path& path, std::string_view text);

// Reads the file, lets `change` make a new text of it and puts that in its place, whole or not at
// all; processes that do so at once go one after another. An error of `change` leaves the file as
// it is. Errors of read_private and create_private; kConflict where another process does not come
// to an end with it within two seconds.
Result<void> change_private(
    const std::filesystem::path& path,
    const std::function<Result<std::string>(const std::optional<std::string>&)>& change);

}  // namespace firesweep
