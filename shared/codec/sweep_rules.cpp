#include "shared/codec/sweep_rules.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>

#include "shared/domain/conditions.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/fields.h"
#include "shared/domain/methods.h"
#include "shared/domain/presets.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// Everything a field may be in a sweep: its values, or the ends of the range it is drawn from.
struct FieldRange {
  std::string name;
  std::vector<Value> values;
  bool drawn = false;  // from a continuous range between the values
};

// Of an unbounded distribution what lies within four deviations of its mean.
constexpr double kDeviations = 4;

struct Ends {
  const Field& field;
  FieldRange& field_range;
  void operator()(const ValueList& list) const { field_range.values = list.values; }
  void operator()(const IntUniform& range) const { field_range.values = {range.min, range.max}; }
  void operator()(const Uniform& range) const { draw(range.min, range.max); }
  void operator()(const LogUniformValues& range) const { draw(range.min, range.max); }
  void operator()(const InvLogUniformValues& range) const { draw(range.min, range.max); }
  void operator()(const Normal& normal) const { draw(normal.mean, normal.mean); }
  void operator()(const LogNormal& normal) const {
    draw(std::max(field.min, std::exp(normal.mean - kDeviations * normal.stddev)),
         std::min(field.max, std::exp(normal.mean + kDeviations * normal.stddev)));
  }
  void operator()(const Beta&) const { draw(std::max(field.min, 0.0), std::min(field.max, 1.0)); }
  void operator()(const Quantized& quantized) const {
    const Multiples all = multiples_of(quantized, &field);
    double first = multiple(all.first, quantized.q), last = multiple(all.last, quantized.q);
    if (const auto* normal = std::get_if<Normal>(&quantized.of)) {
      first = std::max(first, normal->mean - kDeviations * normal->stddev);
      last = std::min(last, normal->mean + kDeviations * normal->stddev);
    } else if (const auto* log = std::get_if<LogNormal>(&quantized.of)) {
      last = std::min(last, std::exp(log->mean + kDeviations * log->stddev));
    }
    draw(first, last);
  }
  void draw(double min, double max) const {
    field_range.values = {min, max};
    field_range.drawn = true;
  }
};

// What the file gives a field, and the default that it has where its condition is not met.
FieldRange range_of(const SweepSpec& spec, std::string_view name, bool with_default = true) {
  FieldRange field_range{std::string(name), {}, false};
  const Field& field = *find_field(name);
  for (const Parameter& parameter : spec.parameters) {
    if (parameter.name == name) std::visit(Ends{field, field_range}, parameter.domain);
  }
  if (field_range.values.empty() || (with_default && condition_of(spec, name) != nullptr)) {
    field_range.values.push_back(get_field(spec.base, field));
  }
  return field_range;
}

double number(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}
double least(const FieldRange& field_range) {
  double found = number(field_range.values.front());
  for (const Value& value : field_range.values) found = std::min(found, number(value));
  return found;
}
double most(const FieldRange& field_range) {
  double found = number(field_range.values.front());
  for (const Value& value : field_range.values) found = std::max(found, number(value));
  return found;
}
bool reaches(const FieldRange& field_range, const Value& wanted) {
  return std::any_of(field_range.values.begin(), field_range.values.end(),
                     [&](const Value& value) { return same_value(value, wanted); });
}
std::string text(double value) { return to_string(Value(value)); }

// The place of a parameter in the file, under its former name too; nothing if it is not given.
std::optional<std::string> place_of(const JsonNode& root, std::string_view name) {
  const auto parameters = root.find("parameters");
  if (!parameters || !parameters->json().is_object()) return std::nullopt;
  const Field* field = find_field(name);
  auto node = parameters->find(name);
  if (!node && field != nullptr && !field->former.name.empty()) {
    node = parameters->find(field->former.name);
  }
  return node ? std::optional(node->pointer()) : std::nullopt;
}

class Rules {
 public:
  Rules(const SweepSpec& spec, const JsonNode& root)
      : spec_(spec), root_(root), mistakes_(root.mistakes()) {}

  void check() {
    protocol();
    shares();
    images();
    simulated();
    early_terminate();
    racing();
  }

 private:
  void shares() {
    for (const Field& field : fields()) {
      if (!field.is_share) continue;
      const FieldRange share = range_of(spec_, field.name);
      for (const Value& value : share.values) {
        const double size = number(value);
        if (size < 1 || (size == std::floor(size) && !share.drawn)) continue;
        if (share.drawn) {
          add(share, "found a range up to " + text(size) + ", expected fractions below 1",
              "write counts as \"values\"");
        } else {
          add(share, "found " + text(size) + ", expected a whole count or a fraction below 1");
        }
      }
    }
  }

  void protocol() {
    const FieldRange protocol = range_of(spec_, "protocol");
    const FieldRange val_size = range_of(spec_, "val_size");
    if (protocol.values.size() > 1) {
      add(protocol, "found two protocols, expected one: they never rank together");
      return;
    }
    const Protocol chosen = spec_.base.protocol;
    const std::string name(to_string(chosen));
    if (chosen == Protocol::kHeldOut) {
      if (spec_.metric == Metric::kTestAccuracy) {
        mistakes_.add("/metric/name", "protocol held_out never ranks by test accuracy",
                      "write \"val_accuracy\"");
      }
      if (least(val_size) == 0) {
        add(val_size, "found 0, expected a validation split: protocol held_out ranks by it", "",
            {"protocol"});
      }
      return;
    }
    if (spec_.metric != Metric::kTestAccuracy) {
      mistakes_.add(
          root_.find("metric") ? "/metric" : place_of(root_, "protocol").value_or("/preset"),
          "protocol " + name +
              " has no validation split and is ranked by test accuracy, expected it to "
              "be named",
          "write \"metric\": {\"name\": \"test_accuracy\", \"goal\": \"maximize\"}");
    }
    if (least(val_size) != 0 || most(val_size) != 0) {
      add(val_size,
          "found " + text(most(val_size)) + ", expected 0: protocol " + name +
              " has no validation split",
          "", {"protocol"});
    }
    const FieldRange select = range_of(spec_, "select");
    if (chosen == Protocol::kRefit && reaches(select, std::string("best"))) {
      add(select,
          "found \"best\", expected \"last\": protocol refit has no validation images to "
          "choose an epoch by",
          "", {"protocol"});
    }
  }

  void images() {
    const FieldRange val_size = range_of(spec_, "val_size");
    const FieldRange train_size = range_of(spec_, "train_size");
    const FieldRange batch_size = range_of(spec_, "batch_size");
    const DatasetInfo& dataset = dataset_info(spec_.dataset);
    const std::int64_t all = dataset.train_count;
    double left = static_cast<double>(all);
    for (const Value& value : val_size.values) {
      const std::int64_t held_out = held_out_images(number(value), all);
      if (held_out >= all) {
        add(val_size, "found " + text(number(value)) + ", expected less than the " +
                          std::to_string(all) + " training images of " + dataset.name);
        return;  // what follows from it is none of its own
      }
      left = std::min(left, static_cast<double>(all - held_out));
    }
    if (most(train_size) > left) {
      add(train_size, "found " + text(most(train_size)) + ", expected at most " + text(left) +
                          ", the training images of " + dataset.name +
                          " without the validation split");
    }
    const FieldRange test_size = range_of(spec_, "test_size");
    if (most(test_size) > static_cast<double>(dataset.test_count)) {
      add(test_size, "found " + text(most(test_size)) + ", expected at most " +
                         std::to_string(dataset.test_count) + ", the test images of " +
                         dataset.name);
    }
    double fewest = left;
    for (const Value& value : train_size.values) {
      if (number(value) > 0) fewest = std::min(fewest, number(value));
    }
    if (most(batch_size) > fewest && reaches(range_of(spec_, "drop_last"), true)) {
      add(batch_size,
          "found " + text(most(batch_size)) + ", expected at most " + text(fewest) +
              ", the training images: the last, smaller batch is dropped",
          "write \"drop_last\": {\"value\": false}", {"train_size", "val_size", "drop_last"});
    }
  }

  void simulated() {
    if (spec_.trainer == Trainer::kSimulated) return;
    for (const char* name : {"simulated_seconds", "simulated_failure_rate"}) {
      const FieldRange field_range = range_of(spec_, name);
      if (most(field_range) > 0) {
        add(field_range, "found a setting of the simulated trainer, expected none",
            "write \"trainer\": \"simulated\", or leave it out");
      }
    }
  }

  void early_terminate() {
    if (!spec_.early_terminate) return;
    if (spec_.base.protocol == Protocol::kRefit) {
      mistakes_.add("/early_terminate",
                    "protocol refit measures no accuracy while it trains, so that there is nothing "
                    "to stop a trial by",
                    "leave it out");
    }
    if (learns(spec_.method) && spec_.early_terminate->promotion &&
        spec_.early_terminate->type == Termination::kOneEpochTopK) {
      mistakes_.add("/early_terminate/promotion",
                    "method " + std::string(to_string(spec_.method)) +
                        " learns from results, and none comes before its last point has been "
                        "proposed",
                    "leave it out, or write method \"random\"");
    }
    const auto& first = spec_.early_terminate->min_iter;
    const double epochs = most(range_of(spec_, "epochs"));
    if (first && static_cast<double>(*first) >= epochs) {
      mistakes_.add("/early_terminate/min_iter", "found " + std::to_string(*first) +
                                                     ", expected less than the " + text(epochs) +
                                                     " epochs: no trial would be stopped");
    }
  }

  void racing() {
    if (!spec_.racing) return;
    if (learns(spec_.method)) {
      mistakes_.add("/racing",
                    "method " + std::string(to_string(spec_.method)) +
                        " proposes a point when its turn comes, so that no round of points is "
                        "compared",
                    "leave it out, or write method \"random\"");
    }
    if (spec_.early_terminate && spec_.early_terminate->promotion) {
      mistakes_.add("/racing",
                    "a trial that waits at a rung of \"promotion\" has not ended, so that no round "
                    "of seeds comes to its end",
                    "leave it out, or write \"promotion\": false");
    }
    if (spec_.base.protocol == Protocol::kRefit) {
      mistakes_.add("/racing",
                    "protocol refit measures points that were chosen; racing would choose among "
                    "them by the test images",
                    "leave it out");
    }
  }

  // Adds a mistake about the value of a field. If the file does not give it, the mistake stands at
  // the first of the others that is given and makes the default wrong, else where presets are.
  void add(const FieldRange& field_range, const std::string& what, std::string hint = {},
           std::initializer_list<std::string_view> others = {}) {
    if (const auto own = place_of(root_, field_range.name)) {
      mistakes_.add(*own, what, std::move(hint));
      return;
    }
    std::string where = root_.find("preset") ? "/preset" : "/parameters";
    for (const std::string_view other : others) {
      if (const auto place = place_of(root_, other)) {
        where = *place;
        break;
      }
    }
    mistakes_.add(where, field_range.name + ": " + what, std::move(hint));
  }

  const SweepSpec& spec_;
  const JsonNode& root_;
  Mistakes& mistakes_;
};

}  // namespace

void check_grid(const SweepSpec& spec, const JsonNode& root) {
  for (const Parameter& parameter : spec.parameters) {
    const auto* list = std::get_if<ValueList>(&parameter.domain);
    const std::string where = place_of(root, parameter.name).value_or("");
    if (list == nullptr) {
      root.mistakes().add(where, "found a range, expected \"values\", since the method is grid",
                          "list values, or write \"method\": \"random\"");
    } else if (list->values.size() > 1 && !list->probabilities.empty()) {
      root.mistakes().add(where + "/probabilities", "method grid draws nothing",
                          "leave them out, or write \"method\": \"random\"");
    }
  }
}

void check_search(const SweepSpec& spec, const JsonNode& root) {
  const std::string method(to_string(spec.method));
  for (const Parameter& parameter : spec.parameters) {
    const auto* list = std::get_if<ValueList>(&parameter.domain);
    const std::string where = place_of(root, parameter.name).value_or("");
    if (list != nullptr && list->values.size() > 1 && !list->probabilities.empty()) {
      root.mistakes().add(where + "/probabilities", "method " + method + " weighs no values",
                          "leave them out, or write \"method\": \"random\"");
    }
    if (parameter.name == "amp" && learns(spec.method)) {
      root.mistakes().add(
          where,
          "found several values or a condition, expected one value everywhere: method " + method +
              " proposes points before it is known which worker trains them",
          "write {\"value\": \"auto\"}");
    }
  }
}

void check_rules(const SweepSpec& spec, const JsonNode& root) { Rules(spec, root).check(); }

std::vector<std::string> warnings_of(const SweepSpec& spec) {
  std::vector<std::string> warnings;
  const FieldRange optimizer = range_of(spec, "optimizer");
  const FieldRange lr = range_of(spec, "lr", false);
  const FieldRange schedule = range_of(spec, "schedule");
  const auto sweeps_lr_of = [&](const char* name) {
    const Value value = std::string(name);
    return reaches(optimizer, value) && may_exist_with(spec, "lr", "optimizer", value);
  };
  const bool sees_peak =  // a cycle begun anew every epoch ends far below it
      schedule.values != std::vector<Value>{Value(std::string("one_cycle_per_epoch"))};
  if (sees_peak && sweeps_lr_of("adamw") && most(lr) > 0.02) {
    warnings.push_back("lr " + text(most(lr)) +
                       " is high for AdamW, whose useful range is 0.001 to 0.01");
  }
  if (sweeps_lr_of("sgd") && !spec.lr_follows_optimizer && least(lr) < 0.005) {
    warnings.push_back("lr " + text(least(lr)) +
                       " is low for SGD, whose useful range is 0.01 to 0.2");
  }
  if (sweeps_lr_of("muon") && !spec.lr_follows_optimizer && least(lr) < 0.005) {
    warnings.push_back("lr " + text(least(lr)) +
                       " is low for Muon, whose useful range is 0.01 to 0.05");
  }
  if (spec.racing && spec.seeds.size() < 3) {
    warnings.push_back(
        "racing saves nothing with fewer than 3 seeds: how far the scores of equal "
        "points lie apart is known after the second");
  }
  if (spec.base.protocol == Protocol::kRefit && !spec.parameters.empty()) {
    warnings.push_back(
        "protocol refit measures a config that was chosen by validation; choosing the best of "
        "these "
        "points would be a choice by the test images");
  }
  return warnings;
}

}  // namespace firesweep
