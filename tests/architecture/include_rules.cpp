#include "tests/architecture/include_rules.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <sstream>

#include "tests/architecture/source_text.h"

namespace firesweep {
namespace {

// What a pure room would need to know the time, the machine or chance, or to keep another thread.
constexpr std::array<std::string_view, 12> kImpureHeaders = {
    "thread", "mutex",        "condition_variable", "future",     "fstream", "iostream",
    "cstdio", "shared_mutex", "stop_token",         "filesystem", "ctime",   "semaphore"};
constexpr std::array<std::string_view, 5> kImpureText = {"::now(", "system_now", "random_device",
                                                         "getenv", "set_up_log"};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool names_header(const std::string& pattern, std::string_view header) {
  return pattern.ends_with('/') ? header.starts_with(pattern) : header == pattern;
}

bool any_names(const std::vector<std::string>& patterns, std::string_view header) {
  return std::ranges::any_of(patterns,
                             [&](const auto& pattern) { return names_header(pattern, header); });
}

// Only C++'s own headers have neither a folder nor a suffix.
bool is_standard(std::string_view header) {
  return header.find_first_of("./") == std::string_view::npos;
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Per file, the reserved header it includes itself or through project headers; empty where it does
// not.
class Reached {
 public:
  Reached(const std::vector<SourceFile>& files, const std::vector<std::string>& reserved)
      : reserved_(reserved) {
    for (const auto& file : files) includes_.emplace(file.path, includes_of(file.text));
  }

  const std::string& by(const std::string& path) {
    const auto [entry, fresh] = found_.try_emplace(path);
    const auto file = includes_.find(path);
    if (!fresh || file == includes_.end()) return entry->second;
    for (const auto& include : file->second) {
      const std::string& header = include.quoted ? by(include.header) : include.header;
      if (include.quoted ? !header.empty() : any_names(reserved_, header)) {
        entry->second = header;
        break;
      }
    }
    return entry->second;
  }

 private:
  const std::vector<std::string>& reserved_;
  std::map<std::string, std::vector<IncludeLine>> includes_;
  std::map<std::string, std::string> found_;
};

// Whether `room` is `outer` or a folder of it.
bool is_in(const std::string& room, const std::string& outer) {
  return room == outer || room.starts_with(outer + "/");
}

}  // namespace

std::string to_string(const Violation& violation) {
  return violation.path + ":" + std::to_string(violation.line) + ": " + violation.rule;
}

Result<IncludeRules> IncludeRules::parse(std::string_view table) {
  IncludeRules rules;
  std::istringstream lines{std::string(table)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string where = "line " + std::to_string(number);
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (words[0] == "system:") {
      rules.system_headers_.insert(rules.system_headers_.end(), words.begin() + 1, words.end());
    } else if (words[0] == "only") {
      if (words.size() < 3 || !words[1].ends_with(':')) {
        return fail(ErrorCode::kBadInput, where, "expected `only <room>: <headers>`");
      }
      const std::string room = words[1].substr(0, words[1].size() - 1);
      if (!rules.rooms_.contains(room))
        return fail(ErrorCode::kBadInput, where, "no room \"" + room + "\" above");
      rules.reserved_.push_back({room, {words.begin() + 2, words.end()}});
    } else if (auto parsed = rules.parse_room(line, where); !parsed) {
      return tl::unexpected(parsed.error());
    }
  }
  return rules;
}

Result<void> IncludeRules::parse_room(const std::string& line, const std::string& where) {
  std::array<std::string, 4> columns;
  std::istringstream stream(line);
  std::size_t count = 0;
  for (std::string column; std::getline(stream, column, '|'); ++count) {
    if (count == columns.size()) return fail(ErrorCode::kBadInput, where, "more than four columns");
    columns[count] = column;
  }
  const auto names = words_of(columns[0]);
  if (names.size() != 1)
    return fail(ErrorCode::kBadInput, where, "expected one room in the first column");
  const std::string& name = names[0];

  Room room;
  room.reach.insert(name);
  for (const auto& word : words_of(columns[1])) {
    if (word.ends_with(".h")) {
      room.single_headers.insert(word);
    } else if (const auto other = rooms_.find(word); other != rooms_.end()) {
      room.reach.insert(other->second.reach.begin(), other->second.reach.end());
    } else {
      return fail(ErrorCode::kBadInput, where, "no room \"" + word + "\" above");
    }
  }
  room.third_party = words_of(columns[2]);
  for (const auto& note : words_of(columns[3])) {
    if (note != "pure")
      return fail(ErrorCode::kBadInput, where, "the note is \"" + note + "\", expected pure");
    room.pure = true;
  }
  if (!rooms_.emplace(name, std::move(room)).second) {
    return fail(ErrorCode::kBadInput, where, "room \"" + name + "\" is listed twice");
  }
  return {};
}

std::vector<std::string> IncludeRules::rooms() const {
  std::vector<std::string> names;
  for (const auto& [name, room] : rooms_) names.push_back(name);
  return names;
}

const std::set<std::string>& IncludeRules::reach_of(const std::string& room) const {
  const auto found = rooms_.find(room);
  assert(found != rooms_.end());
  return found->second.reach;
}

std::vector<Violation> IncludeRules::check(const std::vector<SourceFile>& files) const {
  std::vector<Violation> violations;
  std::vector<Reached> reached;
  for (const auto& reserved : reserved_) reached.emplace_back(files, reserved.headers);

  for (const auto& file : files) {
    const std::string* room = room_of(file.path);
    if (room == nullptr) {
      violations.push_back({file.path, 1, "is in no room of the table"});
      continue;
    }
    for (const auto& include : includes_of(file.text)) {
      std::string rule = broken_rule(*room, include.header, include.quoted);
      for (std::size_t i = 0; rule.empty() && include.quoted && i < reserved_.size(); ++i) {
        const std::string& header = reached[i].by(include.header);
        if (!is_in(*room, reserved_[i].room) && !header.empty()) {
          rule = "\"" + include.header + "\" brings in <" + header + ">, which is only for " +
                 reserved_[i].room;
        }
      }
      if (!rule.empty()) violations.push_back({file.path, include.line, std::move(rule)});
    }
    if (!rooms_.at(*room).pure) continue;
    std::istringstream lines(without_comments(file.text));
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      for (const auto text : kImpureText) {
        if (line.find(text) == std::string::npos) continue;
        violations.push_back(
            {file.path, number, *room + " is pure and may not use " + std::string(text)});
      }
    }
  }
  return violations;
}

const std::string* IncludeRules::room_of(std::string_view path) const {
  const std::string* innermost = nullptr;
  for (const auto& [name, room] : rooms_) {
    if (!path.starts_with(name + "/")) continue;
    if (innermost == nullptr || name.size() > innermost->size()) innermost = &name;
  }
  return innermost;
}

bool IncludeRules::is_third_party(std::string_view header) const {
  return std::ranges::any_of(
      rooms_, [&](const auto& room) { return any_names(room.second.third_party, header); });
}

std::string IncludeRules::broken_rule(const std::string& room, std::string_view header,
                                      bool quoted) const {
  return quoted ? broken_project_rule(room, std::string(header)) : broken_system_rule(room, header);
}

std::string IncludeRules::broken_project_rule(const std::string& room,
                                              const std::string& header) const {
  const Room& from = rooms_.at(room);
  const std::string* to = room_of(header);
  if (to == nullptr) {
    return "\"" + header + "\" is in no room: quoted includes are paths from the repository root";
  }
  if (*to == room) return {};
  if (header.ends_with(".pb.h")) return "\"" + header + "\" is generated for " + *to + " alone";
  if (from.reach.contains(*to) || from.single_headers.contains(header)) return {};
  std::string may = joined(from.reach);
  if (!from.single_headers.empty()) may += ", " + joined(from.single_headers);
  return room + " may not include \"" + header + "\"; it may include " + may;
}

std::string IncludeRules::broken_system_rule(const std::string& room,
                                             std::string_view header) const {
  const Room& from = rooms_.at(room);
  const std::string shown = "<" + std::string(header) + ">";
  if (is_standard(header)) {
    if (from.pure && std::ranges::find(kImpureHeaders, header) != kImpureHeaders.end()) {
      return room + " is pure and may not include " + shown;
    }
    return {};
  }
  if (any_names(system_headers_, header)) {
    return from.pure ? room + " is pure and may not include " + shown : std::string{};
  }
  if (any_names(from.third_party, header)) return {};
  if (!is_third_party(header))
    return shown + " is no known header: add its library to rooms.txt and THIRD_PARTY.md";
  return room + " may not include " + shown;
}

}  // namespace firesweep
