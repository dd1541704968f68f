#include "shared/base/durable.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <string>

namespace firesweep {
namespace {

namespace fs = std::filesystem;

class Durable : public ::testing::Test {
 protected:
  ~Durable() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_ = [] {
    std::string name = (fs::temp_directory_path() / "firesweep-durable-XXXXXX").string();
    return fs::path(::mkdtemp(name.data()));
  }();
};

TEST_F(Durable, AFileTakesTheNameOfAnother) {
  const fs::path from = write("new.part", "new");
  const fs::path to = write("file", "old");
  ASSERT_TRUE(bring_to_disk(from));
  ASSERT_TRUE(move_into_place(from, to));
  EXPECT_EQ(text_of(to), "new");
  EXPECT_FALSE(fs::exists(from));
}

TEST_F(Durable, AFileThatCannotHaveTheNameKeepsItsOwn) {
  const fs::path from = write("new.part", "new");
  const fs::path to = folder_ / "no folder" / "file";
  const auto moved = move_into_place(from, to);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::kIo);
  EXPECT_EQ(moved.error().where, to.string());
  EXPECT_EQ(text_of(from), "new");
}

TEST_F(Durable, ANameWithoutAFolderIsInTheWorkingFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write("new.part", "new");
  const auto moved = move_into_place("new.part", "file");
  fs::current_path(before);
  ASSERT_TRUE(moved) << to_string(moved.error());
  EXPECT_EQ(text_of(folder_ / "file"), "new");
}

TEST_F(Durable, WhatIsNoFileCannotBeBroughtToTheDisk) {
  EXPECT_EQ(bring_to_disk(folder_ / "none").error().where, (folder_ / "none").string());
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd reading(ends[0]), writing(ends[1]);
  const auto brought = bring_to_disk(writing, "a pipe");
  ASSERT_FALSE(brought);
  EXPECT_EQ(brought.error().where, "a pipe");
}

}  // namespace
}  // namespace firesweep
