#include "worker/runtime/checkpoints/checkpoint_folders.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace firesweep {
namespace {

namespace fs = std::filesystem;

class CheckpointFoldersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const fs::path& file) { std::ofstream(file) << "x"; }
  static void age(const fs::path& file, std::chrono::hours by) {
    fs::last_write_time(file, fs::file_time_type::clock::now() - by);
  }

  fs::path root_;
  const std::string hash_ = "0123456789abcdef0123456789abcdef";
};

TEST_F(CheckpointFoldersTest, EqualWorkGetsTheSameFolderAgain) {
  const CheckpointFolders folders(root_ / "deep" / "down");
  const fs::path first = folders.hold(hash_, 3).path;
  EXPECT_EQ(first, root_ / "deep" / "down" / "0123456789abcdef-seed3");
  EXPECT_TRUE(fs::is_directory(first));
  EXPECT_EQ(folders.hold(hash_, 3).path, first);
  EXPECT_NE(folders.hold(hash_, 4).path, first);
}

TEST_F(CheckpointFoldersTest, FolderInUseIsNotShared) {
  const CheckpointFolders folders(root_);
  const HeldFolder first = folders.hold(hash_, 3);
  const HeldFolder second = folders.hold(hash_, 3);
  EXPECT_NE(second.path, first.path);
  EXPECT_FALSE(second.path.empty());
}

TEST_F(CheckpointFoldersTest, SelectedWeightsAreFoundWhicheverAttemptKeptThem) {
  const CheckpointFolders folders(root_);
  EXPECT_EQ(folders.selected(hash_, 3), std::nullopt);
  const HeldFolder first = folders.hold(hash_, 3);
  const HeldFolder second = folders.hold(hash_, 3);
  write(second.path / "selected.safetensors");
  EXPECT_EQ(folders.selected(hash_, 3), second.path / "selected.safetensors");
  write(first.path / "selected.safetensors");
  EXPECT_EQ(folders.selected(hash_, 3), first.path / "selected.safetensors");
  EXPECT_EQ(folders.selected(hash_, 4), std::nullopt);
}

TEST_F(CheckpointFoldersTest, FolderThatCannotBeMadeIsEmpty) {
  EXPECT_TRUE(CheckpointFolders("/proc/no/such").hold(hash_, 3).path.empty());
}

TEST_F(CheckpointFoldersTest, ForgettingTheResumeKeepsTheSelectedWeights) {
  const fs::path folder = CheckpointFolders(root_).hold(hash_, 3).path;
  for (const char* name : {"last.safetensors", "previous.safetensors", "selected.safetensors"})
    write(folder / name);
  CheckpointFolders::forget_resume(folder);
  EXPECT_FALSE(fs::exists(folder / "last.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "previous.safetensors"));
  EXPECT_TRUE(fs::exists(folder / "selected.safetensors"));
}

TEST_F(CheckpointFoldersTest, WhatALongerTrainingBeginsFromStays) {
  const CheckpointFolders folders(root_);
  const fs::path folder = folders.hold(hash_, 3).path;
  for (const char* name : {"last.safetensors", "previous.safetensors", "stored.safetensors"})
    write(folder / name);
  CheckpointFolders::forget_resume(folder, true);
  EXPECT_TRUE(fs::exists(folder / "last.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "previous.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "stored.safetensors"));
  EXPECT_EQ(folders.folders_of(hash_, 3), std::vector{folder});
  EXPECT_TRUE(folders.folders_of(hash_, 4).empty());
}

TEST_F(CheckpointFoldersTest, OnlyStaleResumesAreRemoved) {
  const CheckpointFolders folders(root_);
  const fs::path stale = folders.hold(hash_, 1).path;
  const fs::path fresh = folders.hold(hash_, 2).path;
  const fs::path kept = folders.hold(hash_, 3).path;
  for (const fs::path& folder : {stale, fresh, kept}) write(folder / "last.safetensors");
  write(stale / "lock");  // the trainer's own
  write(kept / "selected.safetensors");
  for (const fs::path& folder : {stale, kept}) {
    for (const auto& file : fs::directory_iterator(folder))
      age(file.path(), std::chrono::hours(100));
  }
  folders.remove_stale(std::chrono::hours(50));
  EXPECT_FALSE(fs::exists(stale));
  EXPECT_TRUE(fs::exists(fresh / "last.safetensors"));
  EXPECT_FALSE(fs::exists(kept / "last.safetensors"));
  EXPECT_TRUE(fs::exists(kept / "selected.safetensors"));
}

TEST_F(CheckpointFoldersTest, FolderInUseIsNeverCleaned) {
  const CheckpointFolders folders(root_);
  const HeldFolder held = folders.hold(hash_, 1);
  write(held.path / "last.safetensors");
  for (const auto& file : fs::directory_iterator(held.path))
    age(file.path(), std::chrono::hours(100));
  folders.remove_stale(std::chrono::hours(50));
  EXPECT_TRUE(fs::exists(held.path / "last.safetensors"));
}

}  // namespace
}  // namespace firesweep
