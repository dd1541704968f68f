// The file speeds.json in the user's state folder: the measured training speeds of this host's
// devices (host_speeds.h of domain). Workers write it; previews and the planning of slots read it.
// It is a cache: a file that cannot be read counts as missing and is written again.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/host_speeds.h"

namespace firesweep {

// "$XDG_STATE_HOME/firesweep/speeds.json", else "$HOME/.local/state/firesweep/speeds.json", from
// the values of these variables (null if unset); none if neither is an absolute path. Pure.
std::optional<std::filesystem::path> host_speeds_path(const char* xdg_state_home, const char* home);
// The same from this process's environment.
std::optional<std::filesystem::path> host_speeds_path();

// JSON. Pure.
std::string encode_host_speeds(const HostSpeeds& speeds);
Result<HostSpeeds> decode_host_speeds(std::string_view text, std::string_view file_name);

// The content of the file; empty if it does not exist or cannot be read.
HostSpeeds read_host_speeds(const std::filesystem::path& path);

// Reads the file, calls `change` on its content, and replaces the file. Creates the folder if it
// does not exist. Processes that do this at the same time wait for each other (a lock file beside
// it). kIo names what could not be written; the file is then unchanged. Safe from any thread.
Result<void> update_host_speeds(const std::filesystem::path& path,
                                const std::function<void(HostSpeeds&)>& change);

}  // namespace firesweep
