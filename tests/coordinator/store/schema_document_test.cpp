// docs/schema.md is what `firesweep schema` prints, and names exactly the tables, views and columns
// that there are.
#include "coordinator/store/schema_document.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "coordinator/store/migration.h"
#include "tests/places.h"

namespace firesweep {
namespace {

using Schema = std::map<std::string, std::set<std::string>>;  // "table sweeps" → its columns

SQLite::Database newest() {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  bring_up_to_date(database, {});
  return database;
}

Schema real_schema() {
  Schema schema;
  const SQLite::Database database = newest();
  SQLite::Statement columns(
      database,
      "SELECT s.type || ' ' || s.name, c.name FROM sqlite_schema AS s"
      " JOIN pragma_table_xinfo(s.name) AS c WHERE s.type IN ('table', 'view')");
  while (columns.executeStep())
    schema[columns.getColumn(0)].insert(columns.getColumn(1).getString());
  return schema;
}

std::string document() {
  std::ifstream file(source_dir() / "docs/schema.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// "### table `sweeps`" opens an entry; each of its rows "| `name` | … |" is a column, or several of
// one meaning:
// "| `lr`, `momentum` | … |".
Schema documented_schema() {
  Schema schema;
  const std::regex heading("### (table|view) `(\\w+)`.*");
  const std::regex row("\\| (`[^|]+) \\| [^|]*[^| ][^|]* \\|");
  const std::regex name("`(\\w+)`");
  std::string current;
  std::istringstream lines(document());
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, heading)) {
      current = match[1].str() + " " + match[2].str();
      schema[current];
    } else if (line.starts_with("#")) {
      current.clear();
    } else if (!current.empty() && std::regex_match(line, match, row)) {
      const std::string names = match[1];
      for (std::sregex_iterator it(names.begin(), names.end(), name), end; it != end; ++it) {
        EXPECT_TRUE(schema[current].insert((*it)[1]).second)
            << current << " documents " << (*it)[1] << " twice";
      }
    }
  }
  return schema;
}

TEST(SchemaDocument, IsWhatTheCommandPrints) {
  EXPECT_EQ(document(), schema_document())
      << "write it anew: build/release/bin/firesweep schema > docs/schema.md";
}

TEST(SchemaDocument, NamesEveryTableViewAndColumn) {
  const Schema real = real_schema();
  const Schema documented = documented_schema();
  for (const auto& [name, columns] : real) {
    ASSERT_TRUE(documented.contains(name)) << name << " is not documented";
    for (const std::string& column : columns) {
      EXPECT_TRUE(documented.at(name).contains(column))
          << name << "." << column << " is not documented";
    }
  }
  for (const auto& [name, columns] : documented) {
    ASSERT_TRUE(real.contains(name)) << name << " does not exist";
    for (const std::string& column : columns) {
      EXPECT_TRUE(real.at(name).contains(column)) << name << "." << column << " does not exist";
    }
  }
}

TEST(SchemaDocument, EveryQueryInItRuns) {
  const std::string text = document();
  const SQLite::Database database = newest();
  const std::regex block("```sql\n([^`]*)```");
  int queries = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), block), end; it != end; ++it) {
    std::istringstream statements((*it)[1]);
    for (std::string statement; std::getline(statements, statement, ';');) {
      if (statement.find_first_not_of(" \n") == std::string::npos) continue;
      EXPECT_NO_THROW(SQLite::Statement(database, statement).executeStep()) << statement;
      ++queries;
    }
  }
  EXPECT_GE(queries, 8);
}

}  // namespace
}  // namespace firesweep
