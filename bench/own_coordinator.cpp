#include "bench/own_coordinator.h"

#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "coordinator/server/scheduler_options.h"
#include "shared/domain/fields.h"
#include "tests/places.h"

namespace firesweep::bench {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "firesweep-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

Folder::~Folder() { fs::remove_all(path_); }

OwnCoordinator::OwnCoordinator() {
  auto store = Store::open(folder_ / "sweeps.db");
  auto socket = RouterSocket::bind("ipc://" + (folder_ / "s").string());
  if (!store || !socket) throw std::runtime_error("the coordinator does not start");
  coordinator_.emplace(std::move(*store), std::move(*socket), folder_ / "sweeps.db",
                       default_scheduler_options());
  endpoint_ = coordinator_->endpoint();
  thread_ = std::thread([this] {
    while (!stop_) coordinator_->step(milliseconds(50));
  });
}

OwnCoordinator::~OwnCoordinator() {
  stop_ = true;
  thread_.join();
}

double Client::ask(const ClientRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  const auto reply = connection_.request(request, milliseconds(120'000));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (!reply) throw std::runtime_error(to_string(reply.error()));
  return took.count();
}

request::Submit submission(const std::string& text) {
  const fs::path file = source_dir() / "architectures/v3.json";
  std::ifstream in(file);
  const std::string architecture((std::istreambuf_iterator<char>(in)), {});
  if (architecture.empty()) throw std::runtime_error(file.string() + " cannot be read");
  return {"bench.json", text, {{"v3", architecture}}};
}

Hello hello(const std::string& name) {
  Hello hello;
  hello.name = name;
  hello.capabilities.device = "cpu";
  hello.capabilities.trainers = {"simulated"};
  hello.capabilities.amp_kinds = {"off"};
  hello.capabilities.fields = newer_fields();
  return hello;
}

}  // namespace firesweep::bench
