// Where the programs of a run of chaos are, and how they reach each other.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/chaos.h"
#include "tests/e2e/process.h"

namespace firesweep::e2e {

// Programs write their output into the run's folder. Not thread-safe.
class ChaosGround {
 public:
  virtual ~ChaosGround() = default;

  // An address for a coordinator to listen at; another one each time, where others take ports.
  virtual std::string address() = 0;
  // `words` say all but where it listens.
  virtual Process coordinator(const std::string& address, std::vector<std::string> words) = 0;
  // A client of a coordinator that listens at `address`, beside it.
  virtual Process client(const std::string& address, std::vector<std::string> words) = 0;
  // Whatever has to be done before workers are let in; what went wrong, or nothing.
  virtual std::string let_in(const std::string& address) = 0;
  // `words` say all but where the coordinator is and where checkpoints are kept.
  virtual Process worker(std::size_t supervisor, const std::string& address,
                         std::vector<std::string> words) = 0;

  // From now on the network is bad, and is it no more.
  virtual void trouble() {}
  virtual void calm() {}
  // A line about what the network did; empty where there is none.
  virtual std::string figures() const { return {}; }
};

// Everything on this host, with one folder for all workers' checkpoints.
std::unique_ptr<ChaosGround> one_host(const ChaosOptions& options,
                                      const std::filesystem::path& folder,
                                      const std::filesystem::path& checkpoints);

// The coordinator on one host and the workers on two others, which join by the pasted line and
// reach it through a relay alone. Null where this machine allows no such hosts; `why` then says so.
std::unique_ptr<ChaosGround> three_hosts(const ChaosOptions& options,
                                         const std::filesystem::path& folder,
                                         const std::filesystem::path& checkpoints,
                                         std::string& why);

}  // namespace firesweep::e2e
