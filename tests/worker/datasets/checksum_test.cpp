#include "worker/datasets/checksum.h"

#include <gtest/gtest.h>

#include "tests/worker/datasets/fixture.h"

namespace firesweep {
namespace {

using testing::TempFolder;
using testing::write_file;

TEST(Checksum, OfAFileEqualsThePublishedVectors) {
  const TempFolder folder;
  write_file(folder / "abc", "abc");
  write_file(folder / "empty", "");
  EXPECT_EQ(file_checksum(folder / "abc", Digest::kSha256).value(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(file_checksum(folder / "abc", Digest::kMd5).value(),
            "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(file_checksum(folder / "empty", Digest::kMd5).value(),
            "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Checksum, OfAFileLargerThanOneReadEqualsThatOfItsBytes) {
  const TempFolder folder;
  const std::string bytes((std::size_t{2} << 20) + 12'345, 'x');
  write_file(folder / "large", bytes);
  EXPECT_EQ(file_checksum(folder / "large", Digest::kSha256).value(), testing::sha256_of(bytes));
}

TEST(Checksum, OfAnAbsentFileNamesIt) {
  const TempFolder folder;
  const auto checksum = file_checksum(folder / "absent", Digest::kSha256);
  ASSERT_FALSE(checksum);
  EXPECT_EQ(checksum.error().code, ErrorCode::kIo);
  EXPECT_EQ(checksum.error().where, (folder / "absent").string());
  EXPECT_EQ(checksum.error().what, "cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace firesweep
