#include "tests/worker/datasets/fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <span>

#include "worker/datasets/checksum.h"

namespace firesweep::testing {
namespace {

namespace fs = std::filesystem;

std::string checksum_of(const std::string& bytes, Digest digest) {
  Hasher hasher(digest);
  hasher.update({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  return hasher.finish();
}

// What libarchive writes, kept in memory.
std::string written_archive(const std::function<void(archive*)>& set_up,
                            const std::vector<Member>& members) {
  std::string out(std::size_t{8} << 20, '\0');
  std::size_t used = 0;
  const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(),
                                                                       &archive_write_free);
  set_up(writer.get());
  archive_write_add_filter_gzip(writer.get());
  EXPECT_EQ(archive_write_open_memory(writer.get(), out.data(), out.size(), &used), ARCHIVE_OK);
  for (const Member& member : members) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              &archive_entry_free);
    archive_entry_set_pathname(entry.get(), member.name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.bytes.size()));
    EXPECT_EQ(archive_write_header(writer.get(), entry.get()), ARCHIVE_OK);
    EXPECT_EQ(archive_write_data(writer.get(), member.bytes.data(), member.bytes.size()),
              static_cast<la_ssize_t>(member.bytes.size()));
  }
  EXPECT_EQ(archive_write_close(writer.get()), ARCHIVE_OK);
  out.resize(used);
  return out;
}

// Records first … first+count-1 of the tiny dataset: coarse label, fine label, pixels.
std::string tiny_records(int first, int count) {
  std::string bytes;
  for (int image = first; image < first + count; ++image) {
    bytes += static_cast<char>(9);
    bytes += static_cast<char>(image % 4);
    for (int at = 0; at < kImageBytes; ++at) bytes += static_cast<char>(tiny_pixel(image, at));
  }
  return bytes;
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "firesweep-datasets-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed: " + name);
  ::chmod(name.c_str(), 0755);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void write_file(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string sha256_of(const std::string& bytes) { return checksum_of(bytes, Digest::kSha256); }
std::string md5_of(const std::string& bytes) { return checksum_of(bytes, Digest::kMd5); }

std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    names.push_back(fs::relative(entry.path(), folder).string());
  }
  std::ranges::sort(names);
  return names;
}

std::string tar_gz(const std::vector<Member>& members) {
  return written_archive(archive_write_set_format_ustar, members);
}

std::string gzip(const std::string& bytes) {
  return written_archive(archive_write_set_format_raw, {{"data", bytes}});
}

std::uint8_t tiny_pixel(int image, int at) {
  return static_cast<std::uint8_t>(image * 31 + at * 7 + at / kPlaneBytes * 101);
}

TinyDataset::TinyDataset() {
  source.info = {"tiny", 4, 40, 8, {0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}, "tiny-checksum"};
  source.label_bytes = 2;
  contents = {tiny_records(0, 24), tiny_records(24, 16), tiny_records(40, 8)};
  const char* names[] = {"train_1.bin", "train_2.bin", "test.bin"};
  for (std::size_t i = 0; i < contents.size(); ++i) {
    source.files.push_back({names[i], i < 2 ? Subset::kTrain : Subset::kTest, RawFormat::kRecords,
                            std::ssize(contents[i]), sha256_of(contents[i])});
  }
  source.folder = "tiny-binary";
  source.archive = "tiny-binary.tar.gz";
  archive = tar_gz(archive_members());
  source.archive_md5 = md5_of(archive);
  source.other_version = "tiny-python";
}

void TinyDataset::write_to(const fs::path& folder) const {
  for (std::size_t i = 0; i < contents.size(); ++i) {
    write_file(folder / source.files[i].name, contents[i]);
  }
}

std::vector<Member> TinyDataset::archive_members() const {
  std::vector<Member> members = {{source.folder + "/label_names.txt", "a\nb\nc\nd\n"},
                                 {"../escaped.txt", "never written"}};
  for (std::size_t i = 0; i < contents.size(); ++i) {
    members.push_back({source.folder + "/" + source.files[i].name, contents[i]});
  }
  return members;
}

}  // namespace firesweep::testing
