-- Version 4. CHECKs of rows that change often compare one by one: for a list after IN, SQLite builds
-- an index anew with every change of a row. Columns and rows stay as they are.

CREATE TEMP TABLE old_trials AS SELECT * FROM trials;

DROP TABLE trials;

-- A row is made at a trial's first lease, together with its config, or by its cancellation before
-- that; until then the trial exists only as a number of its sweep.
CREATE TABLE trials (
  trial_id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (
    state = 'WAITING' OR state = 'ASSIGNED' OR state = 'RUNNING' OR state = 'STOPPING' OR
    state = 'COMPLETE' OR state = 'PRUNED' OR state = 'FAIL' OR state = 'CANCELLED'),
  reason TEXT CHECK (
    reason = 'OOM' OR reason = 'LOST' OR reason = 'TIMEOUT' OR reason = 'NAN' OR
    reason = 'BAD_CONFIG' OR reason = 'ERROR' OR reason = 'EARLY_STOP' OR reason = 'USER' OR
    reason = 'DRAIN'),
  newest_attempt INTEGER NOT NULL CHECK (newest_attempt >= 0),
  restarts INTEGER NOT NULL DEFAULT 0 CHECK (restarts >= 0),
  checkpoint_epoch INTEGER NOT NULL DEFAULT 0 CHECK (checkpoint_epoch >= 0),
  message TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  CHECK (trial_id = (sweep_id << 40 | number)),
  CHECK ((reason IS NOT NULL) = (state = 'STOPPING' OR state = 'FAIL'))
) STRICT;

INSERT INTO trials (
  trial_id, sweep_id, number, state, reason, newest_attempt, restarts, checkpoint_epoch, message,
  created_ms, changed_ms)
SELECT trial_id, sweep_id, number, state, reason, newest_attempt, restarts, checkpoint_epoch,
  message, created_ms, changed_ms
FROM old_trials;

DROP TABLE old_trials;

CREATE TEMP TABLE old_attempts AS SELECT * FROM attempts;

DROP TABLE attempts;

-- One lease of a trial to a worker; live while `ended` is null.
CREATE TABLE attempts (
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  attempt_no INTEGER NOT NULL CHECK (attempt_no >= 1),
  worker TEXT NOT NULL,
  session TEXT NOT NULL,
  opened_ms INTEGER NOT NULL,
  started_ms INTEGER,
  resumed_from_epoch INTEGER NOT NULL DEFAULT 0 CHECK (resumed_from_epoch >= 0),
  ended TEXT CHECK (
    ended = 'FINISHED' OR ended = 'ERRORED' OR ended = 'LOST' OR ended = 'HANDED_BACK' OR
    ended = 'UNSTARTED'),
  ended_ms INTEGER,
  reason TEXT CHECK (
    reason = 'OOM' OR reason = 'LOST' OR reason = 'TIMEOUT' OR reason = 'NAN' OR
    reason = 'BAD_CONFIG' OR reason = 'ERROR' OR reason = 'EARLY_STOP' OR reason = 'USER' OR
    reason = 'DRAIN'),
  message TEXT NOT NULL DEFAULT '',
  charged INTEGER NOT NULL DEFAULT 0 CHECK (charged = 0 OR charged = 1),
  PRIMARY KEY (trial_id, attempt_no),
  CHECK ((ended IS NULL) = (ended_ms IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX attempts_live ON attempts (trial_id) WHERE ended IS NULL;

INSERT INTO attempts (
  trial_id, attempt_no, worker, session, opened_ms, started_ms, resumed_from_epoch, ended, ended_ms,
  reason, message, charged)
SELECT trial_id, attempt_no, worker, session, opened_ms, started_ms, resumed_from_epoch, ended,
  ended_ms, reason, message, charged
FROM old_attempts;

DROP TABLE old_attempts;
