// Users of one machine, each with a folder of keys as if on a host of their own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "shared/transport/key_files.h"
#include "tests/e2e/another_user.h"
#include "tests/e2e/own_folder.h"

namespace firesweep::e2e {

inline std::vector<std::string> words_of(const std::string& line) {
  std::istringstream words(line);
  return {std::istream_iterator<std::string>(words), {}};
}

// A coordinator with keys, and others whom it knows or not.
class WithKeys : public OwnFolder {
 protected:
  WithKeys() { ::setenv("XDG_CONFIG_HOME", config_home().c_str(), /*overwrite=*/1); }
  Process serve(std::vector<std::string> more = {}, const std::string& lease = "1") {
    std::vector<std::string> words{"serve",   "--listen", "tcp://127.0.0.1:*", "--heartbeat", "0.2",
                                   "--lease", lease};
    words.insert(words.end(), more.begin(), more.end());
    return Process("firesweep", words, folder_.path());
  }
  // The command to paste.
  std::string invite(const std::string& role, const std::string& expires = "1h") {
    const Finished invited = firesweep(
        {"keys", "invite", "--role", role, "--expires", expires, "--coordinator", endpoint_});
    EXPECT_EQ(invited.code, 0) << invited.err;
    EXPECT_EQ(std::count(invited.out.begin(), invited.out.end(), '\n'), 1) << invited.out;
    return invited.out;
  }
  // Pastes a command as the user whose configuration lies in `home`.
  Finished paste(const std::string& line, const std::filesystem::path& home) {
    const AnotherUser user(home);
    std::vector<std::string> words = words_of(line);
    EXPECT_EQ(words.at(0), "firesweep");
    return run("firesweep", {words.begin() + 1, words.end()}, folder_.path());
  }
  Process worker_by(const std::string& line, const std::filesystem::path& home) {
    const AnotherUser user(home);
    std::vector<std::string> words = words_of(line);
    EXPECT_EQ(words.at(0), "firesweep-worker");
    words.insert(words.end(), {"--slots", "1", "--checkpoint-dir", (home / "disk").string()});
    return Process("firesweep-worker", {words.begin() + 1, words.end()}, folder_.path());
  }
  Finished as(const std::filesystem::path& home, std::vector<std::string> words) {
    const AnotherUser user(home);
    words.insert(words.end(), {"--coordinator", endpoint_});
    return run("firesweep", std::move(words), folder_.path());
  }
  CallerKeys keys_of(const std::filesystem::path& home) {
    const AnotherUser user(home);
    return keys_to(endpoint_).value().value();
  }
  PublicKey coordinator_key() {
    return read_or_make_key(std::filesystem::path(config_home()) / "firesweep" /
                            kCoordinatorKeyFile)
        ->public_key;
  }
  std::int64_t frames() {
    const Finished status = firesweep({"status", "-f", "json", "--coordinator", endpoint_});
    return nlohmann::json::parse(status.out).at("coordinator").at("frames").get<std::int64_t>();
  }
  // Everything that strangers could change.
  std::string state() {
    return firesweep({"list", "-f", "json", "--coordinator", endpoint_}).out +
           firesweep({"list", "1", "-f", "json", "--coordinator", endpoint_}).out +
           ask(database_, "SELECT count(*) || ' ' || (SELECT count(*) FROM workers) FROM attempts");
  }
  bool becomes(const std::string& sql, const std::string& value) {
    return eventually([&] { return ask(database_, sql) == value; });
  }

  std::string endpoint_;
};

}  // namespace firesweep::e2e
