#include "tests/architecture/class_sizes.h"

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "tests/architecture/source_text.h"

namespace firesweep {
namespace {

struct Class {
  std::string path;
  int line = 0;
  std::size_t methods = 0;
  std::set<std::string> files;
};

// By name, as in "Checker::Place".
using Classes = std::map<std::string, Class>;

// Code of one line, without comments and template arguments.
struct Line {
  std::size_t indent = 0;
  std::string text;
};

std::string without_template_arguments(std::string text) {
  static const std::regex kInnermost("<[^<>]*>");
  for (std::string before; before != text;) {
    before = text;
    text = std::regex_replace(text, kInnermost, "");
  }
  return text;
}

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream stream(without_comments(text));
  for (std::string line; std::getline(stream, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    const std::size_t end = line.find_last_not_of(' ');
    if (begin == std::string::npos) {
      lines.emplace_back();
    } else {
      lines.push_back({begin, line.substr(begin, end + 1 - begin)});
    }
  }
  return lines;
}

// Whether the declaration of a member is that of a method: its parameters come before a body or a
// value.
bool declares_method(const std::string& member) {
  static const std::regex kOther("^(friend|using|enum|static_assert)\\b.*");
  if (std::regex_match(member, kOther)) return false;
  if (member.find("operator") < member.find('{')) return true;
  const std::string code = without_template_arguments(member);
  const std::size_t first = code.find_first_of("({=;");
  return first != std::string::npos && code[first] == '(';
}

// The classes that one file defines, with their methods.
void read_classes(const SourceFile& file, Classes& classes) {
  static const std::regex kHead(R"((?:class|struct) ([\w:]+)[^;()]*\{)");
  const std::vector<Line> lines = lines_of(file.text);
  std::vector<std::pair<std::size_t, std::string>> open;  // classes around a line, by indent
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const auto& [indent, text] = lines[at];
    if (text.empty()) continue;
    const bool closes = text.starts_with('}');
    while (closes && !open.empty() && indent <= open.back().first) open.pop_back();
    std::smatch head;
    if (std::regex_match(text, head, kHead)) {
      const std::string name = (open.empty() ? "" : open.back().second + "::") + head[1].str();
      open.emplace_back(indent, name);
      classes[name].path = file.path;
      classes[name].line = static_cast<int>(at) + 1;
      classes[name].files.insert(file.path);
    } else if (!closes && !open.empty() && indent == open.back().first + 2) {
      std::string member = text;
      for (std::size_t next = at + 1; next < lines.size(); ++next) {
        if (!lines[next].text.empty() && lines[next].indent <= indent) break;
        member += ' ' + lines[next].text;
      }
      if (declares_method(member)) ++classes[open.back().second].methods;
    }
  }
}

// Where methods are defined outside their class.
void note_definitions(const SourceFile& file, Classes& classes) {
  static const std::regex kDefinition(R"(.*?([\w:]+)::(?:~?\w+|operator\S*))");
  for (const auto& [indent, text] : lines_of(file.text)) {
    const std::string code = without_template_arguments(text);
    const std::size_t parameters = code.find('(');
    if (indent > 0 || parameters == std::string::npos) continue;
    const std::string declared = code.substr(0, parameters);
    std::smatch definition;
    if (!std::regex_match(declared, definition, kDefinition)) continue;
    const auto found = classes.find(definition[1].str());
    if (found != classes.end()) found->second.files.insert(file.path);
  }
}

std::string listed(const std::set<std::string>& files) {
  std::string text;
  for (const std::string& file : files) text += (text.empty() ? "" : ", ") + file;
  return text;
}

}  // namespace

std::vector<Violation> classes_too_large(const std::vector<SourceFile>& files) {
  Classes classes;
  for (const SourceFile& file : files) read_classes(file, classes);
  for (const SourceFile& file : files) note_definitions(file, classes);
  std::vector<Violation> found;
  for (const auto& [name, one] : classes) {
    if (one.methods > kMostMethods) {
      found.push_back({one.path, one.line,
                       name + " has " + std::to_string(one.methods) +
                           " methods, expected at most " + std::to_string(kMostMethods) +
                           ": break it along what it decides"});
    }
    if (one.files.size() > kMostFiles) {
      found.push_back({one.path, one.line,
                       name + " is spread over " + listed(one.files) + ", expected at most " +
                           std::to_string(kMostFiles) + " files"});
    }
  }
  return found;
}

}  // namespace firesweep
