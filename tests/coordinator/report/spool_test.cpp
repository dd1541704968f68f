#include "coordinator/report/spool.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

namespace firesweep {
namespace {

std::string copy_of(const Spool& spool) {
  std::ostringstream out;
  spool.copy_to(out);
  return out.str();
}

TEST(Spool, KeepsTheOrderAlsoBeyondItsMemory) {
  Spool spool(10);
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    const std::string part = std::to_string(i) + "\n";
    spool.add(part);
    all += part;
  }
  EXPECT_EQ(spool.text(), all);
  EXPECT_EQ(copy_of(spool), all);
  Spool moved = std::move(spool);
  EXPECT_EQ(copy_of(moved), all);
  moved.clear();
  EXPECT_EQ(moved.text(), "");
  moved.add("again");
  EXPECT_EQ(copy_of(moved), "again");
}

TEST(Spool, AnUnusableFolderForTemporaryFilesIsNamed) {
  ::setenv("TMPDIR", "/no/such/folder", 1);
  Spool spool(1);
  try {
    spool.add("too long");
    FAIL() << "it had nowhere to write";
  } catch (const std::system_error& failure) {
    EXPECT_NE(std::string(failure.what()).find("/no/such/folder"), std::string::npos)
        << failure.what();
  }
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace firesweep
