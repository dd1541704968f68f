#include "coordinator/report/columns.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <variant>

#include "shared/domain/fields.h"
#include "shared/domain/results.h"

namespace firesweep {
namespace {

bool has(const std::vector<Column>& columns, std::string_view name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const Column& column) { return column.name == name; });
}

Unit unit_of(Measure measure) {
  switch (measure) {
    case Measure::kFraction:
      return Unit::kFraction;
    case Measure::kLoss:
      return Unit::kNumber;
    case Measure::kWhole:
      return Unit::kWhole;
    case Measure::kCount:
      return Unit::kCount;
    case Measure::kSeconds:
      return Unit::kSeconds;
    case Measure::kRate:
      return Unit::kRate;
    case Measure::kBytes:
      return Unit::kBytes;
    case Measure::kFlag:
      return Unit::kFlag;
    case Measure::kName:
    case Measure::kBitmap:
      break;
  }
  return Unit::kText;
}

// Results that have no column yet stand before the column `before`.
std::vector<Column> with_results(std::vector<Column> columns, std::string_view before) {
  std::vector<Column> more;
  for (const ResultField& field : results()) {
    if (field.in_views.empty() || has(columns, field.in_views)) continue;
    more.push_back({std::string(field.in_views), std::string(field.title), unit_of(field.measure),
                    field.for_people ? Shown::kWhereItVaries : Shown::kNever});
  }
  const auto place = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& column) { return column.name == before; });
  columns.insert(place, std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return columns;
}

// Whatever a sweep may vary is a column: the fields that are not among them follow.
std::vector<Column> with_fields(std::vector<Column> columns) {
  for (const Field& field : fields()) {
    const std::string name(field.name);
    if (!has(columns, name)) columns.push_back({name, name, unit_of(field), Shown::kWhereItVaries});
  }
  return columns;
}

}  // namespace

Unit unit_of(const Field& field) {
  switch (type_of(field)) {
    case FieldType::kFlag:
      return Unit::kFlag;
    case FieldType::kText:
      return Unit::kText;
    case FieldType::kReal:
      return Unit::kNumber;
    case FieldType::kWhole:
      break;
  }
  return Unit::kWhole;
}

const std::vector<Column>& leaderboard_columns() {
  static const std::vector<Column> columns = with_fields(
      with_results({{"rank", "rank", Unit::kWhole, Shown::kAlways},
                    {"sweep", "sweep", Unit::kWhole, Shown::kNever},
                    {"trial", "trial", Unit::kText, Shown::kAlways},
                    {"number", "number", Unit::kWhole, Shown::kNever},
                    {"variant", "variant", Unit::kText, Shown::kAlways},
                    {"lr", "lr", Unit::kNumber, Shown::kAlways},
                    {"label_smoothing", "smoothing", Unit::kNumber, Shown::kAlways},
                    {"seed", "seed", Unit::kWhole, Shown::kWhereItVaries},
                    {"params", "params", Unit::kCount, Shown::kAlways},
                    {"macs", "MACs", Unit::kCount, Shown::kAlways},
                    {"val_accuracy", "val acc", Unit::kFraction, Shown::kAlways},
                    {"test_accuracy", "test acc", Unit::kFraction, Shown::kAlways},
                    {"epochs", "epochs", Unit::kWhole, Shown::kNever},
                    {"train_seconds", "time", Unit::kSeconds, Shown::kAlways},
                    {"dataset", "dataset", Unit::kText, Shown::kNever},
                    {"protocol", "protocol", Unit::kText, Shown::kNever},
                    {"state", "state", Unit::kText, Shown::kNever},
                    {"optimizer", "optimizer", Unit::kText, Shown::kWhereItVaries},
                    {"schedule", "schedule", Unit::kText, Shown::kWhereItVaries},
                    {"batch_size", "batch", Unit::kWhole, Shown::kWhereItVaries},
                    {"weight_decay", "decay", Unit::kNumber, Shown::kWhereItVaries},
                    {"augmentation", "augmentation", Unit::kText, Shown::kWhereItVaries},
                    {"dropout", "dropout", Unit::kNumber, Shown::kWhereItVaries},
                    {"arch_params", "architecture", Unit::kText, Shown::kWhereItVaries},
                    {"amp", "amp", Unit::kText, Shown::kWhereItVaries},
                    {"trainer", "trainer", Unit::kText, Shown::kNever},
                    {"train_size", "train size", Unit::kWhole, Shown::kNever},
                    {"test_size", "test size", Unit::kWhole, Shown::kNever},
                    {"val_size", "val size", Unit::kNumber, Shown::kNever},
                    {"split_seed", "split seed", Unit::kWhole, Shown::kNever},
                    {"select", "select", Unit::kText, Shown::kWhereItVaries},
                    {"restarts", "restarts", Unit::kWhole, Shown::kNever},
                    {"reused_from", "reused from", Unit::kText, Shown::kWherePresent},
                    {"sweep_name", "sweep", Unit::kText, Shown::kWhereItVaries}},
                   "amp"));
  return columns;
}

const std::vector<Column>& point_columns() {
  static const std::vector<Column> columns =
      with_fields({{"rank", "rank", Unit::kWhole, Shown::kAlways},
                   {"sweep", "sweep", Unit::kWhole, Shown::kNever},
                   {"point", "point", Unit::kText, Shown::kAlways},
                   {"number", "number", Unit::kWhole, Shown::kNever},
                   {"variant", "variant", Unit::kText, Shown::kAlways},
                   {"lr", "lr", Unit::kNumber, Shown::kAlways},
                   {"label_smoothing", "smoothing", Unit::kNumber, Shown::kAlways},
                   {"n_seeds", "seeds", Unit::kWhole, Shown::kAlways},
                   {"params", "params", Unit::kCount, Shown::kAlways},
                   {"macs", "MACs", Unit::kCount, Shown::kAlways},
                   {"val_mean", "val acc", Unit::kFraction, Shown::kAlways},
                   {"val_sd", "± sd", Unit::kFraction, Shown::kWherePresent},
                   {"ci_low", "95 % from", Unit::kFraction, Shown::kWherePresent},
                   {"ci_high", "to", Unit::kFraction, Shown::kWherePresent},
                   {"test_mean", "test acc", Unit::kFraction, Shown::kAlways},
                   {"test_sd", "test sd", Unit::kFraction, Shown::kNever},
                   {"epochs", "epochs", Unit::kWhole, Shown::kNever},
                   {"train_seconds", "time", Unit::kSeconds, Shown::kAlways},
                   {"dataset", "dataset", Unit::kText, Shown::kNever},
                   {"protocol", "protocol", Unit::kText, Shown::kNever},
                   {"optimizer", "optimizer", Unit::kText, Shown::kWhereItVaries},
                   {"schedule", "schedule", Unit::kText, Shown::kWhereItVaries},
                   {"batch_size", "batch", Unit::kWhole, Shown::kWhereItVaries},
                   {"weight_decay", "decay", Unit::kNumber, Shown::kWhereItVaries},
                   {"augmentation", "augmentation", Unit::kText, Shown::kWhereItVaries},
                   {"dropout", "dropout", Unit::kNumber, Shown::kWhereItVaries},
                   {"arch_params", "architecture", Unit::kText, Shown::kWhereItVaries},
                   {"n_pruned", "pruned", Unit::kWhole, Shown::kWhereItVaries},
                   {"n_failed", "failed", Unit::kWhole, Shown::kWhereItVaries},
                   {"n_reused", "reused", Unit::kWhole, Shown::kWhereItVaries},
                   {"raced_out", "raced out", Unit::kText, Shown::kWherePresent},
                   {"images_per_s", "images/s", Unit::kRate, Shown::kNever},
                   {"train_macs", "train MACs", Unit::kCount, Shown::kNever},
                   {"trainer", "trainer", Unit::kText, Shown::kNever},
                   {"train_size", "train size", Unit::kWhole, Shown::kNever},
                   {"test_size", "test size", Unit::kWhole, Shown::kNever},
                   {"val_size", "val size", Unit::kNumber, Shown::kNever},
                   {"split_seed", "split seed", Unit::kWhole, Shown::kNever},
                   {"sweep_name", "sweep", Unit::kText, Shown::kWhereItVaries}});
  return columns;
}

const std::vector<Column>& list_columns() {
  static const std::vector<Column> columns = {
      {"sweep", "sweep", Unit::kWhole, Shown::kAlways},
      {"name", "name", Unit::kText, Shown::kAlways},
      {"state", "state", Unit::kText, Shown::kAlways},
      {"dataset", "dataset", Unit::kText, Shown::kAlways},
      {"trainer", "trainer", Unit::kText, Shown::kWhereItVaries},
      {"protocol", "protocol", Unit::kText, Shown::kWhereItVaries},
      {"trials", "trials", Unit::kWhole, Shown::kAlways},
      {"complete", "done", Unit::kWhole, Shown::kAlways},
      {"reused", "reused", Unit::kWhole, Shown::kWhereItVaries},
      {"running", "running", Unit::kWhole, Shown::kAlways},
      {"assigned", "assigned", Unit::kWhole, Shown::kNever},
      {"waiting", "waiting", Unit::kWhole, Shown::kAlways},
      {"pruned", "pruned", Unit::kWhole, Shown::kWhereItVaries},
      {"failed", "failed", Unit::kWhole, Shown::kAlways},
      {"cancelled", "cancelled", Unit::kWhole, Shown::kWhereItVaries},
      {"metric", "metric", Unit::kText, Shown::kNever},
      {"best_score", "best", Unit::kFraction, Shown::kAlways},
      {"best_trial", "by trial", Unit::kText, Shown::kAlways},
      {"idle_seconds", "idle at end", Unit::kSeconds, Shown::kAlways},
      {"created_ms", "submitted (UTC)", Unit::kTimeMs, Shown::kAlways},
      {"changed_ms", "changed (UTC)", Unit::kTimeMs, Shown::kNever},
      {"hash", "hash", Unit::kText, Shown::kNever},
      {"broken", "broken", Unit::kText, Shown::kNever}};
  return columns;
}

const std::vector<Column>& trial_columns() {
  static const std::vector<Column> columns =
      with_fields({{"trial", "trial", Unit::kText, Shown::kAlways},
                   {"sweep", "sweep", Unit::kWhole, Shown::kNever},
                   {"number", "number", Unit::kWhole, Shown::kNever},
                   {"state", "state", Unit::kText, Shown::kAlways},
                   {"reason", "reason", Unit::kText, Shown::kWhereItVaries},
                   {"variant", "variant", Unit::kText, Shown::kAlways},
                   {"lr", "lr", Unit::kNumber, Shown::kAlways},
                   {"label_smoothing", "smoothing", Unit::kNumber, Shown::kAlways},
                   {"seed", "seed", Unit::kWhole, Shown::kWhereItVaries},
                   {"params", "params", Unit::kCount, Shown::kAlways},
                   {"epoch", "epoch", Unit::kWhole, Shown::kAlways},
                   {"epochs", "of", Unit::kWhole, Shown::kAlways},
                   {"val_accuracy", "val acc", Unit::kFraction, Shown::kAlways},
                   {"test_accuracy", "test acc", Unit::kFraction, Shown::kAlways},
                   {"attempts", "attempts", Unit::kWhole, Shown::kWhereItVaries},
                   {"restarts", "restarts", Unit::kWhole, Shown::kNever},
                   {"reused_from", "reused from", Unit::kText, Shown::kWherePresent},
                   {"checkpoint_missed", "no checkpoint", Unit::kFlag, Shown::kWherePresent},
                   {"worker", "worker", Unit::kText, Shown::kAlways},
                   {"worker_pid", "pid", Unit::kWhole, Shown::kNever},
                   {"worker_session", "session", Unit::kText, Shown::kNever},
                   {"message", "message", Unit::kText, Shown::kWhereItVaries},
                   {"macs", "MACs", Unit::kCount, Shown::kNever},
                   {"created_ms", "begun (UTC)", Unit::kTimeMs, Shown::kNever},
                   {"changed_ms", "changed (UTC)", Unit::kTimeMs, Shown::kNever}});
  return columns;
}

const std::vector<Column>& failure_columns() {
  static const std::vector<Column> columns = {{"reason", "reason", Unit::kText, Shown::kAlways},
                                              {"trials", "trials", Unit::kWhole, Shown::kAlways},
                                              {"trial", "for example", Unit::kText, Shown::kAlways},
                                              {"message", "message", Unit::kText, Shown::kAlways}};
  return columns;
}

const std::vector<Column>& curve_columns() {
  static const std::vector<Column> columns =
      with_fields({{"trial", "trial", Unit::kText, Shown::kAlways},
                   {"number", "number", Unit::kWhole, Shown::kNever},
                   {"variant", "variant", Unit::kText, Shown::kAlways},
                   {"lr", "lr", Unit::kNumber, Shown::kWhereItVaries},
                   {"label_smoothing", "smoothing", Unit::kNumber, Shown::kWhereItVaries},
                   {"seed", "seed", Unit::kWhole, Shown::kWhereItVaries},
                   {"epoch", "epoch", Unit::kWhole, Shown::kAlways},
                   {"train_loss", "train loss", Unit::kNumber, Shown::kAlways},
                   {"train_accuracy", "train acc", Unit::kFraction, Shown::kAlways},
                   {"val_loss", "val loss", Unit::kNumber, Shown::kAlways},
                   {"val_accuracy", "val acc", Unit::kFraction, Shown::kAlways},
                   {"val_top5", "val top-5", Unit::kFraction, Shown::kNever},
                   {"test_accuracy", "test acc", Unit::kFraction, Shown::kWhereItVaries},
                   {"lr_at_end", "lr now", Unit::kNumber, Shown::kAlways},
                   {"seconds", "time", Unit::kSeconds, Shown::kAlways},
                   {"images_per_s", "images/s", Unit::kRate, Shown::kAlways},
                   {"state", "trial is", Unit::kText, Shown::kWhereItVaries},
                   {"recorded_ms", "recorded", Unit::kTimeMs, Shown::kNever}});
  return columns;
}

}  // namespace firesweep
