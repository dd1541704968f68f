-- Version 2. What never changes of a trial leaves `trials`: each UPDATE of a row with columns made
-- from its config read the whole config anew. Foreign keys are off while migrations run.

CREATE TABLE trial_configs (
  trial_id INTEGER PRIMARY KEY REFERENCES trials (trial_id),
  config_hash TEXT NOT NULL,
  architecture TEXT NOT NULL,
  architecture_hash TEXT NOT NULL,
  params INTEGER NOT NULL CHECK (params >= 0),
  macs INTEGER NOT NULL CHECK (macs >= 0),
  seed INTEGER NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config)),
  arch_params TEXT
    GENERATED ALWAYS AS (nullif(json_extract(config, '$.arch_params'), '{}')) VIRTUAL,
  variant TEXT GENERATED ALWAYS AS (json_extract(config, '$.variant')) VIRTUAL,
  dropout REAL GENERATED ALWAYS AS (json_extract(config, '$.dropout')) VIRTUAL,
  epochs INTEGER GENERATED ALWAYS AS (json_extract(config, '$.epochs')) VIRTUAL,
  batch_size INTEGER GENERATED ALWAYS AS (json_extract(config, '$.batch_size')) VIRTUAL,
  drop_last INTEGER GENERATED ALWAYS AS (json_extract(config, '$.drop_last')) VIRTUAL,
  optimizer TEXT GENERATED ALWAYS AS (json_extract(config, '$.optimizer')) VIRTUAL,
  lr REAL GENERATED ALWAYS AS (json_extract(config, '$.lr')) VIRTUAL,
  weight_decay REAL GENERATED ALWAYS AS (json_extract(config, '$.weight_decay')) VIRTUAL,
  momentum REAL GENERATED ALWAYS AS (json_extract(config, '$.momentum')) VIRTUAL,
  beta1 REAL GENERATED ALWAYS AS (json_extract(config, '$.beta1')) VIRTUAL,
  beta2 REAL GENERATED ALWAYS AS (json_extract(config, '$.beta2')) VIRTUAL,
  schedule TEXT GENERATED ALWAYS AS (json_extract(config, '$.schedule')) VIRTUAL,
  warmup_fraction REAL GENERATED ALWAYS AS (json_extract(config, '$.warmup_fraction')) VIRTUAL,
  grad_clip REAL GENERATED ALWAYS AS (json_extract(config, '$.grad_clip')) VIRTUAL,
  label_smoothing REAL GENERATED ALWAYS AS (json_extract(config, '$.label_smoothing')) VIRTUAL,
  augmentation TEXT GENERATED ALWAYS AS (json_extract(config, '$.augmentation')) VIRTUAL,
  ema_decay REAL GENERATED ALWAYS AS (json_extract(config, '$.ema_decay')) VIRTUAL,
  flip_tta INTEGER GENERATED ALWAYS AS (json_extract(config, '$.flip_tta')) VIRTUAL,
  val_size REAL GENERATED ALWAYS AS (json_extract(config, '$.val_size')) VIRTUAL,
  split_seed INTEGER GENERATED ALWAYS AS (json_extract(config, '$.split_seed')) VIRTUAL,
  train_size INTEGER GENERATED ALWAYS AS (json_extract(config, '$.train_size')) VIRTUAL,
  test_size INTEGER GENERATED ALWAYS AS (json_extract(config, '$.test_size')) VIRTUAL,
  "select" TEXT GENERATED ALWAYS AS (json_extract(config, '$.select')) VIRTUAL,
  protocol TEXT GENERATED ALWAYS AS (json_extract(config, '$.protocol')) VIRTUAL,
  amp TEXT GENERATED ALWAYS AS (json_extract(config, '$.amp')) VIRTUAL,
  deterministic INTEGER GENERATED ALWAYS AS (json_extract(config, '$.deterministic')) VIRTUAL,
  simulated_seconds REAL GENERATED ALWAYS AS (json_extract(config, '$.simulated_seconds')) VIRTUAL,
  simulated_failure_rate REAL
    GENERATED ALWAYS AS (json_extract(config, '$.simulated_failure_rate')) VIRTUAL
) STRICT;

INSERT INTO trial_configs (
  trial_id, config_hash, architecture, architecture_hash, params, macs, seed, config)
SELECT trial_id, config_hash, architecture, architecture_hash, params, macs, seed, config
FROM trials
WHERE config IS NOT NULL;

CREATE TEMP TABLE old_trials AS
SELECT trial_id, sweep_id, number, state, reason, newest_attempt, restarts, checkpoint_epoch,
  message, created_ms, changed_ms
FROM trials;

DROP TABLE trials;

-- A row is made at a trial's first lease, together with its config, or by its cancellation before
-- that; until then the trial exists only as a number of its sweep.
CREATE TABLE trials (
  trial_id INTEGER PRIMARY KEY,
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('WAITING', 'ASSIGNED', 'RUNNING', 'STOPPING', 'COMPLETE', 'PRUNED', 'FAIL', 'CANCELLED')),
  reason TEXT CHECK (reason IN
    ('OOM', 'LOST', 'TIMEOUT', 'NAN', 'BAD_CONFIG', 'ERROR', 'EARLY_STOP', 'USER', 'DRAIN')),
  newest_attempt INTEGER NOT NULL CHECK (newest_attempt >= 0),
  restarts INTEGER NOT NULL DEFAULT 0 CHECK (restarts >= 0),
  checkpoint_epoch INTEGER NOT NULL DEFAULT 0 CHECK (checkpoint_epoch >= 0),
  message TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  CHECK (trial_id = (sweep_id << 40 | number)),
  CHECK ((reason IS NOT NULL) = (state IN ('STOPPING', 'FAIL')))
) STRICT;

INSERT INTO trials (
  trial_id, sweep_id, number, state, reason, newest_attempt, restarts, checkpoint_epoch, message,
  created_ms, changed_ms)
SELECT trial_id, sweep_id, number, state, reason, newest_attempt, restarts, checkpoint_epoch,
  message, created_ms, changed_ms
FROM old_trials;

DROP TABLE old_trials;

DROP VIEW sweep_overview;
DROP VIEW unranked;
DROP VIEW leaderboard_points;
DROP VIEW scored;

-- Accepted results with their configs. Rows of equal `board` may be compared (TRAINING.md §3);
-- `score` is what they are ranked by.
CREATE VIEW scored AS
SELECT
  dense_rank() OVER (
    ORDER BY s.dataset, s.dataset_checksum, s.trainer, c.protocol, c.epochs DESC, c.train_size,
      c.test_size, c.val_size, c.split_seed) AS board,
  CASE c.protocol WHEN 'held_out' THEN r.val_accuracy ELSE r.test_accuracy END AS score,
  s.name AS sweep_name, s.dataset, s.dataset_checksum, s.trainer,
  t.trial_id, t.sweep_id, t.number, t.state, t.restarts, c.config_hash, c.architecture_hash,
  c.params, c.macs, c.seed, c.arch_params,
  c.variant, c.dropout, c.epochs, c.batch_size, c.drop_last, c.optimizer, c.lr, c.weight_decay,
  c.momentum, c.beta1, c.beta2, c.schedule, c.warmup_fraction, c.grad_clip, c.label_smoothing,
  c.augmentation, c.ema_decay, c.flip_tta, c.val_size, c.split_seed, c.train_size, c.test_size,
  c."select", c.protocol, c.amp, c.deterministic,
  r.attempt_no, r.recorded_ms, r.val_accuracy, r.val_loss, r.val_top5, r.best_val_accuracy,
  r.best_epoch, r.selected_epoch, r.test_accuracy, r.test_loss, r.test_top5,
  r.test_accuracy_flip, r.train_loss, r.epochs AS epochs_trained, r.train_macs, r.model_bytes,
  r.train_seconds, r.images_per_s, r.peak_memory_bytes, r.device, r.numeric_class,
  r.torch_version, r.build_commit, r.amp AS amp_used, r.resume_exact
FROM results AS r
JOIN trials AS t USING (trial_id)
JOIN trial_configs AS c USING (trial_id)
JOIN sweeps AS s USING (sweep_id);

-- A row a point (a config without its seed, within a sweep).
CREATE VIEW leaderboard_points AS
WITH
point AS (
  SELECT
    board, sweep_id, config_hash, min(number) AS number,
    count(score) AS n_seeds, avg(score) AS score,
    count(score) - 1 AS freedom_of_one,
    max(0.0, sum(score * score) - sum(score) * sum(score) / count(score)) AS squares,
    count(val_accuracy) - 1 AS val_freedom, avg(val_accuracy) AS val_mean,
    max(0.0, sum(val_accuracy * val_accuracy)
      - sum(val_accuracy) * sum(val_accuracy) / count(val_accuracy)) AS val_squares,
    count(test_accuracy) - 1 AS test_freedom, avg(test_accuracy) AS test_mean,
    max(0.0, sum(test_accuracy * test_accuracy)
      - sum(test_accuracy) * sum(test_accuracy) / count(test_accuracy)) AS test_squares,
    avg(train_seconds) AS train_seconds, avg(images_per_s) AS images_per_s,
    min(sweep_name) AS sweep_name, min(dataset) AS dataset, min(trainer) AS trainer,
    min(protocol) AS protocol, min(epochs) AS epochs, min(train_size) AS train_size,
    min(test_size) AS test_size, min(val_size) AS val_size, min(split_seed) AS split_seed,
    min(variant) AS variant, min(lr) AS lr, min(label_smoothing) AS label_smoothing,
    min(optimizer) AS optimizer, min(schedule) AS schedule, min(batch_size) AS batch_size,
    min(weight_decay) AS weight_decay, min(augmentation) AS augmentation,
    min(dropout) AS dropout, min(arch_params) AS arch_params,
    min(params) AS params, min(macs) AS macs, min(train_macs) AS train_macs
  FROM scored
  GROUP BY board, sweep_id, config_hash),
-- Few seeds say little about their own spread: the deviation is pooled over a variant's points.
pooled AS (
  SELECT *, sum(squares) OVER variants AS pooled_squares,
    nullif(sum(max(freedom_of_one, 0)) OVER variants, 0) AS freedom
  FROM point
  WINDOW variants AS (PARTITION BY board, variant)),
-- Half the width of the 95 % interval. Student's quantile: exact for 1 and 2 degrees of freedom,
-- then the Cornish-Fisher series about 1.959964 (Abramowitz and Stegun, 26.7.5), within 0.15 %.
bounded AS (
  SELECT *,
    sqrt(pooled_squares / freedom / n_seeds) * CASE freedom
      WHEN 1 THEN 12.70620
      WHEN 2 THEN 4.30265
      ELSE 1.959964 + 2.37227 / freedom + 2.82250 / pow(freedom, 2)
        + 2.55585 / pow(freedom, 3) + 1.58957 / pow(freedom, 4)
    END AS half_width
  FROM pooled),
ended AS (
  SELECT sweep_id, config_hash, sum(state = 'PRUNED') AS n_pruned, sum(state = 'FAIL') AS n_failed
  FROM trials JOIN trial_configs USING (trial_id)
  WHERE state IN ('PRUNED', 'FAIL')
  GROUP BY sweep_id, config_hash),
judged AS (
  SELECT *, coalesce(n_pruned, 0) AS pruned, coalesce(n_failed, 0) AS failed,
    score IS NOT NULL AND coalesce(n_pruned, 0) = 0 AS may_rank
  FROM bounded LEFT JOIN ended USING (sweep_id, config_hash))
SELECT
  CASE WHEN may_rank THEN
    rank() OVER (PARTITION BY board, may_rank ORDER BY score DESC, params)
  END AS rank,
  sweep_id AS sweep, sweep_id || '/' || number AS point, variant, lr, label_smoothing, n_seeds,
  params, macs,
  val_mean, CASE WHEN val_freedom > 0 THEN sqrt(val_squares / val_freedom) END AS val_sd,
  score - half_width AS ci_low, score + half_width AS ci_high,
  test_mean, CASE WHEN test_freedom > 0 THEN sqrt(test_squares / test_freedom) END AS test_sd,
  epochs, train_seconds, dataset, protocol, optimizer, schedule, batch_size, weight_decay,
  augmentation, dropout, arch_params, pruned AS n_pruned, failed AS n_failed, images_per_s,
  train_macs, trainer, train_size, test_size, val_size, split_seed, board, score, config_hash,
  sweep_name
FROM judged
ORDER BY board, rank IS NULL, rank, score DESC, sweep_id, number;

-- Trials that have a row but no result: running ones with their newest epoch, failed ones with
-- their reason.
CREATE VIEW unranked AS
SELECT
  t.sweep_id AS sweep, t.sweep_id || '/' || t.number AS trial, t.state, t.reason, t.message,
  c.variant, c.lr, c.label_smoothing, c.seed, c.params, c.macs, t.newest_attempt AS attempts,
  t.restarts, a.worker, e.epoch, c.epochs, e.train_loss, e.train_accuracy, e.val_loss,
  e.val_accuracy, t.changed_ms, t.trial_id
FROM trials AS t
LEFT JOIN trial_configs AS c ON c.trial_id = t.trial_id
LEFT JOIN attempts AS a ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
LEFT JOIN epochs AS e
  ON e.trial_id = t.trial_id
  AND e.epoch = (SELECT max(epoch) FROM epochs WHERE trial_id = t.trial_id)
WHERE NOT EXISTS (SELECT 1 FROM results AS r WHERE r.trial_id = t.trial_id)
ORDER BY t.trial_id;

-- A row a sweep: how far it is. Trials that never had a lease have no row; they count as waiting,
-- or as cancelled where the sweep is.
CREATE VIEW sweep_overview AS
WITH
counted AS (
  SELECT
    sweep_id,
    count(*) AS rows_made,
    sum(state = 'WAITING') AS waiting,
    sum(state = 'ASSIGNED') AS assigned,
    sum(state IN ('RUNNING', 'STOPPING')) AS running,
    sum(state = 'COMPLETE') AS complete,
    sum(state = 'PRUNED') AS pruned,
    sum(state = 'FAIL') AS failed,
    sum(state = 'CANCELLED') AS cancelled
  FROM trials
  GROUP BY sweep_id),
-- With a bare column, SQLite takes the row that holds the maximum.
best AS (
  SELECT
    t.sweep_id, t.sweep_id || '/' || t.number AS trial,
    max(CASE c.protocol WHEN 'held_out' THEN r.val_accuracy ELSE r.test_accuracy END) AS score
  FROM results AS r
  JOIN trials AS t USING (trial_id)
  JOIN trial_configs AS c USING (trial_id)
  GROUP BY t.sweep_id),
known AS (
  SELECT *, max(0, total_trials - coalesce(rows_made, 0)) AS untouched
  FROM sweeps LEFT JOIN counted USING (sweep_id) LEFT JOIN best USING (sweep_id))
SELECT
  sweep_id AS sweep, name, state, dataset, trainer, protocol, total_trials AS trials,
  coalesce(complete, 0) AS complete, coalesce(running, 0) AS running,
  coalesce(assigned, 0) AS assigned,
  coalesce(waiting, 0) + iif(state = 'CANCELLED', 0, untouched) AS waiting,
  coalesce(pruned, 0) AS pruned, coalesce(failed, 0) AS failed,
  coalesce(cancelled, 0) + iif(state = 'CANCELLED', untouched, 0) AS cancelled,
  metric, score AS best_score, trial AS best_trial, created_ms, changed_ms, hash
FROM known
ORDER BY sweep_id;
