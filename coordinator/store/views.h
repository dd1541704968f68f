// The parts of the schema that are derived from this build's tables of hyperparameters and results:
// the views, and the result columns that no migration creates. When a file is opened for writing,
// they replace those of another build. A file opened for reading is read through temporary views.
#pragma once

#include <SQLiteCpp/Database.h>

namespace firesweep {

// What rows of `finished` must agree in to be compared (TRAINING.md §3), as the terms of an ORDER
// BY.
inline constexpr const char* kBoardOrder =
    "dataset, dataset_checksum, coalesce(dataset_content, ''), trainer, protocol, epochs DESC, "
    "train_size, test_size, val_size, split_seed";

// What a row of `terminations`, called d, says of a row of `trials`, called t, that is PRUNED.
inline constexpr const char* kWhyPruned = R"sql(
    printf('stopped after epoch %d: %.2f %%, compared with %.2f %%', d.epoch, 100 * d.score,
      100 * d.threshold) || iif(d.rank > 0, printf(' (rank %d of %d)', d.rank, d.seen), ''))sql";

// Whether the database has exactly these views and a column for each result. The user's own views
// and tables do not count. Throws SQLite::Exception.
bool is_derived(SQLite::Database& database);

// Replaces the views of these names and adds missing columns. Call within a transaction, on a
// database of the newest version. Throws SQLite::Exception.
void derive(SQLite::Database& database);

// Creates temporary views of the same names, which take precedence on this connection; the file may
// be read-only. If the file has no column for a result, the view has null. Throws
// SQLite::Exception.
void make_temporary_views(SQLite::Database& database);

}  // namespace firesweep
