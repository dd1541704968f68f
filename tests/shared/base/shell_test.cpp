#include "shared/base/shell.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(Shell, PlainWordsStayAsTheyAre) {
  for (const char* word : {"sweeps.db", "tcp://127.0.0.1:5555", "--db", "a/b-c_d.json", "1/17"}) {
    EXPECT_EQ(shell_quoted(word), word);
  }
}

TEST(Shell, EverythingElseIsQuoted) {
  EXPECT_EQ(shell_quoted("my sweep (1).json"), "'my sweep (1).json'");
  EXPECT_EQ(shell_quoted("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_quoted("tcp://*:1"), "'tcp://*:1'");
  EXPECT_EQ(shell_quoted("tcp://[::1]:1"), "'tcp://[::1]:1'");
  EXPECT_EQ(shell_quoted("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_quoted("größe"), "'größe'");
  EXPECT_EQ(shell_quoted(""), "''");
}

}  // namespace
}  // namespace firesweep
