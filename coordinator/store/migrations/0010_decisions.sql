-- Version 10. Decisions with their evidence: trials that went on from a rung, seeds of points that were raced out; and
-- results that were there already.

-- Which trials went on from a rung (early_terminate: asha with promotion).
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

-- Each decision of a race with its evidence. The trial's row is written in the same transaction.
CREATE TABLE raced_out (
  trial_id INTEGER PRIMARY KEY REFERENCES trials (trial_id),
  seeds INTEGER NOT NULL CHECK (seeds >= 1),
  of_seeds INTEGER NOT NULL CHECK (of_seeds >= seeds),
  top INTEGER NOT NULL CHECK (top >= 1),
  better_trial_id INTEGER NOT NULL,
  pairs INTEGER NOT NULL CHECK (pairs >= 1),
  difference REAL NOT NULL CHECK (difference > 0),
  deviation REAL NOT NULL CHECK (deviation > 0),
  freedom INTEGER NOT NULL CHECK (freedom >= 1),
  p REAL NOT NULL CHECK (p BETWEEN 0 AND 1),
  comparisons INTEGER NOT NULL CHECK (comparisons >= 1),
  level REAL NOT NULL CHECK (level > 0),
  decided_ms INTEGER NOT NULL
) STRICT;

-- The trial's row in results is a copy of the other's.
CREATE TABLE reused_results (
  trial_id INTEGER PRIMARY KEY REFERENCES trials (trial_id),
  from_trial_id INTEGER NOT NULL REFERENCES results (trial_id)
) STRICT;
