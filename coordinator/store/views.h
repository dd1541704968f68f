// What of the schema follows from this build's tables of hyperparameters and results: the views,
// and the columns of results that no migration made. A file opened for writing gets them in place
// of what another build made; a file opened for reading is read through temporary views, whatever
// it holds itself.
#pragma once

#include <SQLiteCpp/Database.h>

namespace firesweep {

// What rows of `finished` must agree in to be compared (TRAINING.md §3), as the terms of an ORDER
// BY.
inline constexpr const char* kBoardOrder =
    "dataset, dataset_checksum, coalesce(dataset_content, ''), trainer, protocol, epochs DESC, "
    "train_size, test_size, val_size, split_seed";

// Whether the database has exactly these views and a column for each result; what else its user has
// put there does not count. Throws SQLite::Exception.
bool is_derived(SQLite::Database& database);

// Puts these views in the place of older ones of the same names, and adds the columns that are
// missing. Call within a transaction, on a database of the newest version. Throws
// SQLite::Exception.
void derive(SQLite::Database& database);

// Temporary views of the same names, which take precedence on this connection; the file itself may
// be read-only. A result that the file has no column for is null. Throws SQLite::Exception.
void make_temporary_views(SQLite::Database& database);

}  // namespace firesweep
