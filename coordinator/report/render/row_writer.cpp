#include "coordinator/report/render/row_writer.h"

#include <limits>

#include "coordinator/report/render/csv.h"
#include "coordinator/report/render/json.h"
#include "coordinator/report/render/render.h"

namespace firesweep {
namespace {

class CsvWriter final : public RowWriter {
 public:
  explicit CsvWriter(Spool& out) : out_(out) {}

  void begin(const std::vector<Column>& columns) override {
    out_.clear();
    out_.add(csv_header(columns));
  }
  void row(const Row& row) override { out_.add(csv_line(row)); }
  void end() override {}

 private:
  Spool& out_;
};

class JsonWriter final : public RowWriter {
 public:
  explicit JsonWriter(Spool& out) : out_(out) {}

  void begin(const std::vector<Column>& columns) override {
    columns_ = columns;
    keys_ = json_keys(columns);
    any_ = false;
    out_.clear();
    out_.add("[");
  }
  void row(const Row& row) override {
    out_.add(any_ ? ",\n  " : "\n  ");
    out_.add(json_object(columns_, keys_, row));
    any_ = true;
  }
  void end() override { out_.add(any_ ? "\n]\n" : "]\n"); }

 private:
  Spool& out_;
  std::vector<Column> columns_;
  std::vector<std::string> keys_;
  bool any_ = false;
};

std::string written(const Table& table, std::string_view format) {
  Spool whole(std::numeric_limits<std::size_t>::max());
  const auto writer = row_writer(format, whole);
  writer->begin(table.columns);
  for (const Row& row : table.rows) writer->row(row);
  writer->end();
  return whole.text();
}

}  // namespace

std::string render_csv(const Table& table) { return written(table, "csv"); }

std::string render_json(const Table& table) { return written(table, "json"); }

std::unique_ptr<RowWriter> row_writer(std::string_view format, Spool& out) {
  if (format == "csv") return std::make_unique<CsvWriter>(out);
  if (format == "json") return std::make_unique<JsonWriter>(out);
  return nullptr;
}

}  // namespace firesweep
