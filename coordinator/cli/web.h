// The option --http of the verbs that run a coordinator, and what it starts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "coordinator/cli/options.h"
#include "coordinator/server/published_state.h"
#include "coordinator/web/http_server.h"
#include "shared/base/error.h"

namespace firesweep {

void add_http_option(boost::program_options::options_description& options);

// A coordinator's pages on HTTP. Not thread-safe.
class Web {
 public:
  // Begins to answer at `listen`; without it, does nothing. Errors: those of HttpServer::start.
  static Result<Web> start(const std::optional<std::string>& listen);

  // Where a coordinator publishes its state; null without an address.
  PublishedState* state() { return state_.get(); }
  // What people are told: where the pages are, and who may read them. Empty without an address.
  std::string told() const;

 private:
  std::unique_ptr<PublishedState> state_;
  std::unique_ptr<HttpServer> server_;  // reads the state
};

}  // namespace firesweep
