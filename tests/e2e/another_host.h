// A network namespace joined to this one by a cable of its own: another host, as far as sockets can
// tell. Needs root and the kernel's leave; a test that cannot have one says so and skips. Of
// several hosts none reaches another.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace firesweep::e2e {

class AnotherHost {
 public:
  // Why there is none here; nothing where it was made. To be asked once, before anything else.
  std::optional<std::string> make();
  ~AnotherHost();

  // This side's address as the other host reaches it.
  const std::string& here() const { return here_; }
  // The other host's address as this side reaches it.
  const std::string& address() const { return address_; }
  // A command that runs there: program and arguments.
  std::vector<std::string> words_to_run(const std::string& command) const;
  // Runs on a thread that is there; sockets made in it belong to the other host.
  void there(const std::function<void()>& work) const;
  // Pulls the cable, and plugs it in again.
  void pull() const;
  void plug() const;

 private:
  std::string name_;
  std::string cable_;
  std::string here_;
  std::string address_;
  bool made_ = false;
};

}  // namespace firesweep::e2e
