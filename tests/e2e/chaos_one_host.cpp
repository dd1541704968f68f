#include "tests/e2e/chaos_ground.h"
#include "tests/simulation/random.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

// Outside the range that outgoing connections take their ports from: while the coordinator is away,
// a worker's connection must not get its port.
constexpr std::int64_t kFirstPort = 20'000, kLastPort = 29'999;

class OneHost final : public ChaosGround {
 public:
  OneHost(std::uint64_t seed, fs::path folder, const fs::path& checkpoints)
      : random_(seed), folder_(std::move(folder)), checkpoints_(checkpoints) {}

  std::string address() override {
    return "tcp://127.0.0.1:" + std::to_string(random_.between(kFirstPort, kLastPort));
  }
  Process coordinator(const std::string& address, std::vector<std::string> words) override {
    words.insert(words.end(), {"--listen", address});
    return Process("firesweep", std::move(words), folder_);
  }
  Process client(const std::string& address, std::vector<std::string> words) override {
    words.insert(words.end(), {"--coordinator", address});
    return Process("firesweep", std::move(words), folder_);
  }
  std::string let_in(const std::string&) override { return {}; }
  Process worker(std::size_t, const std::string& address, std::vector<std::string> words) override {
    words.insert(words.end(),
                 {"--coordinator", address, "--checkpoint-dir", checkpoints_.string()});
    return Process("firesweep-worker", std::move(words), folder_);
  }

 private:
  simulation::Random random_;
  const fs::path folder_, checkpoints_;
};

}  // namespace

std::unique_ptr<ChaosGround> one_host(const ChaosOptions& options, const fs::path& folder,
                                      const fs::path& checkpoints) {
  return std::make_unique<OneHost>(options.seed, folder, checkpoints);
}

}  // namespace firesweep::e2e
