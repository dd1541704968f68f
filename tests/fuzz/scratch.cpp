#include "tests/fuzz/scratch.h"

#include <stdlib.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace firesweep::fuzz {
namespace {

namespace fs = std::filesystem;

class Scratch {
 public:
  Scratch() {
    std::error_code none;
    const fs::path memory = "/dev/shm";
    const fs::path parent = fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
    std::string name = (parent / "firesweep-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot be made");
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

const fs::path& scratch_folder() {
  static const Scratch scratch;
  return scratch.path();
}

fs::path put_file(const std::string& name, Bytes bytes) {
  const fs::path path = scratch_folder() / name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
  return path;
}

}  // namespace firesweep::fuzz
