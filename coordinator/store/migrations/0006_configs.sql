-- Version 6. A trial's config stands in one column; `trial_configs` becomes a view that shows each
-- hyperparameter as a column. Views are no longer part of migrations: every build makes them anew
-- from its own tables of hyperparameters and results (coordinator/store/views.h).

DROP VIEW pareto_front;
DROP VIEW leaderboard;
DROP VIEW leaderboard_points;
DROP VIEW unranked;
DROP VIEW sweep_overview;
DROP VIEW scored;

CREATE TABLE configs (
  trial_id INTEGER PRIMARY KEY REFERENCES trials (trial_id),
  config_hash TEXT NOT NULL,
  architecture TEXT NOT NULL,
  architecture_hash TEXT NOT NULL,
  params INTEGER NOT NULL CHECK (params >= 0),
  macs INTEGER NOT NULL CHECK (macs >= 0),
  seed INTEGER NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config))
) STRICT;

INSERT INTO configs (
  trial_id, config_hash, architecture, architecture_hash, params, macs, seed, config)
SELECT trial_id, config_hash, architecture, architecture_hash, params, macs, seed, config
FROM trial_configs;

DROP TABLE trial_configs;
