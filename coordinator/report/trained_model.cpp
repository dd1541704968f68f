#include "coordinator/report/trained_model.h"

#include <utility>
#include <variant>

#include "coordinator/store/read_database.h"
#include "shared/codec/config_codec.h"
#include "shared/domain/dataset_info.h"

namespace firesweep {
namespace {

constexpr const char* kTrial = R"(
  SELECT
    t.state, t.reason, s.trainer, s.dataset, c.config, c.config_hash, a.text,
    r.selected_epoch, r.val_accuracy, r.test_accuracy, w.worker
  FROM trials AS t
  JOIN sweeps AS s USING (sweep_id)
  LEFT JOIN trial_configs AS c ON c.trial_id = t.trial_id
  LEFT JOIN architectures AS a
    ON a.sweep_id = t.sweep_id AND a.name = c.variant
    AND a.segment = coalesce(
      (SELECT max(e.segment) FROM extensions AS e
       WHERE e.sweep_id = t.sweep_id AND e.base <= t.number),
      0)
  LEFT JOIN results AS r ON r.trial_id = t.trial_id
  LEFT JOIN attempts AS w ON w.trial_id = r.trial_id AND w.attempt_no = r.attempt_no
  WHERE t.trial_id = ?1)";

constexpr const char* kSeeds = R"(
  SELECT seed.value
  FROM sweeps AS s, json_each(s.spec, '$.seeds') AS seed
  WHERE s.sweep_id = ?1
  UNION
  SELECT seed.value
  FROM extensions AS e, json_each(e.spec, '$.seeds') AS seed
  WHERE e.sweep_id = ?1
  ORDER BY 1)";

}  // namespace

Result<ModelCard> trained_model(const std::filesystem::path& database, TrialId trial) {
  const auto opened = ReadDatabase::open(database);
  if (!opened) return tl::unexpected(opened.error());
  const Rows found = opened->query(kTrial, {trial.value});
  const std::string where = "trial " + to_string(trial);
  if (found.rows.empty()) {
    return fail(ErrorCode::kNotFound, where, "there is no such trial, or it has not begun",
                "`firesweep list SWEEP` shows a sweep's trials, `firesweep leaderboard` the "
                "finished ones");
  }
  const auto& row = found.rows.front();
  if (find_choice<Trainer>(text_of(row[2])) == Trainer::kSimulated) {
    return fail(ErrorCode::kConflict, where, "was simulated, so that it has no weights",
                "a sweep without \"trainer\": \"simulated\" trains");
  }
  const Cell& selected_epoch = row[7];
  if (!selected_epoch) {
    const std::string reason = text_of(row[1]);
    return fail(ErrorCode::kConflict, where,
                "is " + text_of(row[0]) + (reason.empty() ? "" : " (" + reason + ")") +
                    ", expected COMPLETE",
                "only a finished trial has selected weights, and an accuracy to choose it by");
  }
  auto config = decode_config(text_of(row[4]));
  if (!config) return tl::unexpected(config.error());
  const DatasetInfo* dataset = find_dataset(text_of(row[3]));
  if (dataset == nullptr) {
    return fail(ErrorCode::kNotFound, where,
                "was trained on " + text_of(row[3]) + ", which this program does not know");
  }
  ModelCard card;
  card.trial = to_string(trial);
  card.worker = text_of(row[10]);
  card.config = *std::move(config);
  card.config_hash = text_of(row[5]);
  const Rows seeds = opened->query(kSeeds, {sweep_of(trial).value});
  for (const auto& row_of_seed : seeds.rows) {
    if (const Cell& seed = row_of_seed[0]) card.seeds_used.push_back(whole_of(seed));
  }
  card.architecture = text_of(row[6]);
  card.dataset = dataset->name;
  card.classes = dataset->classes;
  card.mean = dataset->mean;
  card.stddev = dataset->stddev;
  card.selected_epoch = whole_of(selected_epoch);
  if (const Cell& accuracy = row[8]) card.val_accuracy = real_of(accuracy);
  if (const Cell& accuracy = row[9]) card.test_accuracy = real_of(accuracy);
  return card;
}

}  // namespace firesweep
