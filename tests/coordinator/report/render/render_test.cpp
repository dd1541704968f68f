#include "coordinator/report/render/render.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace firesweep {
namespace {

Value text(const char* content) { return std::string(content); }
Value whole(std::int64_t number) { return number; }

Table sample_table() {
  Table table;
  table.columns = {{"rank", "rank", Unit::kWhole, Shown::kAlways},
                   {"variant", "variant", Unit::kText, Shown::kAlways},
                   {"params", "params", Unit::kCount, Shown::kAlways},
                   {"val_accuracy", "val acc", Unit::kFraction, Shown::kAlways},
                   {"seed", "seed", Unit::kWhole, Shown::kWhereItVaries},
                   {"exact", "exact", Unit::kFlag, Shown::kNever}};
  table.rows = {{whole(1), text("v5"), whole(3'657'440), 0.6219, whole(1), whole(1)},
                {whole(12), text("größer"), whole(512), {}, whole(1), whole(0)}};
  return table;
}

TEST(RenderText, AlignsNumbersRightAndTextLeftCountingCharacters) {
  EXPECT_EQ(render_text(sample_table()),
            "rank  variant  params  val acc\n"
            "────  ───────  ──────  ───────\n"
            "   1  v5       3.66 M  62.19 %\n"
            "  12  größer      512        –\n");
}

TEST(RenderText, ColumnsThatVaryAreShown) {
  Table table = sample_table();
  table.rows[1][4] = whole(2);
  EXPECT_NE(render_text(table).find("seed"), std::string::npos);
  EXPECT_EQ(render_text(table).find("exact"), std::string::npos);
}

TEST(RenderText, EverySectionHasItsHeadingAndItsOwnColumns) {
  Table table = sample_table();
  table.rows[1][4] = whole(2);
  table.sections = {{"cifar100", 0, 1}, {"cifar10", 1, 1}};
  const std::string shown = render_text(table);
  EXPECT_LT(shown.find("cifar100\n"), shown.find("v5"));
  EXPECT_LT(shown.find("v5"), shown.find("cifar10\n"));
  EXPECT_EQ(shown.find("seed"), std::string::npos) << "it varies in neither section";
}

TEST(RenderText, EmptyTableSaysSo) {
  Table table;
  table.columns = sample_table().columns;
  table.when_empty = "No finished trials yet.";
  EXPECT_EQ(render_text(table), "No finished trials yet.\n");
}

TEST(RenderText, LineFeedsInACellDoNotBreakTheTable) {
  Table table = sample_table();
  table.rows[0][1] = text("a\nb");
  EXPECT_NE(render_text(table).find("a b"), std::string::npos);
}

TEST(RenderCsv, IsRfc4180WithMachineNamesAndStoredNumbers) {
  Table table = sample_table();
  table.rows[0][1] = text("a \"b\", c\nd");
  EXPECT_EQ(render_csv(table),
            "rank,variant,params,val_accuracy,seed,exact\r\n"
            "1,\"a \"\"b\"\", c\nd\",3657440,0.6219,1,1\r\n"
            "12,größer,512,,1,0\r\n");
}

TEST(RenderCsv, EmptyTableIsItsHeader) {
  Table table = sample_table();
  table.rows.clear();
  EXPECT_EQ(render_csv(table), "rank,variant,params,val_accuracy,seed,exact\r\n");
}

TEST(RenderJson, NumbersAreNumbersFlagsBooleansAndAbsentNull) {
  EXPECT_EQ(
      render_json(sample_table()),
      "[\n"
      R"(  {"rank": 1, "variant": "v5", "params": 3657440, "val_accuracy": 0.6219, "seed": 1, "exact": true},)"
      "\n"
      R"(  {"rank": 12, "variant": "größer", "params": 512, "val_accuracy": null, "seed": 1, "exact": false})"
      "\n]\n");
}

TEST(RenderJson, EmptyTableIsAnEmptyArray) { EXPECT_EQ(render_json({}), "[]\n"); }

TEST(RenderJson, NumbersThatJsonLacksAreNull) {
  Table table;
  table.columns = {{"x", "x", Unit::kNumber, Shown::kAlways}};
  table.rows = {{std::nan("")}, {std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(render_json(table), "[\n  {\"x\": null},\n  {\"x\": null}\n]\n");
}

TEST(RenderJson, StringsAreEscapedAndAlwaysUtf8) {
  Table table;
  table.columns = {{"a\"b", "x", Unit::kText, Shown::kAlways}};
  table.rows = {{std::string("a\n\xff")}};
  EXPECT_EQ(render_json(table), "[\n  {\"a\\\"b\": \"a\\n\xEF\xBF\xBD\"}\n]\n");
}

}  // namespace
}  // namespace firesweep
