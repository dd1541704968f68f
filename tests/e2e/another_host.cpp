#include "tests/e2e/another_host.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace firesweep::e2e {
namespace {

// Of one process at a time; each has a network of its own, 10.213.x.0 to 10.220.x.0.
constexpr int kMostHosts = 8;
constexpr int kFirstNet = 213;

bool does(const std::string& command) {
  const int status = ::system((command + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void must(const std::string& command) {
  if (!does(command)) throw std::runtime_error(command + " failed");
}

}  // namespace

std::optional<std::string> AnotherHost::make() {
  if (::geteuid() != 0) return "network namespaces need root";
  if (!does("ip netns list")) return "there is no ip(8), of the package iproute2";
  static int made_before = 0;
  const int number = made_before++ % kMostHosts;
  const std::string id = std::to_string(::getpid()) + "-" + std::to_string(number);
  name_ = "firesweep-" + id;
  cable_ = "fs" + id;
  const std::string other = "fp" + id;
  const std::string net =
      "10." + std::to_string(kFirstNet + number) + "." + std::to_string(::getpid() % 250 + 1) + ".";
  here_ = net + "1";
  address_ = net + "2";
  if (!does("ip netns add " + name_)) return "this machine allows no network namespace";
  made_ = true;
  if (!does("ip link add " + cable_ + " type veth peer name " + other)) {
    return "this machine allows no virtual cable between namespaces";
  }
  const std::string in = "ip -n " + name_ + " ";
  if (!does("ip link set " + other + " netns " + name_) ||
      !does("ip addr add " + here_ + "/24 dev " + cable_) ||
      !does("ip link set " + cable_ + " up") ||
      !does(in + "addr add " + address_ + "/24 dev " + other) || !does(in + "link set lo up") ||
      !does(in + "link set " + other + " up")) {
    return "the namespace cannot be joined to this one";
  }
  return std::nullopt;
}

AnotherHost::~AnotherHost() {
  if (!made_) return;
  does("ip link del " + cable_);
  does("ip netns del " + name_);
}

std::vector<std::string> AnotherHost::words_to_run(const std::string& command) const {
  return {"netns", "exec", name_, "sh", "-c", "exec " + command};
}

void AnotherHost::there(const std::function<void()>& work) const {
  std::thread([&] {
    const int fd = ::open(("/run/netns/" + name_).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::setns(fd, CLONE_NEWNET) != 0) throw std::runtime_error("cannot go there");
    ::close(fd);
    work();
  }).join();
}

void AnotherHost::pull() const { must("ip link set " + cable_ + " down"); }
void AnotherHost::plug() const { must("ip link set " + cable_ + " up"); }

}  // namespace firesweep::e2e
