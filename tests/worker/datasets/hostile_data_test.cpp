// Data folders and archives that somebody else has made: nothing is written where a link leads, and
// what unfolds without an end is given up soon.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bounded.h"
#include "tests/worker/datasets/fixture.h"
#include "worker/datasets/dataset.h"
#include "worker/datasets/download.h"
#include "worker/datasets/file.h"
#include "worker/datasets/unpack.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using testing::files_below;
using testing::read_file;
using testing::TempFolder;
using testing::TinyDataset;
using testing::write_file;

constexpr const char* kKept = "keep me";

// ---- links in a folder ----

struct LinksInAFolder : ::testing::Test {
  LinksInAFolder() { write_file(precious, kKept); }
  ~LinksInAFolder() override { EXPECT_EQ(read_file(precious), kKept); }

  TempFolder folder, elsewhere;
  fs::path precious = elsewhere / "precious";
};

TEST_F(LinksInAFolder, ThePartOfADecodedFileIsNotWrittenThroughOne) {
  const TinyDataset tiny;
  tiny.write_to(folder.path());
  fs::create_symlink(precious, folder / "tiny.decoded.part");
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_FALSE(fs::is_symlink(folder / "tiny.decoded"));
}

TEST_F(LinksInAFolder, ALockIsNotTakenThroughOne) {
  const TinyDataset tiny;
  tiny.write_to(folder.path());
  fs::create_symlink(precious, folder / ".tiny.decoded.lock");
  const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_NE(to_string(dataset.error()).find(".tiny.decoded.lock: lock file cannot be opened"),
            std::string::npos)
      << to_string(dataset.error());
}

TEST_F(LinksInAFolder, ALinkToNothingMakesNoFileElsewhere) {
  fs::create_symlink(elsewhere / "new", folder / "a.lock");
  EXPECT_FALSE(FileLock::acquire(folder / "a.lock"));
  EXPECT_EQ(files_below(elsewhere.path()), std::vector<std::string>{"precious"});
}

TEST_F(LinksInAFolder, ADownloadIsNotAppendedThroughOne) {
  fs::create_symlink(precious, folder / "x.part");
  const auto got = download("http://127.0.0.1:1/x", folder / "x.part", {}, {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kIo);
}

// A raw file may be a link: it is only read, and checked as any other.
TEST_F(LinksInAFolder, ARawFileThatIsOneIsReadAndChecked) {
  const TinyDataset tiny;
  tiny.write_to(elsewhere / "real");
  fs::create_directory(folder / "data");
  for (const RawFile& file : tiny.source.files)
    fs::create_symlink(elsewhere / "real" / file.name, folder / "data" / file.name);
  EXPECT_TRUE(open_dataset(tiny.source, {.data_dir = folder / "data"}));
  fs::remove(folder / "data" / tiny.source.files[0].name);
  fs::create_symlink(precious, folder / "data" / tiny.source.files[0].name);
  const auto refused = open_dataset(tiny.source, {.data_dir = folder / "data"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("is 7 bytes, expected"), std::string::npos);
}

TEST_F(LinksInAFolder, APipeInThePlaceOfARawFileIsNotWaitedFor) {
  const TinyDataset tiny;
  tiny.write_to(folder.path());
  const fs::path raw = folder / tiny.source.files[0].name;
  fs::remove(raw);
  ASSERT_EQ(::mkfifo(raw.c_str(), 0600), 0);
  const auto refused = open_dataset(tiny.source, {.data_dir = folder.path()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
}

// ---- archives ----

constexpr std::size_t kBlock = 512;  // of a tar archive
constexpr char kFile = '0', kHardLink = '1', kLink = '2', kFolder = '5', kPipe = '6';

void put(std::string& block, std::size_t place, const std::string& text) {
  block.replace(place, text.size(), text);
}

// The header of one entry, in the format ustar; `size` as its 12 bytes hold it.
std::string header_of(const std::string& name, char type, const std::string& link,
                      const std::string& size) {
  constexpr std::size_t kMode = 100, kSize = 124, kSum = 148, kType = 156, kLinkName = 157,
                        kFormat = 257;
  std::string block(kBlock, '\0');
  put(block, 0, name);
  put(block, kMode, "0000644");
  put(block, kSize, size);
  put(block, kSum, "        ");
  put(block, kType, std::string(1, type));
  put(block, kLinkName, link);
  put(block, kFormat, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "%06o", sum);
  put(block, kSum, std::string(digits.data(), 7));
  return block;
}

std::string entry(const std::string& name, char type, const std::string& link = "",
                  std::int64_t size = 0) {
  std::array<char, 13> digits{};
  std::snprintf(digits.data(), digits.size(), "%011llo", static_cast<unsigned long long>(size));
  return header_of(name, type, link, digits.data());
}

const std::string kEnd(2 * kBlock, '\0');

struct HostileArchive : ::testing::Test {
  std::string outcome(const std::string& bytes) {
    write_file(folder / "a.tar.gz", bytes);
    const std::vector<ArchiveMember> members = {{"a/x.bin", target / "x.bin", 3, ""}};
    return testing::bounded([&] {
      const auto unpacked = unpack(folder / "a.tar.gz", members);
      return unpacked ? "unpacked" : to_string(unpacked.error());
    });
  }
  bool said(const std::string& outcome, const std::string& part) const {
    return outcome.find(part) != std::string::npos;
  }

  TempFolder folder, target;
};

TEST_F(HostileArchive, NamesThatLeadElsewhereAreNeverPaths) {
  const std::string archive = testing::tar_gz({{"../../../../tmp/firesweep-escaped", "abc"},
                                               {"/tmp/firesweep-escaped", "abc"},
                                               {"a/../../x.bin", "abc"},
                                               {"a/x.bin", "abc"}});
  EXPECT_EQ(outcome(archive), "unpacked");
  EXPECT_EQ(files_below(target.path()), std::vector<std::string>{"x.bin"});
  EXPECT_FALSE(fs::exists("/tmp/firesweep-escaped"));
}

TEST_F(HostileArchive, LinksAndPipesInThePlaceOfAMemberAreRefused) {
  for (const std::string& archive :
       {entry("a/x.bin", kLink, "/etc/passwd"), entry("a/x.bin", kHardLink, "b"),
        entry("a/x.bin", kPipe), entry("a/x.bin", kFolder)}) {
    EXPECT_TRUE(said(outcome(archive + kEnd), "a/x.bin")) << outcome(archive + kEnd);
  }
  EXPECT_TRUE(fs::is_empty(target.path()));
}

TEST_F(HostileArchive, AMemberIsNotWrittenThroughALink) {
  write_file(folder / "precious", kKept);
  fs::create_symlink(folder / "precious", target / "x.bin");
  EXPECT_TRUE(said(outcome(testing::tar_gz({{"a/x.bin", "abc"}})), "cannot be made"));
  EXPECT_EQ(read_file(folder / "precious"), kKept);
}

// Seven gibibytes of zeros in seven megabytes.
TEST_F(HostileArchive, ABombIsNotUnfolded) {
  constexpr std::int64_t kGiB = std::int64_t{1} << 30;
  constexpr std::size_t kPiece = std::size_t{16} << 20;
  const std::string zeros = testing::gzip(std::string(kPiece, '\0'));
  std::string bomb = testing::gzip(entry("other", kFile, "", 7 * kGiB));
  for (std::size_t done = 0; done < static_cast<std::size_t>(7 * kGiB); done += kPiece)
    bomb += zeros;
  EXPECT_TRUE(said(outcome(bomb), "unfolds to 7516192768 bytes or more, expected at most"))
      << outcome(bomb);
}

TEST_F(HostileArchive, VeryManySmallEntriesAreGivenUp) {
  std::string entries;
  const std::string one = entry("other", kFile);
  while (entries.size() < (std::size_t{4} << 20)) entries += one;
  const std::string piece = testing::gzip(entries);
  std::string bomb;
  for (int i = 0; i < 64; ++i) bomb += piece;
  EXPECT_TRUE(said(outcome(bomb), "bytes or more, expected at most")) << outcome(bomb);
}

TEST_F(HostileArchive, ASizeThatOverflowsIsRefused) {
  const std::string archive =
      header_of("a/x.bin", kFile, "",
                std::string("\x80") + std::string(3, '\0') + std::string(8, '\xff')) +
      kEnd;
  EXPECT_TRUE(said(outcome(archive), "a.tar.gz")) << outcome(archive);
}

// A gigabyte where three thousand bytes are expected.
TEST_F(HostileArchive, AGzippedFileIsReadNoFurtherThanItsContent) {
  TinyDataset tiny;
  tiny.source.files[0].format = RawFormat::kIdxLabels;
  tiny.source.files[0].content_bytes = kIdxLabelsHeaderBytes + 20;
  tiny.write_to(folder.path());
  std::string bomb;
  const std::string zeros = testing::gzip(std::string(std::size_t{16} << 20, '\0'));
  for (int i = 0; i < 640; ++i) bomb += zeros;
  write_file(folder / tiny.source.files[0].name, bomb);
  const std::string refused = testing::bounded([&] {
    const auto dataset = open_dataset(tiny.source, {.data_dir = folder.path()});
    return dataset ? "opened" : to_string(dataset.error());
  });
  EXPECT_TRUE(said(refused, "content is at least 29 bytes, expected 28")) << refused;
}

}  // namespace
}  // namespace firesweep
