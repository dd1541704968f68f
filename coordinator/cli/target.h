// The target of a client verb: a database file or a coordinator.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "coordinator/cli/options.h"
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

// Asks a coordinator. kUnavailable names the endpoint; an error of the coordinator is returned as
// it is.
Result<std::string> ask(const std::string& coordinator, const ClientRequest& request);

// Sends a control request to the target's coordinator, or to the process that owns the target's
// database. If no process owns it, this process takes the lock, applies the request and releases
// the lock. A database that does not exist is created only for Submit; otherwise kNotFound.
Result<std::string> control(const Target& target, const ClientRequest& request);

// Renders a report from the target.
Result<std::string> query(const Target& target, const request::Query& query);

}  // namespace firesweep
