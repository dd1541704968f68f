// The programs that users run are built with the protections that cmake/toolchain.cmake asks for.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/architecture/elf_file.h"
#include "tests/places.h"

namespace firesweep {
namespace {

using testing::ElfProtections;
using testing::protections_of;

// Functions of the C library that check their buffers, which _FORTIFY_SOURCE puts in.
std::size_t checked_functions(const ElfProtections& program) {
  return static_cast<std::size_t>(std::count_if(
      program.imports.begin(), program.imports.end(),
      [](const std::string& name) { return name.starts_with("__") && name.ends_with("_chk"); }));
}

class Hardening : public ::testing::TestWithParam<const char*> {};

TEST_P(Hardening, TheProgramIsProtected) {
  const ElfProtections found = protections_of(program_dir() / GetParam());
  EXPECT_TRUE(found.position_independent) << "expected a PIE";
  EXPECT_TRUE(found.relro && found.bound_at_start) << "expected full RELRO: -z relro -z now";
  EXPECT_FALSE(found.executable_stack) << "expected -z noexecstack";
  EXPECT_FALSE(found.writable_code) << "a segment can be written and executed";
  EXPECT_FALSE(found.text_relocations) << "code would be changed when it is loaded";
  EXPECT_TRUE(found.imports.contains("__stack_chk_fail")) << "expected -fstack-protector-strong";
  EXPECT_GT(checked_functions(found), 0u) << "expected _FORTIFY_SOURCE";
}

INSTANTIATE_TEST_SUITE_P(Programs, Hardening, ::testing::Values("firesweep", "firesweep-worker"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, '-');
                           return name;
                         });

// Else the test above would say nothing.
TEST(BareProgram, IsSeenToHaveNoProtections) {
  const ElfProtections found =
      protections_of(program_dir().parent_path() / "tests/bin/bare_program");
  EXPECT_FALSE(found.position_independent);
  EXPECT_FALSE(found.relro);
  EXPECT_FALSE(found.bound_at_start);
  EXPECT_TRUE(found.executable_stack);
  EXPECT_FALSE(found.imports.contains("__stack_chk_fail"));
  EXPECT_EQ(checked_functions(found), 0u);
}

}  // namespace
}  // namespace firesweep
