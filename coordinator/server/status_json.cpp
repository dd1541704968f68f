#include "coordinator/server/status_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "coordinator/server/bad_peers.h"
#include "coordinator/server/coordinator_state.h"

namespace firesweep {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json rung_json(const RungOverview& rung) {
  Json trials = Json::array();
  for (const TrialAtRung& one : rung.trials) {
    trials.push_back({{"trial", to_string(one.trial)},
                      {"score", one.score},
                      {"rank", one.rank},
                      {"of", one.of}});
  }
  return {{"epoch", rung.epoch},
          {"waiting", rung.waiting},
          {"ready", rung.ready},
          {"trials", std::move(trials)}};
}

Json sweep_json(const SweepOverview& sweep) {
  const TrialCounts& trials = sweep.trials;
  return {{"sweep", sweep.sweep.value},
          {"name", sweep.name},
          {"state", std::string(to_string(sweep.state))},
          {"total", trials.total},
          {"waiting", trials.waiting},
          {"at_rung", at_rungs(sweep)},
          {"rungs", rungs_json(sweep)},
          {"assigned", trials.assigned},
          {"running", trials.running},
          {"stopping", trials.stopping},
          {"complete", trials.complete},
          {"reused", trials.reused},
          {"pruned", trials.pruned},
          {"failed", trials.failed},
          {"cancelled", trials.cancelled},
          {"done_share", sweep.done_share},
          {"seconds_left", or_null(sweep.seconds_left)},
          {"idle_seconds", sweep.idle_seconds},
          {"best_trial", sweep.best_trial ? Json(to_string(*sweep.best_trial)) : Json(nullptr)},
          {"best_accuracy", or_null(sweep.best_accuracy)},
          {"blocked", sweep.blocked},
          {"broken", sweep.broken}};
}

Json worker_json(const WorkerOverview& worker) {
  return {{"worker", worker.shown},
          {"device", worker.device},
          {"state", worker.state},
          {"trial", worker.trial ? Json(to_string(worker.trial->trial)) : Json(nullptr)},
          {"config", worker.label},
          {"epoch", worker.live.epoch},
          {"epochs", worker.live.epochs},
          {"batch", worker.live.batch},
          {"batches", worker.live.batches},
          {"images_per_s", worker.live.images_per_s},
          {"loss", worker.live.loss},
          {"accuracy", worker.live.accuracy},
          {"seconds_left", or_null(worker.seconds_left)},
          {"trials_done", worker.trials_done},
          {"silent_s", worker.silent_s},
          {"present_s", worker.attended.present_s},
          {"trained_s", worker.attended.trained_s}};
}

Json bad_peer_json(const BadPeer& peer) {
  return {{"sender", peer.sender},
          {"refused", peer.refused},
          {"ignored", peer.ignored},
          {"silenced", peer.silenced}};
}

}  // namespace

Json rungs_json(const SweepOverview& sweep) {
  Json rungs = Json::array();
  for (const RungOverview& rung : sweep.rungs) rungs.push_back(rung_json(rung));
  return rungs;
}

std::string status_json(const Overview& overview, const Counters& counters,
                        std::span<const BadPeer> bad_peers, std::int64_t wal_bytes,
                        const std::string& endpoint) {
  Json sweeps = Json::array();
  for (const SweepOverview& sweep : overview.sweeps) sweeps.push_back(sweep_json(sweep));
  Json workers = Json::array();
  for (const WorkerOverview& worker : overview.workers) workers.push_back(worker_json(worker));
  Json bad = Json::array();
  for (const BadPeer& peer : bad_peers.first(std::min(bad_peers.size(), kMostBadPeersShown))) {
    bad.push_back(bad_peer_json(peer));
  }
  const Json status = {{"coordinator",
                        {{"endpoint", endpoint},
                         {"frames", counters.frames},
                         {"malformed", counters.malformed},
                         {"ignored", counters.ignored},
                         {"commits", counters.commits},
                         {"records", counters.records},
                         {"failed_commits", counters.failed_commits},
                         {"quarantined_events", counters.quarantined_events},
                         {"wal_bytes", wal_bytes},
                         {"trouble", overview.trouble}}},
                       {"sweeps", std::move(sweeps)},
                       {"workers", std::move(workers)},
                       {"bad_peers", std::move(bad)},
                       {"workers_gone",
                        {{"workers", overview.workers_gone},
                         {"present_s", overview.attended_by_gone.present_s},
                         {"trained_s", overview.attended_by_gone.trained_s}}}};
  return status.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace firesweep
