#include "tests/architecture/include_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/architecture/source_text.h"
#include "tests/places.h"

namespace firesweep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kTable = R"(
a/base  | | tl/
a/wire  | a/base | zmq.hpp
b/core  | a/base a/wire/messages.h | | pure
b/top   | b/core
c/train | a/base | torch/
system: unistd.h sys/
only c/train: torch/
)";

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

IncludeRules rules_of(std::string_view table) {
  auto rules = IncludeRules::parse(table);
  EXPECT_TRUE(rules) << to_string(rules.error());
  return rules ? *rules : IncludeRules{};
}

// What the rules of kTable say of the files, as text.
std::vector<std::string> said_of(const std::vector<SourceFile>& files) {
  std::vector<std::string> said;
  for (const auto& violation : rules_of(kTable).check(files)) said.push_back(to_string(violation));
  return said;
}

std::vector<std::string> said_of(const std::string& path, const std::string& text) {
  return said_of({{path, text}});
}

TEST(IncludeRules, OwnRoomAndReachableRoomsAreAllowed) {
  EXPECT_THAT(said_of("a/wire/x.cpp", "#include \"a/wire/x.h\"\n#include \"a/base/ids.h\"\n"),
              IsEmpty());
}

TEST(IncludeRules, RoomAccessIsTransitive) {
  EXPECT_THAT(said_of("b/top/x.cpp", "#include \"a/base/ids.h\"\n"), IsEmpty());
}

TEST(IncludeRules, ForbiddenRoomIsNamedWithFileAndLine) {
  EXPECT_THAT(said_of("a/base/x.cpp", "\n#include \"a/wire/x.h\"\n"),
              ElementsAre(HasSubstr(
                  "a/base/x.cpp:2: a/base may not include \"a/wire/x.h\"; it may include a/base")));
}

TEST(IncludeRules, SingleHeaderBringsOnlyItself) {
  EXPECT_THAT(said_of("b/core/x.cpp", "#include \"a/wire/messages.h\"\n"), IsEmpty());
  EXPECT_THAT(said_of("b/core/x.cpp", "#include \"a/wire/frames.h\"\n"),
              ElementsAre(HasSubstr("may not include")));
  EXPECT_THAT(said_of("b/top/x.cpp", "#include \"a/wire/messages.h\"\n"),
              ElementsAre(HasSubstr("may not include")));
}

TEST(IncludeRules, ThirdPartyIsNotPassedOn) {
  EXPECT_THAT(said_of("a/wire/x.cpp", "#include <zmq.hpp>\n"), IsEmpty());
  EXPECT_THAT(said_of("a/wire/x.cpp", "#include <tl/expected.hpp>\n"),
              ElementsAre(HasSubstr("a/wire may not include <tl/expected.hpp>")));
}

TEST(IncludeRules, UnknownHeaderIsRefused) {
  EXPECT_THAT(said_of("a/base/x.cpp", "#include <fancy/new.h>\n"),
              ElementsAre(HasSubstr("no known header")));
  EXPECT_THAT(said_of("a/base/x.cpp", "#include <vector>\n#include <sys/stat.h>\n"), IsEmpty());
}

TEST(IncludeRules, QuotedIncludeMustBeAPathFromTheRoot) {
  EXPECT_THAT(said_of("a/base/x.cpp", "#include \"ids.h\"\n"),
              ElementsAre(HasSubstr("paths from the repository root")));
}

TEST(IncludeRules, GeneratedProtobufHeaderStaysInItsRoom) {
  const std::string text = "#include \"a/base/x.pb.h\"\n";
  EXPECT_THAT(said_of("a/base/x.cpp", text), IsEmpty());
  EXPECT_THAT(said_of("a/wire/x.cpp", text), ElementsAre(HasSubstr("generated for a/base alone")));
}

TEST(IncludeRules, TorchIsRefusedOutsideItsRoom) {
  EXPECT_THAT(said_of("c/train/x.cpp", "#include <torch/torch.h>\n"), IsEmpty());
  EXPECT_THAT(said_of("a/wire/x.cpp", "#include <torch/torch.h>\n"),
              ElementsAre(HasSubstr("may not include")));
}

TEST(IncludeRules, TorchIsRefusedThroughAProjectHeader) {
  const std::string table = std::string(kTable) + "c/run | c/train\n";
  const std::vector<SourceFile> files = {
      {"c/train/tensors.h", "#include <torch/torch.h>\n"},
      {"c/train/model.h", "#include \"c/train/tensors.h\"\n#include \"c/train/model.h\"\n"},
      {"c/train/facade.h", "#include <vector>\n"},
      {"c/run/run.cpp", "#include \"c/train/facade.h\"\n#include \"c/train/model.h\"\n"}};
  const auto violations = rules_of(table).check(files);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(
      to_string(violations[0]),
      "c/run/run.cpp:2: \"c/train/model.h\" brings in <torch/torch.h>, which is only for c/train");
}

TEST(IncludeRules, PureRoomIncludesNeitherThreadsNorFilesNorTheSystem) {
  for (const std::string header :
       {"thread", "fstream", "mutex", "iostream", "filesystem", "unistd.h"}) {
    EXPECT_THAT(said_of("b/core/x.cpp", "#include <" + header + ">\n"),
                ElementsAre(HasSubstr("b/core is pure and may not include <" + header + ">")));
  }
  EXPECT_THAT(said_of("b/core/x.cpp", "#include <chrono>\n#include <random>\n"), IsEmpty());
  EXPECT_THAT(said_of("b/top/x.cpp", "#include <thread>\n"), IsEmpty());
}

TEST(IncludeRules, PureRoomReadsNoClockChanceOrEnvironment) {
  for (const std::string use : {"std::chrono::steady_clock::now()", "system_now()",
                                "std::random_device{}()", "std::getenv(\"HOME\")"}) {
    EXPECT_THAT(said_of("b/core/x.cpp", "\n\nauto x = " + use + ";\n"),
                ElementsAre(HasSubstr("b/core/x.cpp:3: b/core is pure and may not use")))
        << use;
    EXPECT_THAT(said_of("b/top/x.cpp", "auto x = " + use + ";\n"), IsEmpty()) << use;
  }
}

TEST(IncludeRules, CommentsBreakNoRule) {
  EXPECT_THAT(said_of("b/core/x.cpp",
                      "// never steady_clock::now()\n/* getenv\n#include <thread>\n*/\n// #include "
                      "<fstream>\n"),
              IsEmpty());
}

TEST(IncludeRules, FolderOfARoomMayHaveARowOfItsOwn) {
  const auto rules = rules_of(std::string(kTable) + "c/train/kernels | | torch/\n");
  EXPECT_THAT(rules.check({{"c/train/kernels/x.cpp", "#include <torch/torch.h>\n"},
                           {"c/train/x.cpp", "#include \"a/base/ids.h\"\n"}}),
              IsEmpty());
  const auto broken = rules.check({{"c/train/kernels/x.cpp", "#include \"a/base/ids.h\"\n"},
                                   {"c/train/kernels/y.cpp", "#include \"c/train/model.h\"\n"}});
  ASSERT_EQ(broken.size(), 2u);
  EXPECT_THAT(to_string(broken[0]),
              HasSubstr("c/train/kernels/x.cpp:1: c/train/kernels may not include"));
}

TEST(IncludeRules, FileOutsideEveryRoomIsRefused) {
  EXPECT_THAT(said_of("a/new_room/x.cpp", "#include <vector>\n"),
              ElementsAre(HasSubstr("in no room of the table")));
  EXPECT_THAT(said_of("a/based/x.cpp", ""), ElementsAre(HasSubstr("in no room of the table")));
}

TEST(RoomTable, BadLineIsNamed) {
  const auto message = [](std::string_view table) {
    const auto rules = IncludeRules::parse(table);
    return rules ? std::string("accepted") : to_string(rules.error());
  };
  EXPECT_EQ(message("a |\nb | c\nc |\n"), "line 2: no room \"c\" above");
  EXPECT_EQ(message("a | a\n"), "line 1: no room \"a\" above");
  EXPECT_EQ(message("a |\na |\n"), "line 2: room \"a\" is listed twice");
  EXPECT_EQ(message("a | | | impure\n"), "line 1: the note is \"impure\", expected pure");
  EXPECT_EQ(message("a | | | | \n"), "line 1: more than four columns");
  EXPECT_EQ(message("only b: torch/\n"), "line 1: no room \"b\" above");
}

TEST(SourceText, IncludesInCommentsAndLiteralsAreNone) {
  const auto includes = includes_of(
      "#include <a>  // why\n"
      "/* */ #  include \"b/c.h\"\n"
      "const char* text = R\"x(\n#include <d>\n)x\";\n"
      "const char* url = \"https://x\"; /*\n#include <e>\n*/\n"
      "int million = 1'000'000;\n#include <f>\n");
  ASSERT_EQ(includes.size(), 3u);
  EXPECT_EQ(includes[0].header, "a");
  EXPECT_FALSE(includes[0].quoted);
  EXPECT_EQ(includes[1].header, "b/c.h");
  EXPECT_EQ(includes[1].line, 2);
  EXPECT_TRUE(includes[1].quoted);
  EXPECT_EQ(includes[2].header, "f");
  EXPECT_EQ(includes[2].line, 10);
}

class Repository : public ::testing::Test {
 protected:
  const std::filesystem::path root_ = source_dir();
  const IncludeRules rules_ = rules_of(read(root_ / "tests/architecture/rooms.txt"));
};

TEST_F(Repository, EveryIncludeKeepsTheRules) {
  std::vector<SourceFile> files;
  for (const char* part : {"shared", "coordinator", "worker"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_ / part)) {
      const auto& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cpp") continue;
      files.push_back({path.lexically_relative(root_).string(), read(path)});
    }
  }
  ASSERT_GT(files.size(), 10u);
  for (const auto& violation : rules_.check(files)) ADD_FAILURE() << to_string(violation);
}

TEST_F(Repository, TableNamesEveryRoomAndOnlyFoldersThatExist) {
  for (const char* part : {"shared", "coordinator", "worker"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root_ / part)) {
      if (!entry.is_directory()) continue;
      EXPECT_THAT(rules_.rooms(), Contains(entry.path().lexically_relative(root_).string()));
    }
  }
  for (const auto& room : rules_.rooms()) {
    EXPECT_TRUE(std::filesystem::is_directory(root_ / room)) << room;
  }
}

TEST_F(Repository, NothingLeadsFromTheCoordinatorToTheWorkerOrBack) {
  for (const auto& room : rules_.rooms()) {
    for (const auto& reached : rules_.reach_of(room)) {
      EXPECT_FALSE(room.starts_with("coordinator/") && reached.starts_with("worker/"))
          << room << " → " << reached;
      EXPECT_FALSE(room.starts_with("worker/") && reached.starts_with("coordinator/"))
          << room << " → " << reached;
      EXPECT_FALSE(room.starts_with("shared/") && !reached.starts_with("shared/"))
          << room << " → " << reached;
    }
  }
}

}  // namespace
}  // namespace firesweep
