// Keys, their files, and who may read those.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "shared/transport/curve_keys.h"
#include "shared/transport/joining.h"
#include "shared/transport/key_files.h"
#include "shared/transport/private_file.h"
#include "tests/shared/transport/folder.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

int mode_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 07777) : -1;
}

TEST(CurveKeys, APublicKeyBelongsToItsSecret) {
  const KeyPair pair = make_key_pair();
  EXPECT_EQ(public_key_of(pair.secret), pair.public_key);
  EXPECT_NE(make_key_pair(), pair);
}

TEST(CurveKeys, TextReadsBackAndNothingElseDoes) {
  const PublicKey key = make_key_pair().public_key;
  const std::string text = to_string(key);
  EXPECT_EQ(text.size(), 64U);
  EXPECT_EQ(parse_public_key(text), key);
  for (const std::string& wrong : {std::string(), text.substr(1), text + "0", "g" + text.substr(1),
                                   "A" + text.substr(1), std::string(64, '\0')}) {
    EXPECT_FALSE(parse_public_key(wrong)) << wrong;
  }
}

TEST(CurveKeys, SessionsOfDifferentKeysBeginDifferently) {
  std::set<std::uint64_t> marks;
  for (int i = 0; i < 100; ++i) marks.insert(session_mark(make_key_pair().public_key));
  EXPECT_EQ(marks.size(), 100U);
}

TEST(Invitation, ReadsBackAndNeedsNoQuotes) {
  const Invitation invitation{make_key_pair().public_key,
                              std::string("\0\xff'\"$ &!\n\\#ab\r\x7f", 16)};
  const std::string text = to_string(invitation);
  EXPECT_EQ(text.find_first_not_of("0123456789abcdef-"), std::string::npos);
  const auto read = parse_invitation(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->coordinator, invitation.coordinator);
  EXPECT_EQ(read->token, invitation.token);
  for (const std::string& wrong : {std::string(), text + "0", text.substr(1), text.substr(0, 64),
                                   text.substr(0, 65), text + "-00"}) {
    EXPECT_FALSE(parse_invitation(wrong)) << wrong;
  }
}

TEST(ConfigurationFolder, IsOfXdgThenOfHome) {
  EXPECT_EQ(configuration_folder("/x", "/h").value(), "/x/firesweep");
  EXPECT_EQ(configuration_folder("", "/h").value(), "/h/.config/firesweep");
  EXPECT_EQ(configuration_folder("relative", "/h").value(), "/h/.config/firesweep");
  EXPECT_EQ(configuration_folder(nullptr, "/h").value(), "/h/.config/firesweep");
  EXPECT_EQ(configuration_folder(nullptr, nullptr).error().code, ErrorCode::kNotFound);
}

TEST(KeyFile, IsMadeOnceForItsUserAlone) {
  const Folder folder;
  const fs::path file = folder.file("a/b/firesweep/own.key");
  const auto first = read_or_make_key(file);
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_EQ(mode_of(file), 0600);
  EXPECT_EQ(mode_of(file.parent_path()), 0700);
  EXPECT_EQ(read_or_make_key(file).value(), *first);
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), {}), 1) << "parts are left";
}

TEST(KeyFile, ThatOthersCanReadIsRefused) {
  const Folder folder;
  const fs::path file = folder.file("firesweep/own.key");
  ASSERT_TRUE(read_or_make_key(file));
  for (const int mode : {0644, 0640, 0604, 0602, 0660, 0610}) {
    fs::permissions(file, fs::perms(mode));
    const auto refused = read_or_make_key(file);
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(refused.error().where, file.string());
    EXPECT_NE(refused.error().hint.find("chmod 600"), std::string::npos);
  }
  fs::permissions(file, fs::perms(0400));
  EXPECT_TRUE(read_or_make_key(file));
}

TEST(KeyFile, InAFolderThatOthersCanChangeIsNotMade) {
  const Folder folder;
  fs::create_directory(folder.file("firesweep"));
  for (const int mode : {0777, 0770, 0702}) {
    fs::permissions(folder.file("firesweep"), fs::perms(mode));
    const auto refused = read_or_make_key(folder.file("firesweep/own.key"));
    ASSERT_FALSE(refused) << mode;
    EXPECT_NE(refused.error().hint.find("chmod 700"), std::string::npos);
  }
}

TEST(KeyFile, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const Folder folder;
  const fs::path file = folder.file("firesweep/own.key");
  ASSERT_TRUE(read_or_make_key(file));
  ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
  EXPECT_EQ(read_or_make_key(file).error().code, ErrorCode::kBadInput);
}

TEST(KeyFile, ADamagedOneIsRefusedAndKept) {
  const Folder folder;
  const fs::path file = folder.file("firesweep/own.key");
  ASSERT_TRUE(read_or_make_key(file));
  std::ifstream in(file);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  std::string other_secret = whole;
  other_secret[whole.find("secret ") + 7] ^= 1;
  for (const std::string& damaged :
       {std::string(), whole.substr(0, 40), whole + "x", std::string("hello\n"), other_secret}) {
    std::ofstream(file) << damaged;
    const auto refused = read_or_make_key(file);
    ASSERT_FALSE(refused) << damaged;
    EXPECT_NE(refused.error().what.find("damaged"), std::string::npos);
    EXPECT_EQ(refused.error().what.find("secret 0"), std::string::npos);
    EXPECT_EQ(fs::file_size(file), damaged.size());
  }
}

TEST(KeyFile, AFolderInItsPlaceIsRefused) {
  const Folder folder;
  fs::create_directories(folder.file("firesweep/own.key"));
  EXPECT_EQ(read_or_make_key(folder.file("firesweep/own.key")).error().code, ErrorCode::kBadInput);
}

// Processes, not threads alone: each with its own umask and its own luck.
TEST(KeyFile, ProcessesThatRaceMakeOneKey) {
  for (int round = 0; round < 20; ++round) {
    const Folder folder;
    const fs::path file = folder.file("firesweep/own.key");
    int go[2];
    ASSERT_EQ(::pipe(go), 0);
    std::vector<pid_t> racers;
    for (int i = 0; i < 6; ++i) {
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        ::close(go[1]);
        char byte = 0;
        static_cast<void>(::read(go[0], &byte, 1));  // until everybody is there
        const auto key = read_or_make_key(file);
        std::ofstream(folder.file("seen." + std::to_string(i)))
            << (key ? to_string(key->public_key) : to_string(key.error()));
        ::_exit(0);
      }
      racers.push_back(child);
    }
    ::close(go[0]);
    ::close(go[1]);
    for (const pid_t racer : racers) ::waitpid(racer, nullptr, 0);
    const std::string key = to_string(read_or_make_key(file)->public_key);
    for (int i = 0; i < 6; ++i) {
      std::string seen;
      std::getline(std::ifstream(folder.file("seen." + std::to_string(i))), seen);
      EXPECT_EQ(seen, key);
    }
  }
}

TEST(ChangePrivate, ChangesAtOnceAreAllKept) {
  const Folder folder;
  const fs::path file = folder.file("firesweep/list");
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&file] {
      for (int j = 0; j < 10; ++j) {
        EXPECT_TRUE(change_private(
            file, [](const std::optional<std::string>& before) -> Result<std::string> {
              return before.value_or("") + "x";
            }));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(read_private(file)->value(), std::string(80, 'x'));
  EXPECT_EQ(mode_of(file), 0600);
}

TEST(ChangePrivate, AnErrorLeavesTheFileAsItIs) {
  const Folder folder;
  const fs::path file = folder.file("firesweep/list");
  ASSERT_TRUE(create_private(file, "before").value());
  EXPECT_FALSE(create_private(file, "other").value());
  EXPECT_FALSE(change_private(file, [](const auto&) -> Result<std::string> {
    return fail(ErrorCode::kBadInput, "", "no");
  }));
  EXPECT_EQ(read_private(file)->value(), "before");
}

TEST(KnownCoordinators, AreRememberedByTheirAddress) {
  const Folder folder;
  const fs::path config = folder.file("firesweep");
  const PublicKey one = make_key_pair().public_key, other = make_key_pair().public_key;
  EXPECT_EQ(known_coordinator(config, "tcp://a:1").value(), std::nullopt);
  ASSERT_TRUE(remember_coordinator(config, "tcp://a:1", one));
  ASSERT_TRUE(remember_coordinator(config, "tcp://b:1", one));
  ASSERT_TRUE(remember_coordinator(config, "tcp://a:1", other));
  EXPECT_EQ(known_coordinator(config, "tcp://a:1").value(), other);
  EXPECT_EQ(known_coordinator(config, "tcp://b:1").value(), one);
  EXPECT_EQ(known_coordinator(config, "tcp://a:2").value(), std::nullopt);
  std::ofstream(config / kCoordinatorsFile, std::ios::app) << "tcp://c:1 nonsense\n";
  const auto broken = known_coordinator(config, "tcp://a:1");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().where.find(":4"), std::string::npos) << broken.error().where;
}

}  // namespace
}  // namespace firesweep
