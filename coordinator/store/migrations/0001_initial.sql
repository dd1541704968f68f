-- Version 1. docs/schema.md explains every table, view and column; a test compares the two.
-- Times are milliseconds since 1970-01-01T00:00:00Z. Accuracies are fractions in [0, 1].

CREATE TABLE sweeps (
  sweep_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('RUNNING', 'PAUSED', 'STOPPING', 'STOPPED', 'CANCELLED', 'FINISHED', 'FAILED')),
  failing INTEGER NOT NULL DEFAULT 0 CHECK (failing IN (0, 1)),
  dataset TEXT NOT NULL,
  dataset_checksum TEXT NOT NULL,
  trainer TEXT NOT NULL,
  metric TEXT NOT NULL,
  protocol TEXT NOT NULL,
  total_trials INTEGER NOT NULL CHECK (total_trials >= 0),
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  hash TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE architectures (
  sweep_id INTEGER NOT NULL REFERENCES sweeps (sweep_id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  text TEXT NOT NULL CHECK (json_valid(text)),
  PRIMARY KEY (sweep_id, name)
) STRICT, WITHOUT ROWID;

-- A row is made at a trial's first lease (or by its cancellation before that); until then the trial
-- exists only as a number of its sweep. The columns after `config` are read from it: the
-- architecture's swept parameters, then the field table.
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
  config_hash TEXT,
  architecture TEXT,
  architecture_hash TEXT,
  params INTEGER CHECK (params >= 0),
  macs INTEGER CHECK (macs >= 0),
  seed INTEGER,
  config TEXT CHECK (config IS NULL OR json_valid(config)),
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
    GENERATED ALWAYS AS (json_extract(config, '$.simulated_failure_rate')) VIRTUAL,
  CHECK (trial_id = (sweep_id << 40 | number)),
  CHECK ((reason IS NOT NULL) = (state IN ('STOPPING', 'FAIL')))
) STRICT;

-- One lease of a trial to a worker; live while `ended` is null.
CREATE TABLE attempts (
  trial_id INTEGER NOT NULL REFERENCES trials (trial_id),
  attempt_no INTEGER NOT NULL CHECK (attempt_no >= 1),
  worker TEXT NOT NULL,
  session TEXT NOT NULL,
  opened_ms INTEGER NOT NULL,
  started_ms INTEGER,
  resumed_from_epoch INTEGER NOT NULL DEFAULT 0 CHECK (resumed_from_epoch >= 0),
  ended TEXT CHECK (ended IN ('FINISHED', 'ERRORED', 'LOST', 'HANDED_BACK', 'UNSTARTED')),
  ended_ms INTEGER,
  reason TEXT CHECK (reason IN
    ('OOM', 'LOST', 'TIMEOUT', 'NAN', 'BAD_CONFIG', 'ERROR', 'EARLY_STOP', 'USER', 'DRAIN')),
  message TEXT NOT NULL DEFAULT '',
  charged INTEGER NOT NULL DEFAULT 0 CHECK (charged IN (0, 1)),
  PRIMARY KEY (trial_id, attempt_no),
  CHECK ((ended IS NULL) = (ended_ms IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX attempts_live ON attempts (trial_id) WHERE ended IS NULL;

CREATE TABLE epochs (
  trial_id INTEGER NOT NULL,
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  attempt_no INTEGER NOT NULL,
  train_loss REAL NOT NULL,
  train_accuracy REAL NOT NULL,
  val_loss REAL,
  val_accuracy REAL,
  val_top5 REAL,
  test_accuracy REAL,
  lr REAL NOT NULL,
  seconds REAL NOT NULL,
  images_per_s REAL NOT NULL,
  recorded_ms INTEGER NOT NULL,
  PRIMARY KEY (trial_id, epoch),
  FOREIGN KEY (trial_id, attempt_no) REFERENCES attempts (trial_id, attempt_no)
) STRICT, WITHOUT ROWID;

-- The one accepted result of a completed trial.
CREATE TABLE results (
  trial_id INTEGER PRIMARY KEY,
  attempt_no INTEGER NOT NULL,
  recorded_ms INTEGER NOT NULL,
  val_accuracy REAL,
  val_loss REAL,
  val_top5 REAL,
  best_val_accuracy REAL,
  best_epoch INTEGER NOT NULL,
  selected_epoch INTEGER NOT NULL,
  test_accuracy REAL NOT NULL,
  test_loss REAL NOT NULL,
  test_top5 REAL NOT NULL,
  test_accuracy_flip REAL,
  train_loss REAL NOT NULL,
  epochs INTEGER NOT NULL,
  params INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  train_macs INTEGER NOT NULL,
  model_bytes INTEGER NOT NULL,
  train_seconds REAL NOT NULL,
  images_per_s REAL NOT NULL,
  peak_memory_bytes INTEGER NOT NULL,
  device TEXT NOT NULL,
  numeric_class TEXT NOT NULL,
  torch_version TEXT NOT NULL,
  build_commit TEXT NOT NULL,
  amp TEXT NOT NULL,
  resume_exact INTEGER NOT NULL CHECK (resume_exact IN (0, 1)),
  val_correct BLOB,
  test_correct BLOB,
  FOREIGN KEY (trial_id, attempt_no) REFERENCES attempts (trial_id, attempt_no)
) STRICT;

-- Results that came too late, or twice: kept, never ranked.
CREATE TABLE superseded_results (
  trial_id INTEGER NOT NULL,
  attempt_no INTEGER NOT NULL,
  recorded_ms INTEGER NOT NULL,
  val_accuracy REAL,
  val_loss REAL,
  val_top5 REAL,
  best_val_accuracy REAL,
  best_epoch INTEGER NOT NULL,
  selected_epoch INTEGER NOT NULL,
  test_accuracy REAL NOT NULL,
  test_loss REAL NOT NULL,
  test_top5 REAL NOT NULL,
  test_accuracy_flip REAL,
  train_loss REAL NOT NULL,
  epochs INTEGER NOT NULL,
  params INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  train_macs INTEGER NOT NULL,
  model_bytes INTEGER NOT NULL,
  train_seconds REAL NOT NULL,
  images_per_s REAL NOT NULL,
  peak_memory_bytes INTEGER NOT NULL,
  device TEXT NOT NULL,
  numeric_class TEXT NOT NULL,
  torch_version TEXT NOT NULL,
  build_commit TEXT NOT NULL,
  amp TEXT NOT NULL,
  resume_exact INTEGER NOT NULL CHECK (resume_exact IN (0, 1)),
  val_correct BLOB,
  test_correct BLOB,
  PRIMARY KEY (trial_id, attempt_no),
  FOREIGN KEY (trial_id, attempt_no) REFERENCES attempts (trial_id, attempt_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
  session TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  pid INTEGER NOT NULL,
  device TEXT NOT NULL,
  device_name TEXT NOT NULL,
  threads INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  torch_version TEXT NOT NULL,
  build_commit TEXT NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Accepted results with their configs. Rows of equal `board` may be compared (TRAINING.md §3);
-- `score` is what they are ranked by.
CREATE VIEW scored AS
SELECT
  dense_rank() OVER (
    ORDER BY s.dataset, s.dataset_checksum, s.trainer, t.protocol, t.epochs DESC, t.train_size,
      t.test_size, t.val_size, t.split_seed) AS board,
  CASE t.protocol WHEN 'held_out' THEN r.val_accuracy ELSE r.test_accuracy END AS score,
  s.name AS sweep_name, s.dataset, s.dataset_checksum, s.trainer,
  t.trial_id, t.sweep_id, t.number, t.state, t.restarts, t.config_hash, t.architecture_hash,
  t.params, t.macs, t.seed, t.arch_params,
  t.variant, t.dropout, t.epochs, t.batch_size, t.drop_last, t.optimizer, t.lr, t.weight_decay,
  t.momentum, t.beta1, t.beta2, t.schedule, t.warmup_fraction, t.grad_clip, t.label_smoothing,
  t.augmentation, t.ema_decay, t.flip_tta, t.val_size, t.split_seed, t.train_size, t.test_size,
  t."select", t.protocol, t.amp, t.deterministic,
  r.attempt_no, r.recorded_ms, r.val_accuracy, r.val_loss, r.val_top5, r.best_val_accuracy,
  r.best_epoch, r.selected_epoch, r.test_accuracy, r.test_loss, r.test_top5,
  r.test_accuracy_flip, r.train_loss, r.epochs AS epochs_trained, r.train_macs, r.model_bytes,
  r.train_seconds, r.images_per_s, r.peak_memory_bytes, r.device, r.numeric_class,
  r.torch_version, r.build_commit, r.amp AS amp_used, r.resume_exact
FROM results AS r
JOIN trials AS t USING (trial_id)
JOIN sweeps AS s USING (sweep_id);

CREATE VIEW leaderboard AS
SELECT
  CASE WHEN score IS NOT NULL THEN
    rank() OVER (PARTITION BY board ORDER BY score DESC NULLS LAST, params)
  END AS rank,
  sweep_id AS sweep, sweep_id || '/' || number AS trial, variant, lr, label_smoothing, seed,
  params, macs, val_accuracy, test_accuracy, epochs, train_seconds, dataset, protocol, state,
  optimizer, schedule, batch_size, weight_decay, augmentation, dropout, arch_params,
  val_loss, val_top5, best_val_accuracy, best_epoch, selected_epoch, test_top5, test_loss,
  test_accuracy_flip, train_loss, epochs_trained, images_per_s, train_macs, model_bytes,
  peak_memory_bytes, device, amp, amp_used, trainer, train_size, test_size, val_size, split_seed,
  "select", resume_exact, restarts, board, score, trial_id, config_hash, sweep_name
FROM scored
ORDER BY board, score DESC NULLS LAST, params, trial_id;

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
  FROM trials
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

-- A point is on the front where nothing comparable is at least as good in both accuracy and
-- parameters and better in one: no score among points of fewer or equal parameters is higher,
-- none of strictly fewer is as high.
CREATE VIEW pareto_front AS
WITH running AS (
  SELECT *,
    max(score) OVER (PARTITION BY board ORDER BY params
      GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS best_so_far,
    max(score) OVER (PARTITION BY board ORDER BY params
      GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best_of_smaller
  FROM leaderboard_points
  WHERE rank IS NOT NULL)
SELECT
  rank, sweep, point, variant, lr, label_smoothing, n_seeds, params, macs, val_mean, val_sd,
  ci_low, ci_high, test_mean, epochs, train_seconds, dataset, protocol,
  row_number() OVER (PARTITION BY board, params, score ORDER BY sweep, point) > 1 AS duplicate,
  trainer, train_size, test_size, val_size, split_seed, board, score, config_hash, sweep_name
FROM running
WHERE score = best_so_far AND (best_of_smaller IS NULL OR score > best_of_smaller)
ORDER BY board, params, sweep, point;

-- Trials that have a row but no result: running ones with their newest epoch, failed ones with
-- their reason.
CREATE VIEW unranked AS
SELECT
  t.sweep_id AS sweep, t.sweep_id || '/' || t.number AS trial, t.state, t.reason, t.message,
  t.variant, t.lr, t.label_smoothing, t.seed, t.params, t.macs, t.newest_attempt AS attempts,
  t.restarts, a.worker, e.epoch, t.epochs, e.train_loss, e.train_accuracy, e.val_loss,
  e.val_accuracy, t.changed_ms, t.trial_id
FROM trials AS t
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
    max(CASE t.protocol WHEN 'held_out' THEN r.val_accuracy ELSE r.test_accuracy END) AS score
  FROM results AS r JOIN trials AS t USING (trial_id)
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
