// Real programs under test: started, watched, killed, always reaped.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace firesweep::e2e {

inline constexpr std::chrono::seconds kPatience{60};

// A folder of this test alone, removed at its end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Where the programs under test keep their keys: one user's, of this process. Where a test sets
// XDG_CONFIG_HOME they are another's.
std::string config_home();

// One child in a process group of its own, its standard output and error in files; killed with its
// group on destruction.
class Process {
 public:
  // `program` is a name in the build's bin folder.
  Process(const std::string& program, std::vector<std::string> arguments,
          const std::filesystem::path& folder);
  Process(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Exit code, or 128 + signal; fails the test and returns -1 after `patience`.
  int wait(std::chrono::milliseconds patience = kPatience);
  bool running();
  std::string out() const;
  std::string err() const;
  // Waits until standard output holds `text`.
  bool says(const std::string& text, std::chrono::milliseconds patience = kPatience);

 private:
  pid_t pid_ = 0;
  std::optional<int> code_;
  std::filesystem::path out_, err_;
};

struct Finished {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs a program to its end.
Finished run(const std::string& program, std::vector<std::string> arguments,
             const std::filesystem::path& folder);

// Polls until `condition` holds; false after `patience`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds patience = kPatience);

// Processes whose command line holds `text`.
std::vector<pid_t> processes_with(const std::string& text);

// First column of the first row, as text; empty where there is none or the database is only just
// being made. Opens the database read-only.
std::string ask(const std::filesystem::path& database, const std::string& sql);

// Writes a text file and returns its path.
std::string write(const std::filesystem::path& path, const std::string& text);

// A free address of this machine that no other program gets while nobody listens there: its port is
// not of those that outgoing connections and listeners on any port are given.
std::string lasting_address();

// The address a coordinator announces as "… at tcp://127.0.0.1:PORT".
std::string endpoint_of(Process& serve);

}  // namespace firesweep::e2e
