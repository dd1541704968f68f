// The target of a client verb: a database file or a coordinator.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "coordinator/cli/options.h"
#include "coordinator/report/spool.h"
#include "shared/base/error.h"
#include "shared/wire/messages.h"

namespace firesweep {

inline constexpr const char* kDefaultDatabase = "sweeps.db";

// Exactly one of the two is set.
struct Target {
  std::optional<std::filesystem::path> database;
  std::optional<std::string> coordinator;
};

// Adds --db, --coordinator.
void add_target_options(boost::program_options::options_description& options);

// --db or --coordinator if given (both together are an error); else FIRESWEEP_COORDINATOR; else
// sweeps.db in the working folder.
Result<Target> target_of(const Parsed& parsed);

// The words by which another command uses the same target; none for sweeps.db in the working
// folder.
std::vector<std::string> words_to(const Target& target);

// Asks a coordinator. kUnavailable names the endpoint.
ClientReply ask(const std::string& coordinator, const ClientRequest& request);

// The answer that belongs to the request; an error if the coordinator sent another one.
template <class Answer>
Result<Answer> answer_of(ClientReply reply) {
  if (!reply) return tl::unexpected(std::move(reply.error()));
  if (auto* answer = std::get_if<Answer>(&*reply)) return std::move(*answer);
  return fail(ErrorCode::kBadInput, "coordinator", "it answers another question than was asked",
              "use the same build of firesweep on both sides");
}

// Sends a control request to the target's coordinator, or to the process that owns the target's
// database. If no process owns it, this process takes the lock, applies the request and releases
// the lock. A database that does not exist is created only for Submit; otherwise kNotFound.
ClientReply control(const Target& target, const ClientRequest& request);

// Renders a report from the target; of a database, as run_query of report/query.h.
Result<std::string> query(const Target& target, const request::Query& query);
Result<void> query(const Target& target, const request::Query& query, Spool& out);

}  // namespace firesweep
