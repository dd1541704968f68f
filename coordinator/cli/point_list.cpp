#include "coordinator/cli/point_list.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "coordinator/report/columns.h"
#include "coordinator/report/render/human.h"
#include "coordinator/report/render/row_writer.h"
#include "shared/base/utf8.h"
#include "shared/domain/fields.h"
#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

constexpr std::string_view kGap = "  ";

// Fields that are shown, and parameters of architecture files by their whole name.
struct Chosen {
  std::vector<const Field*> fields;
  std::vector<std::string> arch;
};

Chosen chosen_of(const SweepSpec& spec) {
  Chosen chosen;
  const auto add = [&](const Field* field) {
    if (std::ranges::find(chosen.fields, field) == chosen.fields.end()) {
      chosen.fields.push_back(field);
    }
  };
  add(find_field("variant"));
  for (const Parameter& parameter : spec.parameters) {
    const Field* field = find_field(parameter.name);
    if (field != nullptr) {
      add(field);
    } else {
      chosen.arch.push_back(parameter.name);
    }
  }
  if (spec.lr_follows_optimizer) add(find_field("lr"));
  if (spec.weight_decay_follows_optimizer) add(find_field("weight_decay"));
  return chosen;
}

// Values of an architecture's parameter may be of several types: as they are written.
Cell cell_of(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return std::int64_t{*flag ? 1 : 0};
  return value;
}

std::vector<Column> columns_of(const Chosen& chosen) {
  std::vector<Column> columns;
  const auto add = [&](const std::string& name, Unit unit) {
    columns.push_back({name, name, unit, Shown::kAlways});
  };
  add("trial", Unit::kWhole);
  for (const Field* field : chosen.fields) add(std::string(field->name), unit_of(*field));
  for (const std::string& name : chosen.arch) add(name, Unit::kText);
  add("seed", Unit::kWhole);
  add("params", Unit::kCount);
  add("macs", Unit::kCount);
  return columns;
}

Row row_of(const TrialSpace& space, const Chosen& chosen, std::int64_t trial,
           const TrialConfig& config) {
  Row row{Cell(trial)};
  for (const Field* field : chosen.fields) row.push_back(cell_of(get_field(config, *field)));
  for (const std::string& name : chosen.arch) {
    const auto value = value_of(config, name);
    row.push_back(value ? Cell(to_string(*value)) : Cell());
  }
  const Cost cost = space.cost(config);
  for (const std::int64_t number : {config.seed, cost.params, cost.macs}) {
    row.emplace_back(std::in_place, number);
  }
  return row;
}

void each_row(const TrialSpace& space, const Chosen& chosen,
              const std::function<void(const Row&)>& take) {
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    if (const auto config = space.config(number)) take(row_of(space, chosen, number, *config));
  }
}

// A line of cells, the numbers at the right.
class Lines {
 public:
  explicit Lines(std::vector<Column> columns)
      : columns_(std::move(columns)), widths_(columns_.size(), 0) {}

  std::vector<std::string> titles() const {
    std::vector<std::string> cells;
    for (const Column& column : columns_) cells.push_back(column.title);
    return cells;
  }
  std::vector<std::string> cells_of(const Row& row) const {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(human(row[i], columns_[i].unit));
    return cells;
  }
  void make_room(const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(cells[i]));
    }
  }
  std::string line_of(const std::vector<std::string>& cells) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths_[i] - display_width(cells[i]), ' ');
      if (i > 0) line += kGap;
      line += columns_[i].unit == Unit::kText ? cells[i] + padding : padding + cells[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
  }

 private:
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
};

}  // namespace

Table table_of(const TrialSpace& space, std::span<const std::int64_t> numbers) {
  const Chosen chosen = chosen_of(space.frozen().spec);
  Table table;
  table.columns = columns_of(chosen);
  for (const std::int64_t number : numbers) {
    if (const auto config = space.config(number)) {
      table.rows.push_back(row_of(space, chosen, number, *config));
    }
  }
  return table;
}

void list_points(const TrialSpace& space, std::string_view format, Spool& out) {
  const Chosen chosen = chosen_of(space.frozen().spec);
  if (const auto writer = row_writer(format, out)) {
    writer->begin(columns_of(chosen));
    each_row(space, chosen, [&](const Row& row) { writer->row(row); });
    writer->end();
    return;
  }
  Lines lines(columns_of(chosen));
  lines.make_room(lines.titles());
  each_row(space, chosen, [&](const Row& row) { lines.make_room(lines.cells_of(row)); });
  out.clear();
  out.add(lines.line_of(lines.titles()));
  each_row(space, chosen, [&](const Row& row) { out.add(lines.line_of(lines.cells_of(row))); });
}

}  // namespace firesweep
