// A coordinator with a real database in a folder of its own, on a thread of this process, and a
// client's connection to it.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "coordinator/server/coordinator.h"
#include "shared/transport/client.h"
#include "shared/wire/codec.h"

namespace firesweep::bench {

class Folder {
 public:
  Folder();  // throws if none can be made
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class OwnCoordinator {
 public:
  OwnCoordinator();
  ~OwnCoordinator();
  OwnCoordinator(const OwnCoordinator&) = delete;
  OwnCoordinator& operator=(const OwnCoordinator&) = delete;
  const std::string& endpoint() const { return endpoint_; }

 private:
  Folder folder_;
  std::optional<Coordinator> coordinator_;
  std::string endpoint_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(const std::string& endpoint)
      : connection_(ClientConnection::open(endpoint).value()) {}

  // Milliseconds from the request to its answer; throws if it is an error.
  double ask(const ClientRequest& request);

 private:
  ClientConnection connection_;
};

// The file, with the architecture v3 of this repository.
request::Submit submission(const std::string& text);

// A worker that runs simulated trials.
Hello hello(const std::string& name);

}  // namespace firesweep::bench
