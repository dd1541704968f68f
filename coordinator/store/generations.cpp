#include "coordinator/store/generations.h"

#include <SQLiteCpp/Transaction.h>

namespace firesweep {

void begin_generation(SQLite::Database& database) {
  database.exec(R"(
    INSERT INTO generations (number, id, began_ms)
    SELECT coalesce(max(number), 0) + 1, random() | 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000
    FROM generations)");
  database.exec("DELETE FROM backup_marks");
}

void mark_backup(SQLite::Database& copy) {
  SQLite::Transaction transaction(copy, SQLite::TransactionBehavior::IMMEDIATE);
  copy.exec("DELETE FROM backup_marks");
  copy.exec(
      "INSERT INTO backup_marks (made_ms) VALUES (CAST(strftime('%s', 'now') AS INTEGER) * 1000)");
  transaction.commit();
}

bool begin_generation_of_backup(SQLite::Database& database) {
  if (database.execAndGet("SELECT count(*) FROM backup_marks").getInt64() == 0) return false;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  begin_generation(database);
  transaction.commit();
  return true;
}

}  // namespace firesweep
