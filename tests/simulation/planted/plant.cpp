// plant_bugs BUGS ROOM FOLDER SOURCES...: copies a room's sources into FOLDER with bugs planted in
// them, each asleep until the simulator wakes it. The rooms themselves know nothing of this.
//
// BUGS is a text of patches:
//   @ coordinator/core
//   - exact lines, found once among the room's sources
//   + what takes their place
// A line "//" is a comment; patches of other rooms are passed over. Where the lines are not found
// exactly once the program says which and fails: the source has changed, and the bug has to be
// planted anew.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Patch {
  std::string room;
  std::string before;
  std::string after;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error(path + ": cannot be read");
  return text.str();
}

std::vector<Patch> parse(const std::string& text) {
  std::vector<Patch> patches;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line.starts_with("//")) continue;
    if (line.starts_with("@ ")) {
      patches.push_back({line.substr(2), "", ""});
      continue;
    }
    const bool old = line.starts_with("-");
    if (patches.empty() || (!old && !line.starts_with("+"))) {
      throw std::runtime_error("expected a line with @, - or +, found: " + line);
    }
    (old ? patches.back().before : patches.back().after) +=
        (line.size() > 2 ? line.substr(2) : "") + "\n";
  }
  return patches;
}

struct Source {
  std::filesystem::path path;
  std::string text;
};

void plant(const Patch& patch, std::vector<Source>& sources) {
  Source* found = nullptr;
  std::size_t at = 0;
  int times = 0;
  for (Source& source : sources) {
    for (auto place = source.text.find(patch.before); place != std::string::npos;
         place = source.text.find(patch.before, place + 1)) {
      if (place > 0 && source.text[place - 1] != '\n') continue;
      found = &source;
      at = place;
      ++times;
    }
  }
  if (times != 1) {
    throw std::runtime_error(patch.room + ": found " + std::to_string(times) +
                             " times, expected once, to plant a bug there:\n" + patch.before);
  }
  found->text.replace(at, patch.before.size(), patch.after);
}

void write(const std::filesystem::path& folder, const Source& source) {
  const std::filesystem::path copy = folder / source.path.filename();
  std::ofstream out(copy, std::ios::binary);
  out << "#include \"tests/simulation/bugs.h\"\n"
      << "using firesweep::simulation::Bug;\nusing firesweep::simulation::planted;\n"
      << "#line 1 \"" << source.path.string() << "\"\n"
      << source.text;
  if (!out.flush()) throw std::runtime_error(copy.string() + ": cannot be written");
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 4) {
    throw std::runtime_error("usage: plant_bugs BUGS ROOM FOLDER SOURCES...");
  }
  std::vector<Source> sources;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    sources.push_back({arguments[i], read(arguments[i])});
  }
  for (const Patch& patch : parse(read(arguments[0]))) {
    if (patch.room == arguments[1]) plant(patch, sources);
  }
  for (const Source& source : sources) write(arguments[2], source);
  return 0;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << std::endl;
  return 1;
}
