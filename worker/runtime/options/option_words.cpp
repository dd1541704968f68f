#include "worker/runtime/options/option_words.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "shared/base/near_miss.h"
#include "shared/codec/host_speeds.h"

namespace firesweep::words {

namespace po = boost::program_options;
namespace fs = std::filesystem;

tl::unexpected<Error> bad(std::string where, std::string what, std::string hint) {
  return fail(ErrorCode::kBadInput, std::move(where), std::move(what), std::move(hint));
}

std::string one_of(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

Result<po::variables_map> store(const Words& words, const po::options_description& shown,
                                const po::options_description& all, const char* positional,
                                std::string_view help) {
  po::positional_options_description positions;
  if (positional != nullptr) positions.add(positional, -1);
  const std::string hint = "`firesweep-worker " + std::string(help) + "` lists the options";
  po::variables_map values;
  try {
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positions).style(style).run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& unknown) {
    Words names;
    for (const auto& option : shown.options()) names.push_back("--" + option->long_name());
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string near = did_you_mean(unknown.get_option_name(), views);
    return bad(unknown.get_option_name(), "no such option", near.empty() ? hint : near);
  } catch (const po::too_many_positional_options_error&) {
    const auto stray = std::find_if(words.begin(), words.end(),
                                    [](const auto& word) { return !word.starts_with("-"); });
    return bad(stray == words.end() ? "" : *stray, "found this word, expected only options", hint);
  } catch (const po::error_with_option_name& wrong) {
    return bad(wrong.get_option_name(),
               "found it without a value or twice, expected it once with a value", hint);
  } catch (const po::error& wrong) {
    return bad("", wrong.what(), hint);
  }
  return values;
}

std::optional<std::string> text(const po::variables_map& values, const char* name) {
  if (values.count(name) == 0) return std::nullopt;
  return values[name].as<std::string>();
}

Result<int> whole(const std::string& option, const std::string& word, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < least || number > most) {
    return bad(option, "found \"" + word + "\", expected a whole number from " +
                           std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

Result<std::string> one_device(const std::string& word) {
  constexpr std::string_view kGpu = "cuda:";
  if (word == "cpu") return word;
  if (word == "cuda") return "cuda:0";
  if (word.starts_with(kGpu) && whole("", word.substr(kGpu.size()), 0, 1023)) return word;
  return bad("--device", "found \"" + word + "\", expected cpu or cuda:N");
}

Result<fs::path> expanded(const std::string& where, const std::string& path) {
  if (!path.starts_with('~')) return fs::path(path);
  const std::string rest = path == "~" || path.starts_with("~/") ? path.substr(1) : std::string();
  return bad(where + " " + path, "\"~\" was not expanded by the shell",
             rest.empty() && path != "~" ? "write the folder's full path, or ./" + path
                                         : "write \"$HOME" + rest + "\"");
}

Result<Locations> locations(const std::optional<std::string>& data_dir,
                            const Environment& environment) {
  Locations places;
  if (data_dir) {
    const auto folder = expanded("--data-dir", *data_dir);
    if (!folder) return tl::unexpected(folder.error());
    places.data_dir = *folder;
  }
  if (const auto given = environment("FIRESWEEP_DATA")) {
    const auto folder = expanded("FIRESWEEP_DATA", *given);
    if (!folder) return tl::unexpected(folder.error());
    places.environment_dir = *folder;
  }
  const auto cache = environment("XDG_CACHE_HOME");
  const auto home = environment("HOME");
  places.cache_dir =
      default_cache_dir(cache ? cache->c_str() : nullptr, home ? home->c_str() : nullptr);
  return places;
}

Result<fs::path> checkpoint_dir(const std::optional<std::string>& given,
                                const Environment& environment) {
  if (given) return expanded("--checkpoint-dir", *given);
  const fs::path below = fs::path("firesweep") / "checkpoints";
  if (const auto state = environment("XDG_STATE_HOME"); state && fs::path(*state).is_absolute())
    return *state / below;
  if (const auto home = environment("HOME"); home && fs::path(*home).is_absolute()) {
    return *home / (fs::path(".local") / "state" / below);
  }
  return bad("--checkpoint-dir",
             "not given, and neither XDG_STATE_HOME nor HOME is an absolute path");
}

std::optional<std::filesystem::path> speeds_file(const Environment& environment) {
  const auto state = environment("XDG_STATE_HOME"), home = environment("HOME");
  return host_speeds_path(state ? state->c_str() : nullptr, home ? home->c_str() : nullptr);
}

}  // namespace firesweep::words
