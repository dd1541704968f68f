#include "tests/architecture/prose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/places.h"

namespace firesweep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Words of three letters, `width` characters together.
std::string prose(std::size_t width) {
  std::string line;
  while (line.size() < width) line += "abc ";
  line.resize(width);
  line.back() = 'd';
  return line;
}

TEST(Prose, LinesPastTheWidthAreFound) {
  EXPECT_THAT(lines_too_wide(prose(120)), IsEmpty());
  EXPECT_THAT(lines_too_wide("short\n" + prose(121) + "\n\n- " + prose(119)), ElementsAre(2, 4));
}

TEST(Prose, CharactersCountNotBytes) {
  std::string line = prose(120);
  for (int i = 0; i < 10; ++i) line.replace(line.rfind("abc"), 3, "äöü");
  EXPECT_THAT(lines_too_wide(line), IsEmpty());
  EXPECT_THAT(lines_too_wide(line + "é"), ElementsAre(1));
}

TEST(Prose, TablesCodeAndSingleWordsMayBeWider) {
  EXPECT_THAT(lines_too_wide("| " + prose(200) + " |\n"), IsEmpty());
  EXPECT_THAT(lines_too_wide("```sh\n" + prose(200) + "\n```\n" + prose(200)), ElementsAre(4));
  EXPECT_THAT(lines_too_wide("- <" + std::string(200, 'x') + ">\n"), IsEmpty());
}

TEST(Prose, CommentsPastTheWidthAreFound) {
  const std::string wide = prose(121);
  EXPECT_THAT(comments_too_wide("# " + prose(118) + "\n" + wide + "\n  # " + wide + "\n", "#"),
              ElementsAre(3));
  EXPECT_THAT(comments_too_wide("# " + std::string(200, 'x') + "\n// " + wide + "\n", "#"),
              IsEmpty());
}

// What begins a comment in a file of that name; empty for a file without prose.
std::string_view comment_marker(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (path.filename() == "CMakeLists.txt" || extension == ".cmake") return "#";
  if (extension == ".sh" || extension == ".py" || extension == ".txt") return "#";
  if (extension == ".json" || extension == ".proto" || extension == ".cu") return "//";
  return extension == ".sql" ? "--" : "";
}

// clang-format breaks the comments of C++ sources.
std::vector<int> too_wide(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const bool markdown = name.ends_with(".md") || name.ends_with(".md.in");
  const std::string_view marker = comment_marker(path);
  if (!markdown && marker.empty()) return {};
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return markdown ? lines_too_wide(text) : comments_too_wide(text, marker);
}

TEST(Prose, EveryFileKeepsTheWidth) {
  int files = 0;
  for (auto at = std::filesystem::recursive_directory_iterator(source_dir());
       at != std::filesystem::recursive_directory_iterator(); ++at) {
    const auto& path = at->path();
    const std::string name = path.filename().string();
    if (at->is_directory()) {
      if (name.starts_with('.') || name == "build" || name == "node_modules")
        at.disable_recursion_pending();
      continue;
    }
    ++files;
    for (const int line : too_wide(path)) {
      ADD_FAILURE() << path.lexically_relative(source_dir()).string() << ":" << line
                    << ": prose of more than " << kProseWidth << " characters; break the line";
    }
  }
  EXPECT_GE(files, 500);
}

}  // namespace
}  // namespace firesweep
