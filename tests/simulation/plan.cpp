#include "tests/simulation/plan.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "shared/codec/architecture_codec.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/methods.h"
#include "tests/simulation/random.h"

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSmall =
    R"({"format": 1, "name": "small", "input": [3, 32, 32],
        "blocks": ["global_avg_pool", {"linear": "classes"}]})";
constexpr const char* kWide =
    R"({"format": 1, "name": "wide", "input": [3, 32, 32],
        "blocks": [{"max_pool": 4}, "flatten", {"linear": "classes"}]})";

constexpr Duration kLongestWork = seconds(60);  // of all trials on all workers, undisturbed
constexpr std::int64_t kTornDiskEvery = 20;
constexpr double kThemes = 0.2;                                    // share of the seeds
constexpr double kShareOfCalamities = 0.35, kShareInThemes = 0.1;  // of the kinds there are
constexpr double kSearches = 0.2;                                  // share of the sweeps
constexpr double kReuses = 0.5;                                    // of second sweeps
constexpr double kOtherDataset = 0.1;                              // of second sweeps; they reuse
constexpr double kRaces = 0.4;                                     // of those with enough seeds
constexpr double kLonger = 0.6;                                    // of those without a theme
constexpr double kConstant = 0.75;                                 // of these
constexpr double kCooldowns = 0.5;                                 // of these again
constexpr std::int64_t kLongerRates = 2;                           // values of lr
constexpr double kRestores = 0.25;                                 // share of the seeds
constexpr double kPromotions = 0.5;                                // share of the ashas
constexpr double kTwoPhases = 0.4;                                 // share of the promotions
constexpr Duration kRelayEpoch = seconds(2);
constexpr std::int64_t kRelayEpochs = 3;
constexpr std::int64_t kRelayTrials = 10;
constexpr std::int64_t kLosesDownward = 4, kHoldsBoth = 3;  // of the variants of a cut

constexpr const char* kRange =
    R"("lr": {"distribution": "log_uniform_values", "min": 0.001, "max": 0.1})";

std::string list(const std::string& name, std::int64_t count, double first, double step) {
  std::string text = "\"" + name + "\": {\"values\": [";
  for (std::int64_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(first + step * static_cast<double>(i));
  }
  return text + "]}";
}

// 10 to 60, mostly few: small worlds find as much, and sooner.
std::int64_t trials_wanted(Random& random) {
  const double part = random.unit();
  return 10 + static_cast<std::int64_t>(part * part * part * 51);
}

// Of a sweep whose method learns; of any other, none.
std::string method_of(Random random) {
  if (!random.chance(kSearches)) return {};
  return std::string(random.one_of<std::string_view>({"tpe", "evolution", "nsga2", "gp"}));
}

// Of few epochs: each of the types that compare, and one that does not.
std::string termination_text(Random& random) {
  return R"(, "early_terminate": {"min_iter": 1, "type": )" +
         random.one_of<std::string>({R"("asha", "eta": 2)", R"("asha", "eta": 2, "group_by": [])",
                                     R"("asha", "eta": 3)", R"("hyperband", "eta": 2)",
                                     R"("median", "min_others": 2)",
                                     R"("threshold", "at_least": 0.3)"}) +
         "}";
}

// Of a sweep with so many seeds. The level is high: its scores are drawn evenly, so that no point
// is better than another for long.
std::string racing_text(Random random, std::int64_t seeds) {
  if (seeds < 3 || !random.chance(kRaces)) return {};
  return R"(, "racing": {"top": )" + std::to_string(random.between(1, 2)) + R"(, "level": 0.5})";
}

// What distinguishes a file that extends a sweep from the sweep's own.
struct Form {
  std::int64_t more = 0;      // values of lr
  bool constant = false;      // the schedule; in the sweep's own file, too
  std::int64_t epochs = 0;    // more of them, for few values of lr
  std::int64_t cooldown = 0;  // epochs; if more than were added, no trial goes on
};

// A file with more epochs, whose trials go on from the sweep's or may not; without more: no file.
Form longer_form(Random random, Theme theme) {
  Form form;
  if (theme != Theme::kNone || !random.chance(kLonger)) return form;
  form.constant = random.chance(kConstant);
  form.epochs = random.between(1, 2);
  const std::int64_t cooldown = random.between(1, form.epochs + 1);
  if (random.chance(kCooldowns) && form.constant) form.cooldown = cooldown;
  return form;
}

std::string length_text(std::int64_t epochs, const Form& form) {
  std::string text = R"(, "epochs": {"value": )" + std::to_string(epochs + form.epochs) + "}";
  if (form.constant) text += R"(, "schedule": {"value": "constant"})";
  if (form.cooldown > 0) {
    text += R"(, "cooldown_epochs": {"value": )" + std::to_string(form.cooldown) + "}";
  }
  return text;
}

// 10 to 60 trials in the first sweep, a few in a second.
std::string sweep_text(Random random, Theme theme, std::int64_t index, bool takes_time,
                       const Form& form) {
  const bool relay = theme == Theme::kRelay;
  const std::int64_t variants = random.between(1, 2);
  const std::int64_t seeds = random.between(1, 3);
  std::int64_t wanted = index > 0 ? random.between(3, 8) : trials_wanted(random);
  if (relay) wanted = std::min(wanted, kRelayTrials);
  const std::int64_t all_rates = std::max<std::int64_t>(2, wanted / (variants * seeds));
  const std::int64_t rates = form.epochs > 0 ? kLongerRates : all_rates + form.more;
  const std::string learning = method_of(random);
  const bool learns = !learning.empty();
  std::string text = "{\"name\": \"sweep-" + std::to_string(index) + "\", \"method\": \"" +
                     (learns ? learning : "grid") +
                     "\", \"trainer\": \"simulated\", \"parameters\": {";
  text += variants == 1 ? R"("variant": {"value": "small"})"
                        : R"("variant": {"values": ["small", "wide"]})";
  text += ", " + (learns ? std::string(kRange) : list("lr", rates, 0.001, 0.001));
  const bool late_stop = theme == Theme::kLateStop;
  const std::int64_t epochs = late_stop ? 3 : random.one_of<std::int64_t>({1, 1, 2, 3});
  text += length_text(relay ? kRelayEpochs : epochs, form);
  if (takes_time) text += ", \"simulated_seconds\": {\"value\": 1}";
  text += "}, \"seeds\": [";
  for (std::int64_t seed = 1; seed <= seeds; ++seed) {
    text += (seed == 1 ? "" : ", ") + std::to_string(seed);
  }
  text += "]";
  if (random.chance(0.2) && !learns) text += ", \"exclude\": [{\"lr\": 0.001000}]";
  if (random.chance(0.2)) {
    const std::int64_t cap = random.between(8, 40);
    if (!learns) text += ", \"run_cap\": " + std::to_string(cap);
  }
  if (learns) text += ", \"run_cap\": " + std::to_string(wanted + form.more);
  const std::int64_t restarts = random.one_of<std::int64_t>({0, 1, 2, 3, 3, 3});
  text += ", \"max_restarts\": " + std::to_string(relay ? 3 : restarts);
  if (random.chance(0.25)) {
    text += ", \"max_failed_trials\": " + std::to_string(random.between(0, 3));
  }
  if (random.chance(0.25)) {
    text += ", \"max_concurrent_trials\": " + std::to_string(random.between(1, 4));
  }
  if (index > 0 && restarts != 1) text += ", \"priority\": 1";
  if (!learns) text += racing_text(random, seeds);
  if (index > 0 && Random(random).chance(kReuses)) text += R"(, "reuse": true)";
  if (index > 0 && Random(random).chance(kOtherDataset)) text += R"(, "dataset": "fashion_mnist")";
  if (seeds == 2) text += R"(, "order": "interleaved")";
  if (takes_time && random.chance(0.15)) {
    text += ", \"max_trial_duration\": " + std::to_string(random.between(3, 20));
  }
  if (late_stop) {
    text += R"(, "early_terminate": {"type": "asha", "min_iter": 1, "eta": 2})";
  } else if (epochs > 1 && !relay && random.chance(0.4)) {
    text += termination_text(random);
  }
  const bool may_promote = text.find("racing") == std::string::npos && !late_stop;
  if (text.find("asha") != std::string::npos && may_promote && random.chance(kPromotions)) {
    text.insert(text.find(R"("asha")") + 6, R"(, "promotion": true)");
    constexpr std::string_view kByEta = R"("asha", "promotion": true, "eta": 2)";
    const auto at = text.find(kByEta);
    if (at != std::string::npos && !learns && Random(random).chance(kTwoPhases)) {
      text.replace(at, kByEta.size(), R"("one_epoch_top_k", "promotion": true, "k": 2)");
    }
  }
  return text + "}";
}

// Decoded once: every seed's sweeps train the same two.
const std::map<std::string, Architecture>& networks() {
  static const std::map<std::string, Architecture> decoded{
      {"small", decode_architecture(kSmall, "small.json").value()},
      {"wide", decode_architecture(kWide, "wide.json").value()}};
  return decoded;
}

std::shared_ptr<const FrozenSweep> freeze_text(const std::string& text) {
  auto spec = decode_sweep(text, "simulated.json");
  if (!spec) throw std::logic_error(to_string(spec.error()) + " in " + text);
  auto frozen = freeze(std::move(*spec), networks());
  if (!frozen) throw std::logic_error(to_string(frozen.error()) + " in " + text);
  return std::make_shared<const FrozenSweep>(std::move(*frozen));
}

PlannedSweep plan_sweep(Random& random, Theme theme, std::int64_t index, bool takes_time,
                        Duration at) {
  const std::uint64_t own = random.next();
  const auto text = [&](const Form& form) {
    return sweep_text(Random(own), theme, index, takes_time, form);
  };
  const Form longer = longer_form(Random(~own), theme);
  const Form same{.constant = longer.constant};
  const Form larger{.more = random.between(1, 3), .constant = longer.constant};
  return {.frozen = freeze_text(text(same)),
          .submitted_at = at,
          .larger = text(larger),
          .longer = longer.epochs > 0 ? text(longer) : std::string(),
          .extended = nullptr,
          .lengthened = nullptr};
}

void freeze_extensions(Plan& plan) {
  const bool wanted = std::any_of(
      plan.calamities.begin(), plan.calamities.end(),
      [](const Planned& planned) { return planned.calamity == Calamity::kExtendSweep; });
  if (!wanted) return;
  for (PlannedSweep& sweep : plan.sweeps) {
    sweep.extended = freeze_text(sweep.larger);
    if (!sweep.longer.empty()) sweep.lengthened = freeze_text(sweep.longer);
  }
}

void plan_machines(Plan& plan, Random& random) {
  plan.hosts = static_cast<int>(random.between(1, 3));
  plan.slots_per_host = static_cast<int>(random.between(1, 2));
  if (plan.theme == Theme::kRelay) {
    plan.hosts = 2;
    plan.slots_per_host = 1;
  }
  plan.clock_drift = random.one_of({0.0, 0.0, 0.001, 0.02});
  const bool hasty = random.chance(0.5) || plan.theme == Theme::kRelay;
  plan.heartbeat_every = hasty ? milliseconds(1000) : milliseconds(2000);
  plan.lease = hasty ? seconds(random.between(6, 9)) : seconds(15);
  plan.stall_floor = seconds(random.between(10, 60));
  plan.agent_first_unit = seconds(random.between(20, 90));
  plan.patient_agents = random.chance(0.15);
  plan.live_every = random.one_of({milliseconds(500), milliseconds(5000)});
}

// Long enough to be hit by something, short enough to be simulated in a few milliseconds.
void plan_work(Plan& plan, Random& random, bool takes_time) {
  plan.units_per_epoch = static_cast<int>(random.between(1, 3));
  plan.error_rate = random.one_of({0.0, 0.0, 0.02, 0.1, 0.3});
  if (!takes_time) return;
  const SweepSpec& spec = plan.sweeps.front().frozen->spec;
  std::int64_t trials = static_cast<std::int64_t>(spec.seeds.size());
  for (const Parameter& parameter : spec.parameters) {
    const auto* list = std::get_if<ValueList>(&parameter.domain);
    if (list != nullptr) trials *= static_cast<std::int64_t>(list->values.size());
  }
  if (learns(spec.method)) trials = spec.run_cap.value_or(1);
  const Duration longest = kLongestWork * plan.hosts * plan.slots_per_host /
                           (trials * std::max<std::int64_t>(spec.base.epochs, 1));
  const Duration wanted = random.one_of({milliseconds(5), milliseconds(40), milliseconds(300),
                                         milliseconds(1000), milliseconds(4000)});
  const Duration takes = plan.theme == Theme::kRelay ? kRelayEpoch : wanted;
  plan.epoch_takes = std::min(takes, longest);
  plan.preparation = random.between(Duration(0), plan.epoch_takes);
}

// Each seed has its own selection of what can go wrong: everything at once hides much.
void plan_weather(Plan& plan, Random& random) {
  NetworkFaults& weather = plan.weather;
  weather.typical = random.one_of({Duration(100), Duration(1000), Duration(50'000)});
  if (random.chance(0.4)) weather.loss = random.one_of({0.01, 0.05, 0.2});
  if (random.chance(0.4)) weather.duplication = random.one_of({0.01, 0.05, 0.2});
  if (random.chance(0.4)) {
    weather.slowness = random.one_of({0.02, 0.1});
    weather.slowest = random.one_of({seconds(1), seconds(8), seconds(30)});
  }
}

void plan_checkpoints(Plan& plan, Random& random) {
  plan.checkpoints_travel = random.chance(0.6);
  plan.upload_takes = random.one_of({milliseconds(50), milliseconds(2'000), milliseconds(40'000)});
  plan.upload_limit = seconds(random.between(5, 30));
  plan.upload_loss = random.one_of({0.0, 0.1, 0.5});
  plan.fetch_loss = random.one_of({0.0, 0.1, 0.5});
  plan.checkpoint_bytes = 100 * random.one_of({1, 3, 10, 1000});
  if (plan.theme == Theme::kRelay) plan.checkpoints_travel = false;
}

Duration how_long(Random& random, Calamity calamity, const Plan& plan) {
  switch (calamity) {
    case Calamity::kKillWorker:
    case Calamity::kDrainWorker:
    case Calamity::kDrainCoordinator:
    case Calamity::kKillCoordinator:
    case Calamity::kCrashBeforeCommit:
    case Calamity::kCrashAfterCommit:
    case Calamity::kCrashAmidSending:
      return random.between(milliseconds(100), random.chance(0.2) ? 2 * plan.lease : seconds(3));
    default:
      return random.between(milliseconds(300), random.chance(0.5) ? 2 * plan.lease : seconds(4));
  }
}

// Again and again: a host is gone for long, the other goes on with its trial from an earlier epoch,
// and is gone too before it has come as far, the coordinator having fallen in between.
void plan_relay(Plan& plan, Random& random, Duration window) {
  const Duration round = seconds(25);
  for (Duration at = random.between(seconds(2), seconds(8)); at + round / 2 < window; at += round) {
    const std::int64_t first = random.between(0, 1);
    const Duration then = at + plan.lease + random.between(seconds(1), seconds(7));
    plan.calamities.push_back({at, Calamity::kKillWorker, first, seconds(20), 0});
    plan.calamities.push_back(
        {then, Calamity::kKillCoordinator, 0, random.between(milliseconds(100), seconds(1)), 0});
    plan.calamities.push_back({then + random.between(milliseconds(100), seconds(1)),
                               Calamity::kKillWorker, 1 - first,
                               random.between(seconds(1), seconds(3)), 0});
  }
}

// Stopped for so short a time, the coordinator owes nobody a longer lease.
void plan_edge(Plan& plan, Random& random, Duration window) {
  const Duration beat = plan.heartbeat_every;
  const std::int64_t times = random.between(2, 4);
  for (std::int64_t i = 0; i < times; ++i) {
    const Duration at = random.between(Duration(0), window);
    const std::int64_t worker = random.between(0, 1000);
    plan.calamities.push_back(
        {at, Calamity::kFreezeWorker, worker, plan.lease - random.between(Duration(0), beat), 0});
    plan.calamities.push_back({at + plan.lease - beat - milliseconds(200),
                               Calamity::kFreezeCoordinator, 0, beat + milliseconds(500), 0});
  }
}

// The first sweep is given out about when workers begin to hear: before they are welcomed, or
// after.
void plan_deaf(Plan& plan, Random& random, Duration window) {
  const Duration first = random.between(milliseconds(200), milliseconds(1500));
  plan.calamities.push_back({Duration(0), Calamity::kCutNetwork, -1, first, kLosesDownward});
  plan.sweeps.front().submitted_at = first + random.between(Duration(0), milliseconds(400));
  const std::int64_t times = random.between(2, 4);
  for (std::int64_t i = 0; i < times; ++i) {
    const Duration at = random.between(Duration(0), window / 2);
    plan.calamities.push_back({at, Calamity::kCutNetwork, random.between(0, 1000),
                               plan.lease * random.between(3, 5),
                               random.one_of({kLosesDownward, kHoldsBoth})});
  }
}

// Workers are cut off while they are told to stop: trials go on to their end, their leases do not.
void plan_late_stop(Plan& plan, Random& random, Duration window) {
  plan.weather.typical = milliseconds(100);
  const std::int64_t times = random.between(4, 8);
  for (std::int64_t i = 0; i < times; ++i) {
    const double part = random.unit();  // mostly at the beginning, where most is going on
    const Duration at(static_cast<std::int64_t>(part * part * static_cast<double>(window.count())));
    plan.calamities.push_back({at, Calamity::kCutNetwork, -1,
                               plan.lease + random.between(seconds(1), seconds(4)), kHoldsBoth});
  }
}

void plan_calamities(Plan& plan, Random& random, Duration window) {
  if (plan.theme == Theme::kRelay) plan_relay(plan, random, window);
  if (plan.theme == Theme::kEdge) plan_edge(plan, random, window);
  if (plan.theme == Theme::kDeaf) plan_deaf(plan, random, window);
  if (plan.theme == Theme::kLateStop) plan_late_stop(plan, random, window);
  const double share = plan.theme == Theme::kNone ? kShareOfCalamities : kShareInThemes;
  for (int kind = 0; kind < kCalamities; ++kind) {
    const auto calamity = static_cast<Calamity>(kind);
    if (calamity == Calamity::kRestoreBackup) continue;
    const bool final = calamity == Calamity::kCancelSweep;
    if (!random.chance(final ? 0.08 : share)) continue;
    const std::int64_t times = final ? 1 : random.between(1, 3);
    for (std::int64_t i = 0; i < times; ++i) {
      Planned one;
      one.calamity = calamity;
      // The beginning, where most is going on, is hit more often; with trials of no time that is
      // nearly all there is.
      double part = random.unit();
      part *= part;
      if (plan.epoch_takes == Duration(0)) part *= part;
      one.at = Duration(static_cast<std::int64_t>(part * static_cast<double>(window.count())));
      one.target = random.chance(0.1) ? -1 : random.between(0, 1000);
      one.lasts = how_long(random, calamity, plan);
      one.variant = random.between(0, 1000);
      plan.calamities.push_back(one);
    }
  }
}

// By chance of its own: it takes back what the others have brought about.
void plan_restores(Plan& plan, Random random, Duration window) {
  if (!random.chance(kRestores)) return;
  const std::int64_t times = random.between(1, 2);
  for (std::int64_t i = 0; i < times; ++i) {
    Planned one;
    one.calamity = Calamity::kRestoreBackup;
    one.at = random.between(Duration(0), window * 2 / 3);
    one.lasts = random.between(milliseconds(20), window / 3);
    plan.calamities.push_back(one);
  }
}

}  // namespace

std::string_view to_string(Calamity calamity) {
  static constexpr std::string_view kNames[kCalamities] = {"kill worker",
                                                           "crash worker amid its effects",
                                                           "freeze worker",
                                                           "drain worker",
                                                           "wedge trainer",
                                                           "cut network",
                                                           "reset socket",
                                                           "kill coordinator",
                                                           "crash before commit",
                                                           "crash after commit",
                                                           "crash amid sending",
                                                           "commit fails though done",
                                                           "commit fails and is not done",
                                                           "record refused",
                                                           "freeze coordinator",
                                                           "suspend machine",
                                                           "drain coordinator",
                                                           "restore backup",
                                                           "submit again",
                                                           "pause sweep",
                                                           "stop sweep",
                                                           "extend sweep",
                                                           "retry failed",
                                                           "retry trial",
                                                           "release worker",
                                                           "cancel trial",
                                                           "cancel sweep"};
  return kNames[static_cast<int>(calamity)];
}

Plan make_plan(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.seed = seed;
  if (random.chance(kThemes))
    plan.theme = random.one_of({Theme::kRelay, Theme::kEdge, Theme::kDeaf, Theme::kLateStop});
  const bool takes_time = random.chance(0.75) || plan.theme != Theme::kNone;
  plan.sweeps.push_back(plan_sweep(random, plan.theme, 0, takes_time, milliseconds(1)));
  plan_machines(plan, random);
  plan_work(plan, random, takes_time);
  plan_weather(plan, random);
  Duration window = takes_time ? random.between(seconds(5), kLongestWork + seconds(10))
                               : random.between(seconds(1), seconds(10));
  if (plan.theme != Theme::kNone) window = std::max<Duration>(window, kLongestWork / 2);
  if (random.chance(0.2)) {
    const Duration half = milliseconds(window.count() / 2000);
    plan.sweeps.push_back(
        plan_sweep(random, plan.theme, 1, takes_time, random.between(milliseconds(1), half)));
  }
  plan_calamities(plan, random, window);
  plan_restores(plan, Random(~seed), window);
  std::stable_sort(plan.calamities.begin(), plan.calamities.end(),
                   [](const Planned& a, const Planned& b) { return a.at < b.at; });
  freeze_extensions(plan);
  plan_checkpoints(plan, random);
  plan.calm_at = window;
  plan.torn_disk = static_cast<std::int64_t>(seed % kTornDiskEvery) == kTornDiskEvery - 1;
  return plan;
}

}  // namespace firesweep::simulation
