#include "coordinator/web/pages.h"

#include <memory>
#include <string>
#include <utility>

#include "coordinator/web/exposition.h"
#include "coordinator/web/metrics.h"

namespace firesweep {
namespace {

constexpr int kUnavailable = 503;

HttpResponse well() { return {.body = "ok\n"}; }

HttpResponse unavailable(const std::string& why) {
  return {.status = kUnavailable, .body = why + "\n"};
}

// One text for each state, however often it is asked for.
class MetricsPage {
 public:
  explicit MetricsPage(const PublishedState& state) : state_(state) {}

  HttpResponse operator()() {
    const auto newest = state_.newest();
    if (!newest) return unavailable("the coordinator is starting");
    if (newest != written_) {
      text_ = metrics_text(*newest);
      written_ = newest;
    }
    return {200, kExpositionType, text_};
  }

 private:
  const PublishedState& state_;
  std::shared_ptr<const CoordinatorState> written_;
  std::string text_;
};

// Why the process should be started again; empty if it should not. A start may take its time.
std::string stuck(const PublishedState& state, Duration now) {
  const auto turn = state.last_turn();
  if (!turn || now - *turn <= kLongestTurn) return {};
  const auto silent = std::chrono::duration_cast<std::chrono::seconds>(now - *turn);
  return "the coordinator's loop has not turned for " + std::to_string(silent.count()) + " s";
}

// Why the coordinator serves nobody now; empty if it does.
std::string not_ready(const PublishedState& state, Duration now) {
  const auto newest = state.newest();
  if (!newest) return "the coordinator is starting";
  if (std::string why = stuck(state, now); !why.empty()) return why;
  if (newest->draining) return "the coordinator is draining";
  if (!newest->overview.trouble.empty()) return "waiting: " + newest->overview.trouble;
  return {};
}

}  // namespace

HttpRoutes coordinator_pages(const PublishedState& state, std::function<Duration()> steady_now) {
  const auto judged = [&state, now = std::move(steady_now)](
                          std::string (*why_not)(const PublishedState&, Duration)) {
    return [&state, now, why_not] {
      const std::string why = why_not(state, now());
      return why.empty() ? well() : unavailable(why);
    };
  };
  return {{"/metrics", MetricsPage(state)},
          {"/healthz", judged(stuck)},
          {"/readyz", judged(not_ready)}};
}

}  // namespace firesweep
