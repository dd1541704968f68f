-- Version 9. What a search that learns has proposed, with the evidence of each decision: enough to
-- compute it again (`firesweep replay`).

-- The next point of a sweep. It precedes the first lease of the point's trials.
CREATE TABLE proposals (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  point INTEGER NOT NULL CHECK (point >= 0),
  at TEXT NOT NULL CHECK (json_valid(at)),
  "values" TEXT NOT NULL CHECK (json_valid("values")),
  results INTEGER NOT NULL CHECK (results >= 0),
  running TEXT NOT NULL CHECK (json_valid(running)),
  proposed_ms INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, point)
) STRICT, WITHOUT ROWID;

-- The results of such a sweep, in the order in which they were learnt from.
CREATE TABLE search_results (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  PRIMARY KEY (sweep_id, ordinal)
) STRICT, WITHOUT ROWID;
