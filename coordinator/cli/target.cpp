#include "coordinator/cli/target.h"

#include <cassert>
#include <cstdlib>

#include "coordinator/report/query.h"
#include "coordinator/server/offline.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/store.h"
#include "shared/transport/client.h"
#include "shared/transport/key_files.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::chrono::milliseconds kPatience{5000};

}  // namespace

void add_target_options(po::options_description& options) {
  options.add_options()("db", po::value<std::string>()->value_name("FILE"),
                        "database file (default: sweeps.db in this folder)")(
      "coordinator", po::value<std::string>()->value_name("ADDR"),
      "ask the coordinator at this address instead, as in tcp://127.0.0.1:5555, or "
      "insecure-tcp://HOST:PORT of one that was started with --insecure (env "
      "FIRESWEEP_COORDINATOR)");
}

Result<Target> target_of(const Parsed& parsed) {
  if (parsed.has("db") && parsed.has("coordinator")) {
    return fail(ErrorCode::kBadInput, "--coordinator",
                "found --db as well, expected one of the two");
  }
  if (const auto file = parsed.get<std::string>("db")) return Target{*file, std::nullopt};
  if (parsed.has("coordinator"))
    return Target{std::nullopt, parsed.get<std::string>("coordinator")};
  const char* set = std::getenv("FIRESWEEP_COORDINATOR");
  if (set != nullptr && *set != '\0') return Target{std::nullopt, set};
  return Target{kDefaultDatabase, std::nullopt};
}

std::vector<std::string> words_to(const Target& target) {
  if (target.coordinator) return {"--coordinator", *target.coordinator};
  if (!target.database || *target.database == kDefaultDatabase) return {};
  return {"--db", target.database->string()};
}

ClientReply ask(const std::string& coordinator, const ClientRequest& request) {
  const auto keys = keys_to(coordinator);
  if (!keys) return tl::unexpected(keys.error());
  auto connection = ClientConnection::open(coordinator, *keys);
  if (!connection) return tl::unexpected(connection.error());
  return connection->request(request, kPatience);
}

ClientReply control(const Target& target, const ClientRequest& request) {
  if (target.coordinator) return ask(*target.coordinator, request);
  assert(target.database);
  if (const auto owner = find_owner(*target.database)) {
    if (!owner->address.empty()) return ask(owner->address, request);
  }
  std::error_code ignored;
  if (!std::holds_alternative<request::Submit>(request.body) &&
      !std::filesystem::exists(*target.database, ignored)) {
    return fail(ErrorCode::kNotFound, target.database->string(),
                "no such file; expected a firesweep database",
                "`firesweep run`, `serve` and `submit` make one; --db FILE names another");
  }
  auto store = Store::open(*target.database);
  if (!store) return tl::unexpected(store.error());
  return apply_offline(*store, request);
}

Result<std::string> query(const Target& target, const request::Query& query) {
  Spool whole;
  if (auto read = firesweep::query(target, query, whole); !read)
    return tl::unexpected(std::move(read.error()));
  return whole.text();
}

Result<void> query(const Target& target, const request::Query& query, Spool& out) {
  if (!target.coordinator) {
    assert(target.database);
    return run_query(*target.database, query, out);
  }
  const auto rendered = answer_of<reply::Rendered>(
      ask(*target.coordinator, ClientRequest{kClientProtocolVersion, query}));
  if (!rendered) return tl::unexpected(rendered.error());
  out.add(rendered->text);
  return {};
}

}  // namespace firesweep
