// Reads values from the words of a command line; shared by the parsers of firesweep-worker's
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

inline constexpr int kMostThreads = 1024;

// "a, b, c".
std::string one_of(std::span<const std::string_view> words);

// Parses `words`; positional words are collected under the name `positional` unless it is null.
// Errors of Boost become an Error; `help` is the command that lists the `shown` options.
Result<boost::program_options::variables_map> store(
    const Words& words, const boost::program_options::options_description& shown,
    const boost::program_options::options_description& all, const char* positional,
    std::string_view help);

std::optional<std::string> text(const boost::program_options::variables_map& values,
                                const char* name);

Result<int> whole(const std::string& option, const std::string& word, int least, int most);

// "cpu" or "cuda:N", with the first GPU for "cuda"; kBadInput at --device for any other word.
Result<std::string> one_device(const std::string& word);

// The path; kBadInput if it begins with a "~" that the shell did not expand.
Result<std::filesystem::path> expanded(const std::string& where, const std::string& path);

// The folders to search for images: --data-dir, then those of the environment. Errors as
// expanded().
Result<Locations> locations(const std::optional<std::string>& data_dir,
                            const Environment& environment);

// --checkpoint-dir if given, else a folder below XDG_STATE_HOME or HOME.
Result<std::filesystem::path> checkpoint_dir(const std::optional<std::string>& given,
                                             const Environment& environment);

// The file of the host's speeds (shared/codec/host_speeds.h), by the same variables.
std::optional<std::filesystem::path> speeds_file(const Environment& environment);

}  // namespace firesweep::words
