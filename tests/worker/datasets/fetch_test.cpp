#include "worker/datasets/fetch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/worker/datasets/fixture.h"
#include "tests/worker/datasets/http_server.h"
#include "worker/datasets/dataset.h"
#include "worker/datasets/file.h"
#include "worker/datasets/unpack.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using testing::files_below;
using testing::HttpServer;
using testing::read_file;
using testing::TempFolder;
using testing::TinyDataset;
using testing::write_file;

const std::vector<std::string> kOnlyTheLock = {".tiny-binary.tar.gz.lock"};

struct Fetch : ::testing::Test {
  TinyDataset tiny;
  TempFolder folder;
  HttpServer server{"/tiny-binary.tar.gz", tiny.archive};
  FetchOptions options{folder.path(), server.url_base(), {}};

  Result<Fetched> fetch(const ProgressCallback& progress = {}) {
    return fetch_dataset(tiny.source, options, progress);
  }
  fs::path part() const { return folder / "tiny-binary.tar.gz.part"; }
  std::string url() const { return server.url_base() + "/tiny-binary.tar.gz"; }

  void expect_whole() const {
    EXPECT_EQ(
        files_below(folder.path()),
        (std::vector<std::string>{".tiny-binary.tar.gz.lock", "tiny-binary", "tiny-binary/test.bin",
                                  "tiny-binary/train_1.bin", "tiny-binary/train_2.bin"}));
    for (std::size_t i = 0; i < tiny.contents.size(); ++i) {
      EXPECT_EQ(read_file(folder / "tiny-binary" / tiny.source.files[i].name), tiny.contents[i]);
    }
  }
};

TEST_F(Fetch, LeavesExactlyTheVerifiedRawFiles) {
  const auto fetched = fetch();
  ASSERT_TRUE(fetched) << to_string(fetched.error());
  EXPECT_EQ(fetched->folder, folder / "tiny-binary");
  EXPECT_FALSE(fetched->was_there);
  expect_whole();
  EXPECT_FALSE(fs::exists(folder.path().parent_path() / "escaped.txt"));
  EXPECT_TRUE(open_dataset(tiny.source, {.cache_dir = folder.path()}));
}

TEST_F(Fetch, DownloadsNothingWhereTheFilesLieThereWhole) {
  ASSERT_TRUE(fetch());
  const auto again = fetch();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->was_there);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Fetch, ReplacesACorruptRawFile) {
  ASSERT_TRUE(fetch());
  std::string corrupt = tiny.contents[2];
  corrupt[100] ^= 1;
  write_file(folder / "tiny-binary/test.bin", corrupt);
  const auto again = fetch();
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_FALSE(again->was_there);
  expect_whole();
}

TEST_F(Fetch, BrokenConnectionIsContinuedByARangeRequest) {
  server.cut_off_after({1000});
  const auto fetched = fetch();
  ASSERT_TRUE(fetched) << to_string(fetched.error());
  expect_whole();
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[0].range_start, std::nullopt);
  EXPECT_EQ(server.requests()[1].range_start, 1000);
}

TEST_F(Fetch, LaterCallContinuesWhereAnEarlierOneStopped) {
  options.limits.connections = 1;
  server.cut_off_after({1000});
  const auto broken = fetch();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(broken.error().where, url());
  EXPECT_EQ(broken.error().hint,
            "1000 bytes are kept in " + part().string() + "; the same command continues");
  EXPECT_EQ(read_file(part()), tiny.archive.substr(0, 1000));

  const auto fetched = fetch();
  ASSERT_TRUE(fetched) << to_string(fetched.error());
  expect_whole();
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[1].range_start, 1000);
}

TEST_F(Fetch, ServerWithoutRangesIsAskedFromTheStart) {
  server.ignore_ranges();
  write_file(part(), tiny.archive.substr(0, 1000));
  const auto fetched = fetch();
  ASSERT_TRUE(fetched) << to_string(fetched.error());
  expect_whole();
  EXPECT_EQ(server.requests()[0].range_start, 1000);
  EXPECT_EQ(server.requests().back().range_start, std::nullopt);
}

TEST_F(Fetch, PartThatIsAlreadyWholeIsUsed) {
  write_file(part(), tiny.archive);
  const auto fetched = fetch();
  ASSERT_TRUE(fetched) << to_string(fetched.error());
  expect_whole();
}

TEST_F(Fetch, WrongChecksumIsRefusedWithBothAndNothingStays) {
  tiny.source.archive_md5 = std::string(32, '0');
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(fetched.error().where, url());
  EXPECT_EQ(fetched.error().what,
            "has md5 " + testing::md5_of(tiny.archive) + ", expected " + std::string(32, '0'));
  EXPECT_EQ(files_below(folder.path()), kOnlyTheLock);
}

TEST_F(Fetch, StalePartCostsOneFailureOnly) {
  write_file(part(), std::string(500, 'x'));
  EXPECT_FALSE(fetch());
  EXPECT_TRUE(fetch());
  expect_whole();
}

TEST_F(Fetch, TruncatedArchiveIsRefused) {
  tiny.archive.resize(tiny.archive.size() / 2);
  tiny.source.archive_md5 = testing::md5_of(tiny.archive);
  server.serve(tiny.archive);
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kBadInput);
  EXPECT_NE(fetched.error().what.find("runcated"), std::string::npos) << fetched.error().what;
  EXPECT_EQ(files_below(folder.path()), kOnlyTheLock);
}

TEST_F(Fetch, ArchiveWithOtherContentIsRefusedAndEarlierFilesStay) {
  ASSERT_TRUE(fetch());
  fs::remove(folder / "tiny-binary/test.bin");
  auto members = tiny.archive_members();
  members.back().bytes.back() ^= 1;
  const std::string other = testing::tar_gz(members);
  tiny.source.archive_md5 = testing::md5_of(other);
  server.serve(other);
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().where, part().string() + ":tiny-binary/test.bin");
  EXPECT_EQ(fetched.error().what, "has sha256 " + testing::sha256_of(members.back().bytes) +
                                      ", expected " + tiny.source.files[2].sha256);
  EXPECT_EQ(read_file(folder / "tiny-binary/train_1.bin"), tiny.contents[0]);
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Fetch, UnreachableServerNamesUrlAndReason) {
  options.url_base = server.url_base();
  server.stop();
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(fetched.error().where, url());
  EXPECT_NE(fetched.error().what.find("onnect"), std::string::npos) << fetched.error().what;
}

TEST_F(Fetch, ErrorPageIsNotSaved) {
  tiny.source.archive = "absent.tar.gz";
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(fetched.error().what.find("404"), std::string::npos) << fetched.error().what;
  EXPECT_EQ(fs::file_size(folder / "absent.tar.gz.part"), 0U);
}

TEST_F(Fetch, StalledServerIsGivenUp) {
  options.limits.stall_timeout = std::chrono::milliseconds(1000);  // a busy machine needs less
  options.limits.connections = 1;
  server.hang_after({1000});
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(fetched.error().what, "nothing came for 1000 ms");
  EXPECT_EQ(fs::file_size(part()), 1000U);
}

TEST_F(Fetch, EndlessAnswerIsCutOffAndRemoved) {
  options.limits.max_bytes = 500;
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(files_below(folder.path()), kOnlyTheLock);
}

TEST_F(Fetch, ProgressEndsAtTheTotalAndCountsResumedBytes) {
  write_file(part(), tiny.archive.substr(0, 1000));
  std::vector<DownloadProgress> seen;
  ASSERT_TRUE(fetch([&](const DownloadProgress& progress) {
    seen.push_back(progress);
    return true;
  }));
  ASSERT_FALSE(seen.empty());
  for (const auto& progress : seen) EXPECT_GE(progress.done_bytes, 1000);
  EXPECT_EQ(seen.back().done_bytes, std::ssize(tiny.archive));
  EXPECT_EQ(seen.back().total_bytes, std::ssize(tiny.archive));
}

TEST_F(Fetch, CallbackStopsItAndWhatHasComeIsKept) {
  write_file(part(), tiny.archive.substr(0, 1000));
  const auto stopped = fetch([](const DownloadProgress&) { return false; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(stopped.error().what, "download was stopped");
  EXPECT_EQ(read_file(part()).substr(0, 1000), tiny.archive.substr(0, 1000));
  EXPECT_TRUE(fetch());
  expect_whole();
}

TEST_F(Fetch, WaitsForAnotherProcessAndCanBeStoppedMeanwhile) {
  const auto lock = FileLock::acquire(folder / ".tiny-binary.tar.gz.lock");
  ASSERT_TRUE(lock);
  write_file(part(), std::string(77, 'x'));
  const auto fetched = fetch([](const DownloadProgress& progress) {
    EXPECT_EQ(progress.done_bytes, 77);
    return false;
  });
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().what, "is locked by another process");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetch, UnwritableTargetNamesIt) {
  write_file(folder / "file", "");
  options.target_dir = folder / "file/below";
  const auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kIo);
  EXPECT_EQ(fetched.error().where, (folder / "file/below").string());
}

TEST(FetchDataset, FashionMnistComesAsAPackage) {
  const TempFolder folder;
  const auto fetched =
      fetch_dataset("fashion_mnist", {folder.path(), "http://127.0.0.1:1", {}}, {});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(fetched.error().hint, "type: apt-get install dataset-fashion-mnist");
}

struct Unpack : ::testing::Test {
  TempFolder folder;

  Result<void> unpack_one(const std::string& archive, const ArchiveMember& member) {
    write_file(folder / "a.tar.gz", archive);
    return unpack(folder / "a.tar.gz", std::vector{member});
  }
};

TEST_F(Unpack, MissingDoubledAndOtherSizedMembersAreRefused) {
  const ArchiveMember wanted{"a/x.bin", folder / "x.bin", 3, ""};
  const std::string where = (folder / "a.tar.gz").string() + ":a/x.bin: ";
  const auto refusal = [&](const std::vector<testing::Member>& members) {
    const auto unpacked = unpack_one(testing::tar_gz(members), wanted);
    return unpacked ? "unpacked" : to_string(unpacked.error());
  };
  EXPECT_EQ(refusal({{"a/x.bin", "abc"}}), "unpacked");
  EXPECT_EQ(read_file(folder / "x.bin"), "abc");
  EXPECT_EQ(refusal({{"x.bin", "abc"}, {"a/../a/x.bin", "abc"}}),
            where + "is missing from the archive");
  EXPECT_EQ(refusal({{"a/x.bin", "abc"}, {"a/x.bin", "abc"}}), where + "is in the archive twice");
  EXPECT_EQ(refusal({{"a/x.bin", "abcd"}}), where + "is 4 bytes, expected 3");
}

TEST_F(Unpack, WhatIsNoArchiveIsRefused) {
  const auto unpacked = unpack_one("no archive at all", {"a/x.bin", folder / "x.bin", 3, ""});
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(unpacked.error().where, (folder / "a.tar.gz").string());
}

}  // namespace
}  // namespace firesweep
