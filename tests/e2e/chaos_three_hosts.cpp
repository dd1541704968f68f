#include <array>
#include <optional>

#include "shared/base/shell.h"
#include "tests/e2e/another_host.h"
#include "tests/e2e/another_user.h"
#include "tests/e2e/chaos_ground.h"
#include "tests/e2e/relay.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::size_t kWorkerHosts = 2;
constexpr int kPort = 5555;  // a host of one's own has every port; checkpoints take the next one
constexpr int kTimes = 3;    // as long as the sweep takes alone: to its end, when no trial waits
constexpr double kTroublesPerSecond = 1;
constexpr const char* kIp = "/sbin/ip";

std::string tcp(const std::string& host, int port) {
  return "tcp://" + host + ":" + std::to_string(port);
}

class ThreeHosts final : public ChaosGround {
 public:
  ThreeHosts(const ChaosOptions& options, fs::path folder, fs::path checkpoints)
      : options_(options), folder_(std::move(folder)), checkpoints_(std::move(checkpoints)) {}

  std::optional<std::string> make() {
    if (auto why = head_.make()) return why;
    std::vector<Relay::Way> ways;
    for (AnotherHost& host : hosts_) {
      if (auto why = host.make()) return why;
      for (const int port : {kPort, kPort + 1})
        ways.push_back({tcp(host.here(), port), tcp(head_.address(), port)});
    }
    relay_.emplace(ways, options_.lease);
    return std::nullopt;
  }

  std::string address() override { return tcp("*", kPort); }

  Process coordinator(const std::string& address, std::vector<std::string> words) override {
    words.insert(words.begin(), "firesweep");
    words.insert(words.end(), {"--listen", address});
    return on(head_, shell_command(words));
  }

  Process client(const std::string&, std::vector<std::string> words) override {
    words.insert(words.begin(), "firesweep");
    words.insert(words.end(), {"--coordinator", tcp("127.0.0.1", kPort)});
    return on(head_, shell_command(words));
  }

  // One line for each host; it is pasted again whenever a worker is started there.
  std::string let_in(const std::string&) override {
    for (std::size_t i = 0; i < kWorkerHosts; ++i) {
      Process invites = on(head_, shell_command({"firesweep", "keys", "invite", "--coordinator",
                                                 relay_->address(2 * i)}));
      if (invites.wait() != 0) return invites.err();
      lines_[i] = invites.out().substr(0, invites.out().find('\n'));
    }
    return {};
  }

  Process worker(std::size_t supervisor, const std::string&,
                 std::vector<std::string> words) override {
    const std::size_t host = supervisor % kWorkerHosts;
    const std::string name = "host-" + std::to_string(host);
    words.insert(words.end(), {"--checkpoint-dir", (checkpoints_ / name).string()});
    const AnotherUser user(folder_ / name);
    return on(hosts_[host], lines_[host] + " " + shell_command(words));
  }

  void trouble() override {
    RelayScript script;
    script.seed = options_.seed;
    script.hosts = kWorkerHosts;
    script.troubles = static_cast<int>(kTimes * options_.seconds * kTroublesPerSecond);
    script.length = milliseconds(static_cast<std::int64_t>(1000 * kTimes * options_.seconds));
    script.lease = options_.lease;
    relay_->trouble(relay_script(script));
  }
  void calm() override { relay_->calm(); }
  std::string figures() const override { return relay_->figures().text(); }

 private:
  Process on(const AnotherHost& host, const std::string& command) const {
    const std::string path = "PATH=" + shell_quoted(program_dir().string()) + ":$PATH ";
    return Process(kIp, host.words_to_run("env " + path + command), folder_);
  }

  const ChaosOptions options_;
  const fs::path folder_, checkpoints_;
  AnotherHost head_;
  std::array<AnotherHost, kWorkerHosts> hosts_;
  std::array<std::string, kWorkerHosts> lines_;
  std::optional<Relay> relay_;
};

}  // namespace

std::unique_ptr<ChaosGround> three_hosts(const ChaosOptions& options, const fs::path& folder,
                                         const fs::path& checkpoints, std::string& why) {
  auto hosts = std::make_unique<ThreeHosts>(options, folder, checkpoints);
  const auto refused = hosts->make();
  if (!refused) return hosts;
  why = *refused;
  return nullptr;
}

}  // namespace firesweep::e2e
