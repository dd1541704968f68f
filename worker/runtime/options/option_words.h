// Words of a command line and what is read from them; shared by the parsers of firesweep-worker's
// options and verbs. Internal to the room.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "worker/datasets/dataset.h"
#include "worker/runtime/options/options.h"

namespace firesweep::words {

using Words = std::vector<std::string>;

tl::unexpected<Error> bad(std::string where, std::string what, std::string hint = {});

// "a, b, c".
std::string one_of(std::span<const std::string_view> words);

// Parses `words`; positional ones are gathered under the name `positional`, where it is not null.
// What Boost refuses becomes our error; `help` is the command that lists the `shown` options.
Result<boost::program_options::variables_map> store(
    const Words& words, const boost::program_options::options_description& shown,
    const boost::program_options::options_description& all, const char* positional,
    std::string_view help);

std::optional<std::string> text(const boost::program_options::variables_map& values,
                                const char* name);

Result<int> whole(const std::string& option, const std::string& word, int least, int most);

// "cpu" or "cuda:N", the first GPU for "cuda"; kBadInput at --device for every other word.
Result<std::string> one_device(const std::string& word);

// A path as the user meant it; kBadInput where the shell did not expand a "~" at its beginning.
Result<std::filesystem::path> expanded(const std::string& where, const std::string& path);

// Where images may lie: --data-dir, then what the environment names. Errors as expanded().
Result<Locations> locations(const std::optional<std::string>& data_dir,
                            const Environment& environment);

// --checkpoint-dir as given, else below XDG_STATE_HOME or HOME.
Result<std::filesystem::path> checkpoint_dir(const std::optional<std::string>& given,
                                             const Environment& environment);

// Where the host's speeds are kept (shared/codec/host_speeds.h), by the same variables.
std::optional<std::filesystem::path> speeds_file(const Environment& environment);

}  // namespace firesweep::words
