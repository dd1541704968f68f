#include "worker/launcher/libtorch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kBuilt = "2.11.0+cu130";

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "firesweep launcher XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

fs::path wheel(const fs::path& root, const std::string& version) {
  write(root / "lib" / "libtorch.so", "");
  write(root / "version.py",
        "from typing import Optional\n\n__all__ = ['__version__']\n"
        "__version__ = '" +
            version + "'\ndebug = False\n");
  return root;
}

std::optional<fs::path> no_python() { return std::nullopt; }

TEST(FindLibTorch, TheVariableComesBeforePythonAndPythonBeforeDeps) {
  const Folder folder;
  const fs::path named = wheel(folder / "named", kBuilt),
                 installed = wheel(folder / "python", kBuilt);
  const fs::path own = wheel(folder / "bundle/.deps/torch", kBuilt);
  const auto python = [&] { return std::optional(installed); };

  const auto first = find_libtorch({named.string(), python, folder / "bundle"}, kBuilt);
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(first->root, named);
  EXPECT_EQ(first->found_by, "LIBTORCH_ROOT");
  EXPECT_EQ(first->version, kBuilt);
  const auto second = find_libtorch({"", python, folder / "bundle"}, kBuilt);
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_EQ(second->root, installed);
  const auto third = find_libtorch({std::nullopt, no_python, folder / "bundle"}, kBuilt);
  ASSERT_TRUE(third) << to_string(third.error());
  EXPECT_EQ(third->root, own);
}

TEST(FindLibTorch, DepsOfACheckoutThatTheBundleLiesInServes) {
  const Folder folder;
  const fs::path checkout = wheel(folder / "checkout/.deps/torch", kBuilt);
  const auto found =
      find_libtorch({std::nullopt, no_python, folder / "checkout/firesweep-0.1.0"}, kBuilt);
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(found->root, checkout);
}

TEST(FindLibTorch, AnotherVersionIsRefusedNamingBoth) {
  const Folder folder;
  wheel(folder / "bundle/.deps/torch", kBuilt);
  const fs::path installed = wheel(folder / "python", "2.13.0+cpu");
  const auto found = find_libtorch(
      {std::nullopt, [&] { return std::optional(installed); }, folder / "bundle"}, kBuilt);
  ASSERT_FALSE(found);
  EXPECT_EQ(
      to_string(found.error()),
      installed.string() +
          " (by python3): found LibTorch 2.13.0+cpu, expected 2.11.0+cu130, which this worker was "
          "built against (pip install torch==2.11.0 --index-url "
          "https://download.pytorch.org/whl/cu130, or set LIBTORCH_ROOT to the torch folder of "
          "2.11.0+cu130)");
}

TEST(FindLibTorch, WhereThereIsNoneEveryPlaceIsNamed) {
  const Folder folder;
  const auto none = find_libtorch({std::nullopt, no_python, folder / "bundle"}, kBuilt);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().what,
              HasSubstr("LIBTORCH_ROOT (not set); the torch package of python3 (none)"));
  EXPECT_THAT(none.error().what, HasSubstr((folder / "bundle/.deps/torch").string()));
  EXPECT_THAT(none.error().what, HasSubstr((folder / ".deps/torch").string()));
}

TEST(FindLibTorch, AVariableThatNamesNoLibTorchIsRefused) {
  const Folder folder;
  wheel(folder / "bundle/.deps/torch", kBuilt);
  const auto none = find_libtorch({(folder / "x").string(), no_python, folder / "bundle"}, kBuilt);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().where, "LIBTORCH_ROOT " + (folder / "x").string());
}

TEST(FindLibTorch, AZipSaysItsVersionInBuildVersion) {
  const Folder folder;
  write(folder / "zip/lib/libtorch.so", "");
  write(folder / "zip/build-version", "2.11.0+cu130\n");
  const auto found =
      find_libtorch({(folder / "zip").string(), no_python, folder / "bundle"}, kBuilt);
  ASSERT_TRUE(found) << to_string(found.error());
  fs::remove(folder / "zip/build-version");
  const auto unknown =
      find_libtorch({(folder / "zip").string(), no_python, folder / "bundle"}, kBuilt);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().what, HasSubstr("found no version"));
}

// Asks the real python3 about a package that is only looked for, not imported.
TEST(PythonTorch, IsFoundWithoutImportingItAndNotInTheWorkingFolder) {
  const Folder folder;
  write(folder / "site/torch/__init__.py", "raise SystemExit('imported')\n");
  write(folder / "work/torch/__init__.py", "");
  const fs::path before = fs::current_path();
  fs::current_path(folder / "work");
  ::setenv("PYTHONPATH", (folder / "site").c_str(), 1);
  EXPECT_EQ(python_torch(), folder / "site/torch");
  ::setenv("PYTHONPATH", (folder / "empty").c_str(), 1);
  EXPECT_NE(python_torch(), folder / "work/torch");
  ::unsetenv("PYTHONPATH");
  fs::current_path(before);
}

TEST(PythonTorch, WithoutAPythonThereIsNone) {
  const Folder folder;
  const std::string before = ::getenv("PATH");
  ::setenv("PATH", (folder / "empty").c_str(), 1);
  EXPECT_EQ(python_torch(), std::nullopt);
  ::setenv("PATH", before.c_str(), 1);
}

TEST(LibraryFolders, ThoseOfThePackagesBesideItFollowItsOwn) {
  const Folder folder;
  const LibTorch torch{wheel(folder / "site/torch", kBuilt), "python3", kBuilt};
  write(folder / "site/nvidia/cudnn/lib/libcudnn.so.9", "");
  write(folder / "site/nvidia/cu13/lib/libcudart.so.13", "");
  write(folder / "site/nvidia/cu13/include/cuda.h", "");
  EXPECT_THAT(library_folders(torch),
              ::testing::ElementsAre(torch.root / "lib", folder / "site/nvidia/cu13/lib",
                                     folder / "site/nvidia/cudnn/lib"));
  // By a link elsewhere too.
  fs::create_directory_symlink(torch.root, folder / "link");
  EXPECT_EQ(library_folders({folder / "link", "LIBTORCH_ROOT", kBuilt}).size(), 3u);
}

TEST(LibraryPath, StandsInFrontOfWhatIsSet) {
  EXPECT_EQ(library_path({"/a b/lib", "/c"}, std::nullopt), "/a b/lib:/c");
  EXPECT_EQ(library_path({"/a"}, "/x:/y"), "/a:/x:/y");
}

TEST(LibraryPath, AFolderThatTheDynamicLinkerWouldSplitIsRefused) {
  const auto path = library_path({"/a:b/lib"}, std::nullopt);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().where, "/a:b/lib");
}

}  // namespace
}  // namespace firesweep
