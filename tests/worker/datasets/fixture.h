// Small datasets in a folder of their own, in the real formats, for tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "worker/datasets/source.h"

namespace firesweep::testing {

// A new folder that others may enter too; gone, with all in it, when this is destroyed.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, const std::string& bytes);
std::string read_file(const std::filesystem::path& path);
std::string sha256_of(const std::string& bytes);
std::string md5_of(const std::string& bytes);

// Names of all files and folders below `folder`, ascending, relative to it.
std::vector<std::string> files_below(const std::filesystem::path& folder);

struct Member {
  std::string name;
  std::string bytes;
};

// A .tar.gz of these members, in order.
std::string tar_gz(const std::vector<Member>& members);
std::string gzip(const std::string& bytes);

// Dataset "tiny": 4 classes, 40 training images in two files and 8 test images, in CIFAR-100's
// records (2 label bytes). `contents` holds the bytes of source.files, in order; `archive` those of
// the archive as its authors would pack it, with members that nobody asked for.
struct TinyDataset {
  DatasetSource source;
  std::vector<std::string> contents;
  std::string archive;

  TinyDataset();
  void write_to(const std::filesystem::path& folder) const;
  std::vector<Member> archive_members() const;
};

// The value of byte `at` of image `image` of the tiny dataset (test images count from 40).
std::uint8_t tiny_pixel(int image, int at);

}  // namespace firesweep::testing
