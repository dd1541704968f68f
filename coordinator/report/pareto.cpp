#include "coordinator/report/pareto.h"

#include <algorithm>
#include <tuple>

#include "coordinator/report/columns.h"
#include "coordinator/report/render/human.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

std::tuple<std::int64_t, double, SweepId, std::int64_t, const std::string&> order_of(
    const ParetoPoint& p) {
  const std::size_t slash = p.point.find('/');
  const std::int64_t number =
      slash == std::string::npos ? 0 : std::atoll(p.point.c_str() + slash + 1);
  return {p.params, -p.score, p.sweep, number, p.point};
}

template <class T>
Cell cell_of(const std::optional<T>& value) {
  return value ? Cell(Value(*value)) : Cell();
}

Row row_of(const Board& board, const ParetoPoint& p, std::size_t settings) {
  Row row = {Value(p.sweep.value),
             Value(p.sweep_name),
             Value(p.point),
             Value(std::get<3>(order_of(p))),
             Value(p.variant),
             cell_of(p.lr),
             cell_of(p.label_smoothing),
             Value(p.n_seeds),
             Value(p.params),
             Value(p.macs),
             Value(p.score),
             cell_of(p.val_mean),
             cell_of(p.val_sd),
             cell_of(p.ci_low),
             cell_of(p.ci_high),
             cell_of(p.test_mean),
             Value(std::int64_t{p.on_front}),
             Value(std::int64_t{p.duplicate}),
             p.dominated_by.empty() ? Cell() : Cell(Value(p.dominated_by)),
             Value(board.dataset),
             Value(board.protocol),
             Value(board.epochs),
             Value(board.trainer),
             Value(board.train_size),
             Value(board.test_size),
             Value(board.val_size),
             Value(board.split_seed)};
  Row known = p.settings;
  known.resize(settings);
  row.insert(row.end(), known.begin(), known.end());
  return row;
}

std::vector<Column> columns(PointsShown shown) {
  const Shown in_all = shown == PointsShown::kAll ? Shown::kAlways : Shown::kNever;
  return {{"sweep", "sweep", Unit::kWhole, Shown::kWhereItVaries},
          {"sweep_name", "name", Unit::kText, Shown::kNever},
          {"point", "point", Unit::kText, Shown::kAlways},
          {"number", "number", Unit::kWhole, Shown::kNever},
          {"variant", "variant", Unit::kText, Shown::kAlways},
          {"lr", "lr", Unit::kNumber, Shown::kAlways},
          {"label_smoothing", "smoothing", Unit::kNumber, Shown::kAlways},
          {"n_seeds", "seeds", Unit::kWhole, Shown::kAlways},
          {"params", "params", Unit::kCount, Shown::kAlways},
          {"macs", "MACs", Unit::kCount, Shown::kAlways},
          {"score", "accuracy", Unit::kFraction, Shown::kNever},
          {"val_mean", "val acc", Unit::kFraction, Shown::kAlways},
          {"val_sd", "± sd", Unit::kFraction, Shown::kWherePresent},
          {"ci_low", "95 % from", Unit::kFraction, Shown::kWherePresent},
          {"ci_high", "to", Unit::kFraction, Shown::kWherePresent},
          {"test_mean", "test acc", Unit::kFraction, Shown::kAlways},
          {"on_front", "front", Unit::kFlag, in_all},
          {"duplicate", "equal", Unit::kFlag, Shown::kWhereItVaries},
          {"dominated_by", "dominated by", Unit::kText, in_all},
          {"dataset", "dataset", Unit::kText, Shown::kNever},
          {"protocol", "protocol", Unit::kText, Shown::kNever},
          {"epochs", "epochs", Unit::kWhole, Shown::kNever},
          {"trainer", "trainer", Unit::kText, Shown::kNever},
          {"train_size", "train size", Unit::kWhole, Shown::kNever},
          {"test_size", "test size", Unit::kWhole, Shown::kNever},
          {"val_size", "val size", Unit::kNumber, Shown::kNever},
          {"split_seed", "split seed", Unit::kWhole, Shown::kNever}};
}

}  // namespace

std::vector<Column> setting_columns() {
  static const std::vector<Column> settings = [] {
    std::vector<Column> found;
    const std::vector<Column> own = columns(PointsShown::kAll);
    for (const Column& column : point_columns()) {
      const bool known = std::any_of(own.begin(), own.end(),
                                     [&](const Column& c) { return c.name == column.name; });
      const bool setting = find_field(column.name) != nullptr || column.name == "arch_params";
      if (setting && !known) found.push_back(column);
    }
    return found;
  }();
  return settings;
}

void mark_front(ParetoPanel& panel) {
  auto& points = panel.points;
  std::sort(points.begin(), points.end(),
            [](const ParetoPoint& a, const ParetoPoint& b) { return order_of(a) < order_of(b); });
  const ParetoPoint* best =
      nullptr;  // highest score so far, of the fewest parameters that reach it
  for (ParetoPoint& p : points) {
    const bool equal = best != nullptr && p.params == best->params && p.score == best->score;
    p.on_front = best == nullptr || p.score > best->score || equal;
    p.duplicate = equal;
    p.dominated_by = p.on_front ? "" : best->point;
    if (p.on_front && !equal) best = &p;
  }
}

Table pareto_table(const std::vector<ParetoPanel>& panels, PointsShown shown,
                   const std::set<std::string>& swept) {
  Table table;
  table.columns = columns(shown);
  const std::vector<Column> settings = setting_columns();
  table.columns.insert(table.columns.end(), settings.begin(), settings.end());
  for (Column& column : table.columns) {
    if (swept.contains(column.name)) column.shown = Shown::kAlways;
  }
  table.when_empty = "No finished points yet.";
  for (const ParetoPanel& panel : panels) {
    Section section{"", table.rows.size(), 0};
    std::size_t front = 0;
    for (const ParetoPoint& p : panel.points) {
      front += p.on_front ? 1 : 0;
      if (shown == PointsShown::kAll || p.on_front)
        table.rows.push_back(row_of(panel.board, p, settings.size()));
    }
    section.count = table.rows.size() - section.first;
    section.heading = "Pareto front: " + heading_of(panel.board) + " (" + std::to_string(front) +
                      " of " + std::to_string(panel.points.size()) + " points)";
    table.sections.push_back(std::move(section));
  }
  return table;
}

}  // namespace firesweep
