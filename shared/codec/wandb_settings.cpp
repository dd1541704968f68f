#include "shared/codec/wandb_settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "shared/base/near_miss.h"
#include "shared/codec/document.h"
#include "shared/domain/choices.h"
#include "shared/domain/names.h"

namespace firesweep {
namespace {

using Outcome = ImportNote::Outcome;

constexpr std::int64_t kTrialsIfOpen = 30;  // of a sweep that W&B draws until somebody stops it

// What W&B's bayes does, where this version has it.
constexpr std::string_view kModel = "gp";

// What W&B keeps for itself or its agents.
struct Foreign {
  std::string_view key;
  std::string_view why;
  std::string_view hint;
};
constexpr Foreign kForeign[] = {
    {"program", "firesweep trains by itself", "\"variant\" says which network is trained"},
    {"project", "there are no projects here", "a database file holds sweeps: --db FILE"},
    {"entity", "there are no accounts here", "`firesweep keys invite` lets others in"},
    {"controller", "the coordinator is the only one", ""},
    {"imports", "it serves W&B's own search", ""},
    {"job", "it serves W&B Launch", "`firesweep slurm` writes jobs for a cluster"},
    {"image_uri", "it serves W&B Launch", "deploy/Dockerfile builds an image of workers"},
    {"launch", "it serves W&B Launch", "`firesweep slurm` writes jobs for a cluster"},
};

// Members that are read elsewhere here.
constexpr std::array<std::string_view, 8> kRead = {"description", "name",           "method",
                                                   "run_cap",     "metric",         "parameters",
                                                   "command",     "early_terminate"};

// The number of that name, or `otherwise`.
double number_of(const Json& object, const char* key, double otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}

// 3 for 3.0: as people write numbers.
Json short_number(double number) {
  if (number == std::floor(number)) return static_cast<std::int64_t>(number);
  return number;
}

}  // namespace

std::string reason_of(const Error& error) {
  std::string reason = error.what;
  for (std::size_t at = reason.find("\n  "); at != std::string::npos; at = reason.find("\n  ")) {
    reason.replace(at, 3, at > 0 && reason[at - 1] == 's' ? ": " : "; ");
  }
  return reason;
}

void WandbSettings::read_first(std::string_view file_name) {
  head(file_name);
  name(file_name);
  method();
  metric();
}

void WandbSettings::read_last() {
  early_terminate();
  foreign_members();
}

const Json* WandbSettings::member(const char* key) const {
  const auto found = root_.find(key);
  return found == root_.end() ? nullptr : &*found;
}

std::string WandbSettings::word(const char* key) const {
  const Json* found = member(key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

void WandbSettings::note(Outcome outcome, std::string member, std::string what, std::string hint) {
  notes_.push_back({outcome, std::move(member), std::move(what), std::move(hint)});
}

void WandbSettings::head(std::string_view file_name) {
  std::string lines =
      "Made of W&B's sweep file " + std::string(file_name) + " by `firesweep import-wandb`.";
  const std::string about = word("description");
  if (!about.empty()) {
    lines += "\n" + about;
    note(Outcome::kCarried, "description", "as a comment");
  }
  draft_.head(lines);
}

void WandbSettings::name(std::string_view file_name) {
  if (const std::string given = word("name"); !given.empty()) {
    const auto refused = draft_.set("name", given);
    if (!refused) return note(Outcome::kCarried, "name", "");
    note(Outcome::kLeftOut, "name", reason_of(*refused));
  }
  const std::string stem(stem_of(file_name));
  if (!mistake_in_name(stem)) draft_.set("name", stem);
}

void WandbSettings::run_cap(bool draws) {
  if (const Json* given = member("run_cap")) {
    const auto refused = draft_.set("run_cap", *given);
    if (!refused) return note(Outcome::kCarried, "run_cap", "W&B's runs are trials here");
    note(Outcome::kLeftOut, "run_cap", reason_of(*refused));
  }
  if (!draws) return;
  draft_.set("run_cap", kTrialsIfOpen, "W&B draws until somebody stops it");
  note(Outcome::kAdded, "run_cap",
       std::to_string(kTrialsIfOpen) + " trials: W&B draws until somebody stops it",
       "change it in the file");
}

void WandbSettings::method() {
  const std::string given = word("method");
  const bool grid = given == "grid";
  run_cap(!grid);  // without one, a sweep that draws does not decode
  if (grid || given == "random") {
    draft_.set("method", given);
    return note(Outcome::kCarried, "method", "");
  }
  if (given == "bayes" && !draft_.set("method", kModel)) {
    return note(Outcome::kChanged, "method", "\"bayes\" is \"gp\": a Gaussian process, as W&B's");
  }
  draft_.set("method", "random");
  note(Outcome::kChanged, "method",
       given == "bayes" ? "\"bayes\" is \"random\": points are drawn without a model"
                        : "found \"" + given + "\", expected grid, random or bayes: random");
}

void WandbSettings::metric() {
  draft_.set("metric", {{"name", to_string(Metric::kValAccuracy)}, {"goal", "maximize"}});
  const Json* given = member("metric");
  if (given == nullptr || !given->is_object()) {
    return note(Outcome::kAdded, "metric", "trials are ranked by val_accuracy");
  }
  const auto named = given->find("name");
  const std::string theirs =
      named != given->end() && named->is_string() ? named->get<std::string>() : "";
  const std::string plain = folded(theirs);
  const auto has = [&](std::string_view part) { return plain.find(part) != std::string::npos; };
  if (has("acc") && !has("test") && !has("train")) {
    note(Outcome::kCarried, "metric", "as val_accuracy");
  } else if (has("acc") && has("test")) {
    note(Outcome::kChanged, "metric",
         "test images choose nothing here: trials are ranked by val_accuracy",
         "`firesweep leaderboard` shows test_accuracy too");
  } else {
    note(Outcome::kChanged, "metric",
         "\"" + theirs + "\" ranks nothing here: trials are ranked by val_accuracy",
         "`firesweep curves` has the losses of every epoch");
  }
  if (given->contains("target")) {
    note(Outcome::kLeftOut, "metric.target", "a sweep does not end at an accuracy",
         "`firesweep stop` ends it");
  }
}

// W&B's hyperband halves asynchronously at min_iter, min_iter × eta, …; with max_iter, at
// max_iter / eta, max_iter / eta², … as often as s says.
void WandbSettings::early_terminate() {
  const Json* given = member("early_terminate");
  if (given == nullptr) return;
  const double eta = number_of(*given, "eta", 3);
  double first = number_of(*given, "min_iter", 0);
  if (first <= 0) {
    first = std::floor(number_of(*given, "max_iter", 0) / std::pow(eta, number_of(*given, "s", 1)));
  }
  constexpr double kMost = 1e6;
  if (!(first >= 1 && first <= kMost && eta > 1 && eta <= kMost)) {
    return note(Outcome::kLeftOut, "early_terminate", "found no epoch at which runs are compared",
                "every trial trains to its end");
  }
  const auto refused =
      draft_.set("early_terminate",
                 {{"type", "asha"}, {"min_iter", short_number(first)}, {"eta", short_number(eta)}});
  if (!refused) {
    return note(Outcome::kChanged, "early_terminate",
                "hyperband is asha; an iteration is an epoch");
  }
  note(Outcome::kLeftOut, "early_terminate", reason_of(*refused),
       "every trial trains to its end; \"max_trial_duration\" bounds its time");
}

void WandbSettings::foreign_members() {
  for (const auto& [key, value] : root_.items()) {
    if (std::ranges::find(kRead, key) != kRead.end()) continue;
    const auto* foreign = std::ranges::find(kForeign, key, &Foreign::key);
    if (foreign == std::end(kForeign)) {
      note(Outcome::kLeftOut, key, "no member of W&B's sweep files that is known here");
    } else {
      note(Outcome::kLeftOut, key, std::string(foreign->why), std::string(foreign->hint));
    }
  }
}

}  // namespace firesweep
