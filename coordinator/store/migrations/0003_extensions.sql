-- Version 3: a sweep may be extended by further files, each a segment of its trials' numbers.

CREATE TABLE extensions (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  segment INTEGER NOT NULL CHECK (segment >= 1),
  base INTEGER NOT NULL CHECK (base >= 1),
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  hash TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, segment)
) STRICT, WITHOUT ROWID;

CREATE TABLE architectures_of_segments (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  segment INTEGER NOT NULL CHECK (segment >= 0),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  text TEXT NOT NULL CHECK (json_valid(text)),
  PRIMARY KEY (sweep_id, segment, name)
) STRICT, WITHOUT ROWID;

INSERT INTO architectures_of_segments
SELECT sweep_id, 0, name, hash, text FROM architectures;

DROP TABLE architectures;
ALTER TABLE architectures_of_segments RENAME TO architectures;
