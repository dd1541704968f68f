// What the database holds, read by plain SQL, is what was committed to it, and its leaderboard says
// what the simulated world knows.
#pragma once

#include <memory>

#include "tests/simulation/ledger.h"

struct sqlite3;

namespace firesweep::simulation {

// Keeps its statements: preparing them takes longer than running them. Single-threaded; must not
// outlive the connection.
class Auditor {
 public:
  explicit Auditor(sqlite3* database);
  ~Auditor();

  // Every row is what was committed, at any moment. Throws Violation naming the first difference.
  void audit_rows(const Ledger& ledger);
  // The same as a question.
  bool holds(const Ledger& ledger);
  // The leaderboard is what the simulated world knows. Throws Violation.
  void audit_leaderboard(const Ledger& ledger);

 private:
  struct Queries;
  std::unique_ptr<Queries> queries_;
};

}  // namespace firesweep::simulation
