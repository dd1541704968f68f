-- Version 7. Attempt numbers repeat when an older state of a database is put back. Each of its lives
-- has a random number that every message about an attempt carries.

CREATE TABLE generations (
  number INTEGER PRIMARY KEY,
  id INTEGER NOT NULL CHECK (id != 0),
  began_ms INTEGER NOT NULL
) STRICT;

INSERT INTO generations (number, id, began_ms)
VALUES (1, random() | 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000);

-- A row marks a copy made by `firesweep backup`: whoever owns it next begins a generation.
CREATE TABLE backup_marks (
  made_ms INTEGER NOT NULL
) STRICT;
