#include "worker/datasets/dataset.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "tests/worker/datasets/fixture.h"
#include "worker/datasets/file.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using testing::files_below;
using testing::read_file;
using testing::TempFolder;
using testing::tiny_pixel;
using testing::TinyDataset;
using testing::write_file;

constexpr int kTinyTrain = 40;

bool holds_the_tiny_images(const Dataset& dataset) {
  const auto train = dataset.images(Subset::kTrain), test = dataset.images(Subset::kTest);
  if (std::ssize(train) != 40 * kImageBytes || std::ssize(test) != 8 * kImageBytes) return false;
  for (int image = 0; image < 48; ++image) {
    const auto& images = image < kTinyTrain ? train : test;
    const auto labels = dataset.labels(image < kTinyTrain ? Subset::kTrain : Subset::kTest);
    const int place = image < kTinyTrain ? image : image - kTinyTrain;
    if (labels[place] != image % 4) return false;
    for (int at = 0; at < kImageBytes; ++at) {
      if (images[place * kImageBytes + at] != tiny_pixel(image, at)) return false;
    }
  }
  return true;
}

ino_t inode_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// Gives a file back its former times after it was changed behind our back.
void set_times(const fs::path& path, const FileStamp& stamp) {
  const timespec time{stamp.modified_ns / 1'000'000'000, stamp.modified_ns % 1'000'000'000};
  const std::array<timespec, 2> times = {time, time};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
}

// A process of its own, so that it may give up root or race; the result is its exit code.
pid_t in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}
int exit_code_of(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Dataset, ImagesAndFineLabelsComeInTheOrderOfTheRawFiles) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(dataset->count(Subset::kTrain), 40);
  EXPECT_EQ(dataset->count(Subset::kTest), 8);
  EXPECT_EQ(dataset->info().name, "tiny");
  EXPECT_TRUE(holds_the_tiny_images(*dataset));
}

TEST(Dataset, IsFoundInTheArchivesFolderBelowTheDataDir) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder / "tiny-binary");
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(dataset->path(), folder / "tiny-binary/tiny.decoded");
}

TEST(Dataset, PlacesAreLookedAtInOrder) {
  const TinyDataset tiny;
  const TempFolder data, environment, cache;
  const Locations locations{data.path(), environment.path(), cache.path()};
  tiny.write_to(cache.path());
  EXPECT_EQ(open_dataset(tiny.source, locations)->path(), cache / "tiny.decoded");
  tiny.write_to(environment.path());
  EXPECT_EQ(open_dataset(tiny.source, locations)->path(), environment / "tiny.decoded");
  tiny.write_to(data.path());
  EXPECT_EQ(open_dataset(tiny.source, locations)->path(), data / "tiny.decoded");
}

TEST(Dataset, IsDecodedOnceAndThenShared) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  const auto first = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(first) << to_string(first.error());
  const ino_t decoded = inode_of(first->path());
  const auto second = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(second);
  EXPECT_EQ(inode_of(second->path()), decoded);
}

TEST(Dataset, DecodedFileAloneIsEnough) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  ASSERT_TRUE(open_dataset(tiny.source, {.data_dir = folder.path()}));
  for (const auto& file : tiny.source.files) fs::remove(folder / file.name);
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_TRUE(holds_the_tiny_images(*dataset));
}

// Issue 13, case 34: two contents under one name are told apart.
TEST(Dataset, ItsChecksumIsOfTheContent) {
  TinyDataset one;
  const TempFolder folder, again, changed;
  one.write_to(folder.path());
  one.write_to(again.path());
  const auto first = open_dataset(one.source, {.data_dir = folder.path()});
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->content().size(), 64u);
  EXPECT_EQ(first->content(), open_dataset(one.source, {.data_dir = again.path()})->content());
  EXPECT_TRUE(has_known_checksums(one.source));
  TinyDataset other;
  for (RawFile& file : other.source.files) file.sha256.clear();
  other.contents[0][100] ^= 1;
  other.write_to(changed.path());
  EXPECT_FALSE(has_known_checksums(other.source));
  const auto second = open_dataset(other.source, {.data_dir = changed.path()});
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_NE(second->content(), first->content());
}

// Issue 13, rough-21: what lies in a folder that is nearly right is said, with what helps.
TEST(Dataset, AFolderThatIsNearlyRightIsAnsweredWithWhatHelps) {
  const TinyDataset tiny;
  const auto refusal = [&](const fs::path& data_dir) {
    const auto dataset = open_dataset(tiny.source, {.data_dir = data_dir});
    EXPECT_FALSE(dataset);
    return dataset ? std::string() : to_string(dataset.error());
  };
  const TempFolder deep;
  tiny.write_to(deep / "tiny-binary/tiny-binary");
  EXPECT_NE(refusal(deep.path())
                .find("they are one folder deeper: give " + (deep / "tiny-binary").string()),
            std::string::npos)
      << refusal(deep.path());
  const TempFolder packed;
  write_file(packed / "tiny-binary.tar.gz", "x");
  const std::string file = (packed / "tiny-binary.tar.gz").string();
  EXPECT_NE(refusal(file).find("a file, expected a folder; unpack it: tar xzf " + file),
            std::string::npos)
      << refusal(file);
  const TempFolder cut;
  tiny.write_to(cut.path());
  fs::resize_file(cut / tiny.source.files[0].name, 100);
  EXPECT_NE(refusal(cut.path()).find("a good copy: firesweep-worker dataset fetch tiny"),
            std::string::npos)
      << refusal(cut.path());
  TinyDataset python;
  python.source.other_version = "tiny-python";
  python.source.other_files = {"train", "meta"};
  const TempFolder other;
  for (const auto& name : python.source.other_files) write_file(other / name, "x");
  const auto given = open_dataset(python.source, {.data_dir = other.path()});
  ASSERT_FALSE(given);
  EXPECT_NE(
      to_string(given.error())
          .find("this is tiny-python, the version for Python, but the binary version is needed"),
      std::string::npos)
      << to_string(given.error());
  EXPECT_NE(given.error().hint.find("firesweep-worker dataset fetch tiny"), std::string::npos);
}

// Issue 13, case 34: images are what they are called.
TEST(Dataset, Cifar10IsCheckedByItsFilesSums) {
  const auto source = find_source("cifar10");
  ASSERT_TRUE(source);
  EXPECT_TRUE(has_known_checksums(**source));
  EXPECT_TRUE(results_tell_content(**source)) << "older builds opened others under its name";
  const TempFolder noise;
  for (const RawFile& file : (*source)->files) {
    std::string records;
    for (int i = 0; i < 10'000; ++i) records += static_cast<char>(i % 10) + std::string(3072, 'x');
    write_file(noise / file.name, records);
  }
  const auto dataset = open_dataset("cifar10", {.data_dir = noise.path()});
  ASSERT_FALSE(dataset);
  EXPECT_NE(to_string(dataset.error()).find("data_batch_1.bin: content has sha256 "),
            std::string::npos)
      << to_string(dataset.error());
}

TEST(Dataset, WhatAnOlderBuildDecodedUncheckedIsCheckedNow) {
  TinyDataset before;  // as that build knew it
  for (RawFile& file : before.source.files) file.sha256.clear();
  TinyDataset now;
  now.source.decoded_unchecked_before = true;
  const TempFolder folder;
  before.contents[0][100] ^= 1;
  before.write_to(folder.path());
  ASSERT_TRUE(open_dataset(before.source, {.data_dir = folder.path()}));
  const auto dataset = open_dataset(now.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_NE(to_string(dataset.error()).find("content has sha256 "), std::string::npos);
  for (const auto& file : now.source.files) fs::remove(folder / file.name);
  const auto alone = open_dataset(now.source, {.data_dir = folder.path()});
  ASSERT_FALSE(alone);
  EXPECT_NE(to_string(alone.error()).find("made by an older firesweep, which could not check"),
            std::string::npos)
      << to_string(alone.error());
}

TEST(Dataset, MappingOutlivesTheFile) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(dataset);
  const Dataset copy = *dataset;
  fs::remove(copy.path());
  EXPECT_TRUE(holds_the_tiny_images(copy));
}

TEST(Dataset, AbsenceNamesEveryPlaceAndTheWaysToGetIt) {
  const TinyDataset tiny;
  const TempFolder data, environment;
  write_file(data / "train_1.bin", tiny.contents[0]);
  write_file(environment / "tiny-binary.tar.gz", tiny.archive);
  fs::create_directory(environment / "tiny-python");
  const auto dataset = open_dataset(
      tiny.source, {data.path(), environment.path(), fs::path("/nonexistent/firesweep/data")});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(to_string(dataset.error()),
            "dataset tiny: not found; looked in --data-dir " + data.path().string() +
                " (no train_2.bin, test.bin); FIRESWEEP_DATA " + environment.path().string() +
                " (no train_1.bin, train_2.bin, test.bin; tiny-binary.tar.gz is there, but not "
                "unpacked; tiny-python is there, but the binary version is needed); "
                "/nonexistent/firesweep/data (no such folder) (give its folder with --data-dir or "
                "FIRESWEEP_DATA, or type: firesweep-worker dataset fetch tiny)");
}

TEST(Dataset, AGivenFolderThatDoesNotExistIsRefused) {
  const TinyDataset tiny;
  const TempFolder cache;
  tiny.write_to(cache.path());
  const Locations locations{fs::path("/nonexistent"), {}, cache.path()};
  const auto dataset = open_dataset(tiny.source, locations);
  ASSERT_FALSE(dataset);
  EXPECT_EQ(to_string(dataset.error()), "--data-dir /nonexistent: no such folder");
}

TEST(Dataset, UnknownNameGetsANearMiss) {
  const auto dataset = open_dataset("cifar-100", {});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(to_string(dataset.error()),
            "dataset: unknown dataset \"cifar-100\", expected one of cifar100, cifar10, "
            "fashion_mnist (did you mean \"cifar100\"?)");
}

TEST(Dataset, FashionMnistMissingSaysWhichPackageToInstall) {
  const TempFolder system;
  const auto dataset = open_dataset("fashion_mnist", {.system_dir = system.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::kNotFound);
  EXPECT_NE(dataset.error().hint.find("apt-get install dataset-fashion-mnist"), std::string::npos)
      << to_string(dataset.error());
}

TEST(Dataset, CutOffFileIsRefusedWithBothSizes) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  fs::resize_file(folder / "train_2.bin", 1000);
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(dataset.error().where, (folder / "train_2.bin").string());
  EXPECT_EQ(dataset.error().what, "is 1000 bytes, expected 49184");
}

TEST(Dataset, CutOffFileIsRefusedAlsoAfterDecoding) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  ASSERT_TRUE(open_dataset(tiny.source, {.data_dir = folder.path()}));
  fs::resize_file(folder / "test.bin", 1000);
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().where, (folder / "test.bin").string());
}

TEST(Dataset, CorruptFileIsRefusedWithBothChecksumsAndLeavesNothing) {
  TinyDataset tiny;
  const TempFolder folder;
  const std::string expected = tiny.source.files[2].sha256;
  tiny.contents[2][5000] ^= 1;
  tiny.write_to(folder.path());
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(dataset.error().where, (folder / "test.bin").string());
  EXPECT_EQ(dataset.error().what, "content has sha256 " + testing::sha256_of(tiny.contents[2]) +
                                      ", expected " + expected);
  EXPECT_EQ(files_below(folder.path()), (std::vector<std::string>{".tiny.decoded.lock", "test.bin",
                                                                  "train_1.bin", "train_2.bin"}));
}

TEST(Dataset, FileCorruptedAfterDecodingIsRefused) {
  TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  ASSERT_TRUE(open_dataset(tiny.source, {.data_dir = folder.path()}));
  const auto before = stamp_of(folder / "test.bin");
  tiny.contents[2][5000] ^= 1;
  write_file(folder / "test.bin", tiny.contents[2]);
  set_times(folder / "test.bin", {before->size_bytes, before->modified_ns + 1});
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().where, (folder / "test.bin").string());
}

TEST(Dataset, RawFilesWithNewTimesAreVerifiedAnewAndServe) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  const auto first = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(first);
  set_times(folder / "test.bin", {0, 1'000'000'000});
  const auto second = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_TRUE(holds_the_tiny_images(*first));
  EXPECT_TRUE(holds_the_tiny_images(*second));
}

TEST(Dataset, DamagedDecodedFileIsMadeAnew) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  const auto first = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(first);
  const std::string good = read_file(first->path());
  const std::vector<std::function<void(std::string&)>> damages = {
      [](std::string& bytes) { bytes.resize(bytes.size() - 1); },  // cut off
      [](std::string& bytes) { bytes[0] = 'X'; },                  // magic
      [](std::string& bytes) { bytes[8] = 2; },                    // version
      [](std::string& bytes) { bytes[12] = 5; },                   // classes
      [](std::string& bytes) { bytes[32] = 'T'; },                 // name
      [](std::string& bytes) { bytes[96] = 'T'; },                 // checksum
      [](std::string& bytes) { bytes.back() = 4; },                // a label
  };
  for (const auto& damage : damages) {
    std::string bytes = good;
    damage(bytes);
    ASSERT_NE(bytes, good);
    fs::remove(folder / "tiny.decoded");
    write_file(folder / "tiny.decoded", bytes);
    EXPECT_FALSE(DecodedFile::open(folder / "tiny.decoded", tiny.source.info));
    const auto again = open_dataset(tiny.source, {.data_dir = folder.path()});
    ASSERT_TRUE(again) << to_string(again.error());
    EXPECT_TRUE(holds_the_tiny_images(*again));
    EXPECT_EQ(read_file(folder / "tiny.decoded"), good);
  }
}

TEST(Dataset, DecodedFileOfAnotherVersionAloneIsNamedAmongThePlaces) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  ASSERT_TRUE(open_dataset(tiny.source, {.data_dir = folder.path()}));
  std::string bytes = read_file(folder / "tiny.decoded");
  bytes[8] = 2;
  const TempFolder other;
  write_file(other / "tiny.decoded", bytes);
  const auto dataset = open_dataset(tiny.source, {.data_dir = other.path()});
  ASSERT_FALSE(dataset);
  EXPECT_NE(dataset.error().what.find("decoded file has version 2, expected 1"), std::string::npos)
      << to_string(dataset.error());
}

TEST(Dataset, RacingProcessesMakeOneDecodedFile) {
  constexpr int kProcesses = 4;
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  std::array<int, 2> gate{}, opened{};
  ASSERT_EQ(::pipe(gate.data()), 0);
  ASSERT_EQ(::pipe(opened.data()), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(in_child([&] {
      ::close(gate[1]);
      char byte = 0;
      if (::read(gate[0], &byte, 1) != 0) return 2;  // end of file when the parent opens the gate
      const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
      if (!dataset || !holds_the_tiny_images(*dataset)) return 3;
      const ino_t inode = inode_of(dataset->path());
      return ::write(opened[1], &inode, sizeof inode) == sizeof inode ? 0 : 4;
    }));
  }
  ::close(gate[0]);
  ::close(gate[1]);
  for (const pid_t child : children) EXPECT_EQ(exit_code_of(child), 0);
  // Whoever decodes again puts a new file in place, so one file means that it was decoded once.
  for (int i = 0; i < kProcesses; ++i) {
    ino_t inode = 0;
    ASSERT_EQ(::read(opened[0], &inode, sizeof inode), static_cast<ssize_t>(sizeof inode));
    EXPECT_EQ(inode, inode_of(folder / "tiny.decoded"));
  }
  ::close(opened[0]);
  ::close(opened[1]);
  EXPECT_FALSE(fs::exists(folder / "tiny.decoded.part"));
}

TEST(Dataset, PartOfAKilledProcessIsReplaced) {
  const TinyDataset tiny;
  const TempFolder folder;
  tiny.write_to(folder.path());
  write_file(folder / "tiny.decoded.part", std::string(1'000'000, 'x'));
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_TRUE(holds_the_tiny_images(*dataset));
  EXPECT_FALSE(fs::exists(folder / "tiny.decoded.part"));
}

// Runs as nobody where the tests run as root, for whom every folder is writable.
int open_as_nobody(const TinyDataset& tiny, const Locations& locations, const fs::path& expected) {
  constexpr uid_t kNobody = 65534;
  if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) return 2;
  const auto dataset = open_dataset(tiny.source, locations);
  if (expected.empty()) return !dataset && dataset.error().code == ErrorCode::kIo ? 0 : 3;
  return dataset && holds_the_tiny_images(*dataset) && dataset->path() == expected ? 0 : 4;
}

TEST(Dataset, ReadOnlyDataDirIsDecodedIntoTheCache) {
  const TinyDataset tiny;
  const TempFolder data, cache;
  tiny.write_to(data.path());
  fs::permissions(data.path(), fs::perms(0555));
  fs::permissions(cache.path(), fs::perms(0777));
  const Locations with_cache{data.path(), {}, cache.path()};
  EXPECT_EQ(exit_code_of(
                in_child([&] { return open_as_nobody(tiny, with_cache, cache / "tiny.decoded"); })),
            0);
  EXPECT_FALSE(fs::exists(data / "tiny.decoded"));
  EXPECT_EQ(
      exit_code_of(in_child([&] { return open_as_nobody(tiny, {.data_dir = data.path()}, ""); })),
      0);
  fs::permissions(data.path(), fs::perms(0755));
}

TEST(Dataset, CacheFolderIsXdgThenHome) {
  EXPECT_EQ(default_cache_dir("/x", "/home/me"), "/x/firesweep/data");
  EXPECT_EQ(default_cache_dir(nullptr, "/home/me"), "/home/me/.cache/firesweep/data");
  EXPECT_EQ(default_cache_dir("relative", "/home/me"), "/home/me/.cache/firesweep/data");
  EXPECT_EQ(default_cache_dir("", nullptr), std::nullopt);
}

}  // namespace
}  // namespace firesweep
