// What this host's devices were seen to train (host_speeds.h of domain), kept between programs:
// speeds.json in the user's state folder. Workers write it, previews and the planning of slots read
// it. It is a cache: a file that cannot be read is as none, and is written anew.
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
// those variables' values (null where unset); none where neither is an absolute path. Pure.
std::optional<std::filesystem::path> host_speeds_path(const char* xdg_state_home, const char* home);
// The same from this process's environment.
std::optional<std::filesystem::path> host_speeds_path();

// JSON. Pure.
std::string encode_host_speeds(const HostSpeeds& speeds);
Result<HostSpeeds> decode_host_speeds(std::string_view text, std::string_view file_name);

// What the file holds; nothing where there is none or it cannot be read.
HostSpeeds read_host_speeds(const std::filesystem::path& path);

// Reads the file, lets `change` add to it, and replaces it, making its folder where there is none.
// Processes that do so at the same time wait for each other (a lock beside the file). kIo names
// what could not be written; the file is then as it was. Safe from any thread.
Result<void> update_host_speeds(const std::filesystem::path& path,
                                const std::function<void(HostSpeeds&)>& change);

}  // namespace firesweep
