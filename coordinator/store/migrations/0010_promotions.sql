-- Version 10. Which trials went on from a rung (early_terminate: asha with promotion), with the evidence.

-- A decision follows the record of its epoch, and precedes the attempt that goes on from it.
CREATE TABLE promotions (
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  attempt_no INTEGER NOT NULL CHECK (attempt_no >= 1),
  score REAL NOT NULL,
  threshold REAL NOT NULL,
  rank INTEGER NOT NULL CHECK (rank >= 1),
  seen INTEGER NOT NULL CHECK (seen >= rank),
  decided_ms INTEGER NOT NULL,
  PRIMARY KEY (trial_id, epoch)
) STRICT, WITHOUT ROWID;
