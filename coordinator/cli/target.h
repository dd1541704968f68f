// Where a client verb's data is: a database file, or a coordinator that answers for it.
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

// --db or --coordinator as given (both are refused); else FIRESWEEP_COORDINATOR; else sweeps.db in
// this folder.
Result<Target> target_of(const Parsed& parsed);

// The words that lead another command to the same target; none for sweeps.db in this folder.
std::vector<std::string> words_to(const Target& target);

// Asks a coordinator. kUnavailable names the endpoint.
ClientReply ask(const std::string& coordinator, const ClientRequest& request);

// The answer that belongs to the request; an error where the coordinator gave another.
template <class Answer>
Result<Answer> answer_of(ClientReply reply) {
  if (!reply) return tl::unexpected(std::move(reply.error()));
  if (auto* answer = std::get_if<Answer>(&*reply)) return std::move(*answer);
  return fail(ErrorCode::kBadInput, "coordinator", "it answers another question than was asked",
              "use the same build of firesweep on both sides");
}

// A control verb: a database that does not exist is made for Submit alone, kNotFound for the
// others. Sent to the target's coordinator, or to the process that owns the target's
// database. Where nobody owns it, this process takes the lock, applies the request itself and
// leaves.
ClientReply control(const Target& target, const ClientRequest& request);

// Renders a report from the target; of a database, as run_query of report/query.h.
Result<std::string> query(const Target& target, const request::Query& query);
Result<void> query(const Target& target, const request::Query& query, Spool& out);

}  // namespace firesweep
