// The include rules of DESIGN §3 as a table and a checker of source text against it. Owns the
// table's format (described in rooms.txt) and the rules; reads no file, so that each rule can be
// shown to fail on a few lines of text.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

struct SourceFile {
  std::string path;  // from the repository root
  std::string text;
};

struct Violation {
  std::string path;
  int line = 0;
  std::string rule;
};

// "shared/codec/json.cpp:12: …".
std::string to_string(const Violation& violation);

// Immutable once parsed; safe from any thread.
class IncludeRules {
 public:
  // kBadInput names the line of the table: an unknown note, a room named before it has a row, a
  // room listed twice. That a room must come before those that include it keeps the table free of
  // circles.
  static Result<IncludeRules> parse(std::string_view table);

  std::vector<std::string> rooms() const;

  // The room itself and every room it may include. `room` must be in the table.
  const std::set<std::string>& reach_of(const std::string& room) const;

  // Every breach of the rules by `files`, in their order. A header is looked up among `files` to
  // see what it drags in.
  std::vector<Violation> check(const std::vector<SourceFile>& files) const;

 private:
  struct Room {
    std::set<std::string> reach;
    std::set<std::string> single_headers;
    std::vector<std::string> third_party;
    bool pure = false;
  };
  struct Reserved {
    std::string room;
    std::vector<std::string> headers;
  };

  Result<void> parse_room(const std::string& line, const std::string& where);
  const std::string* room_of(std::string_view path) const;
  bool is_third_party(std::string_view header) const;
  std::string broken_rule(const std::string& room, std::string_view header, bool quoted) const;
  std::string broken_project_rule(const std::string& room, const std::string& header) const;
  std::string broken_system_rule(const std::string& room, std::string_view header) const;

  std::map<std::string, Room> rooms_;
  std::vector<std::string> system_headers_;
  std::vector<Reserved> reserved_;
};

}  // namespace firesweep
