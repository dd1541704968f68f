#include "coordinator/cli/web.h"

#include "coordinator/web/pages.h"
#include "shared/base/clock.h"

namespace firesweep {

namespace po = boost::program_options;

void add_http_option(po::options_description& options) {
  options.add_options()(
      "http", po::value<std::string>()->value_name("[ADDR:]PORT"),
      "answer HTTP there: /metrics for Prometheus, /healthz, /readyz. Without ADDR, on this "
      "machine only; port * takes a free port");
}

Result<Web> Web::start(const std::optional<std::string>& listen) {
  Web web;
  if (!listen) return web;
  web.state_ = std::make_unique<PublishedState>();
  auto server = HttpServer::start(
      *listen, coordinator_pages(*web.state_, [] { return system_now().steady; }));
  if (!server) return tl::unexpected(server.error());
  web.server_ = std::move(*server);
  return web;
}

std::string Web::told() const {
  if (!server_) return {};
  return "Metrics: " + server_->url() + "/metrics, /healthz, /readyz" +
         (server_->open_to_others() ? " (anyone who reaches this port can read them)" : "");
}

}  // namespace firesweep
