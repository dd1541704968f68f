-- What an attempt found when it was opened, whether it got the checkpoint it was promised, and the
-- checkpoints that workers have sent in.

ALTER TABLE attempts ADD COLUMN known_epoch INTEGER NOT NULL DEFAULT 0 CHECK (known_epoch >= 0);
ALTER TABLE attempts ADD COLUMN checkpoint_missed INTEGER NOT NULL DEFAULT 0
  CHECK (checkpoint_missed = 0 OR checkpoint_missed = 1);
UPDATE attempts SET known_epoch = resumed_from_epoch;

CREATE TABLE checkpoints (
  trial_id INTEGER PRIMARY KEY REFERENCES trials (trial_id),
  attempt_no INTEGER NOT NULL CHECK (attempt_no >= 1),
  number INTEGER NOT NULL CHECK (number >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  sha256 TEXT NOT NULL,
  format TEXT NOT NULL,
  file TEXT NOT NULL,
  stored_ms INTEGER NOT NULL
) STRICT;
