-- Version 8. Why trials were stopped before their last epoch: each decision with its evidence.

-- A decision follows the record of its epoch, in the same transaction.
CREATE TABLE terminations (
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  attempt_no INTEGER NOT NULL CHECK (attempt_no >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  score REAL NOT NULL,
  threshold REAL NOT NULL,
  rank INTEGER NOT NULL CHECK (rank >= 0),
  seen INTEGER NOT NULL CHECK (seen >= 1),
  bracket INTEGER NOT NULL CHECK (bracket >= 0),
  decided_ms INTEGER NOT NULL,
  PRIMARY KEY (trial_id, attempt_no)
) STRICT, WITHOUT ROWID;
