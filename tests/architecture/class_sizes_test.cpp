#include "tests/architecture/class_sizes.h"

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
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> said_of(const std::vector<SourceFile>& files) {
  std::vector<std::string> said;
  for (const auto& violation : classes_too_large(files)) said.push_back(to_string(violation));
  return said;
}

// The declarations of so many methods.
std::string methods(std::size_t count, const std::string& indent = "  ") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += indent + "void method_" + std::to_string(i) + "();\n";
  }
  return text;
}

std::string class_of(const std::string& members) {
  return "namespace x {\n\n// One.\nclass One {\n public:\n" + members +
         "};\n\n}  // namespace x\n";
}

TEST(ClassSizes, OneMethodTooManyIsFound) {
  EXPECT_THAT(said_of({{"a/one.h", class_of(methods(kMostMethods))}}), IsEmpty());
  EXPECT_THAT(said_of({{"a/one.h", class_of(methods(kMostMethods + 1))}}),
              ElementsAre(HasSubstr("a/one.h:4: One has 16 methods, expected at most 15")));
}

TEST(ClassSizes, WhateverIsCalledCounts) {
  for (const std::string method :
       {"  explicit One(int x) : x_(x) {}\n", "  ~One() override;\n",
        "  One& operator=(One&&) noexcept;\n", "  bool operator==(const One&) const = default;\n",
        "  virtual std::map<int, std::set<int>> all() const = 0;\n",
        "  template <class T>\n  T get() const {\n    return f(x_);\n  }\n",
        "  One(std::map<int, int> first = {},\n      int second = 2);\n"}) {
    EXPECT_EQ(said_of({{"a/one.h", class_of(methods(kMostMethods) + method)}}).size(), 1u)
        << method;
  }
}

TEST(ClassSizes, FieldsTypesFriendsAndCommentsCountForNothing) {
  for (const std::string other :
       {"  int x_ = f(1);\n", "  std::function<int(int, std::set<int>)> f_;\n",
        "  std::array<int, g(3)> kinds_{h()};\n", "  using F = int (*)(int);\n",
        "  friend bool operator==(const One&, const One&) = default;\n",
        "  // a comment (with words)\n", "  enum class Kind { kA, kB };\n",
        "  int two() {  // one method\n    return f(x_);\n  }\n\n private:\n  int y_;\n"}) {
    const bool method = other.find("two()") != std::string::npos;
    const std::string members = methods(kMostMethods - (method ? 1 : 0)) + other;
    EXPECT_THAT(said_of({{"a/one.h", class_of(members)}}), IsEmpty()) << other;
  }
}

TEST(ClassSizes, ANestedClassCountsByItself) {
  const std::string nested = "  struct Two {\n" + methods(kMostMethods, "    ") + "  };\n";
  EXPECT_THAT(said_of({{"a/one.h", class_of(nested + methods(kMostMethods))}}), IsEmpty());
  const std::string large = "  struct Two {\n" + methods(kMostMethods + 1, "    ") + "  };\n";
  EXPECT_THAT(said_of({{"a/one.h", class_of(large + methods(3))}}),
              ElementsAre(HasSubstr("a/one.h:6: One::Two has 16 methods")));
}

TEST(ClassSizes, MethodsInAThirdFileAreFound) {
  const SourceFile header{"a/one.h", class_of(methods(3))};
  const SourceFile first{"a/one.cpp", "void One::method_0() { f(); }\n"};
  const SourceFile caller{"a/two.cpp",
                          "int f() { return One::zero(); }\n\nint g() {\n  One::zero();\n}\n"};
  EXPECT_THAT(said_of({header, first, caller}), IsEmpty());
  const SourceFile third{"a/three.cpp", "Result<std::map<int, int>>\nOne::method_1() {\n}\n"};
  EXPECT_THAT(said_of({header, first, third}),
              ElementsAre(HasSubstr("One is spread over a/one.cpp, a/one.h, a/three.cpp")));
}

// What decides is small enough to be read at once.
TEST(ClassSizes, TheCoordinatorsCoreAndLoopKeepTheBounds) {
  std::vector<SourceFile> files;
  for (const char* room : {"coordinator/core", "coordinator/loop"}) {
    for (const auto& entry : std::filesystem::directory_iterator(source_dir() / room)) {
      const auto& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cpp") continue;
      std::ifstream stream(path, std::ios::binary);
      files.push_back({path.lexically_relative(source_dir()).string(),
                       {std::istreambuf_iterator<char>(stream), {}}});
    }
  }
  ASSERT_GT(files.size(), 10u);
  for (const auto& violation : classes_too_large(files)) ADD_FAILURE() << to_string(violation);
}

}  // namespace
}  // namespace firesweep
