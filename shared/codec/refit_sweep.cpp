#include "shared/codec/refit_sweep.h"

#include <algorithm>

#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

std::string listed(const std::vector<std::int64_t>& seeds) {
  std::string text;
  for (const std::int64_t seed : seeds) text += (text.empty() ? "" : ", ") + std::to_string(seed);
  return text;
}

Result<void> check_protocol(const ModelCard& card) {
  const Protocol protocol = card.config.protocol;
  if (protocol == Protocol::kHeldOut) return {};
  return fail(ErrorCode::kConflict, "trial " + card.trial,
              "has protocol " + std::string(to_string(protocol)) +
                  ", expected held_out: only validation images choose a "
                  "trial without looking at the test images",
              protocol == Protocol::kRefit
                  ? "it is a refit itself: refit the trial it was made of, with other --seeds"
                  : "`firesweep extend` repeats it with more seeds");
}

Result<void> check_seeds(const ModelCard& card, const std::vector<std::int64_t>& seeds) {
  for (auto seed = seeds.begin(); seed != seeds.end(); ++seed) {
    const auto& used = card.seeds_used;
    if (std::find(used.begin(), used.end(), *seed) != used.end()) {
      return fail(ErrorCode::kBadInput, "--seeds",
                  "found " + std::to_string(*seed) + ", expected fresh seeds: trial " + card.trial +
                      " was chosen with " + listed(used),
                  "a seed that a trial was chosen with is one it was lucky with");
    }
    if (std::find(seeds.begin(), seed, *seed) != seed) {
      return fail(ErrorCode::kBadInput, "--seeds",
                  "found " + std::to_string(*seed) + " again, expected each seed once");
    }
  }
  return {};
}

}  // namespace

std::string refit_name(const ModelCard& card) {
  std::string name = "refit-of-" + card.trial;
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

Result<std::string> refit_sweep(const ModelCard& card, const std::vector<std::int64_t>& seeds,
                                std::optional<std::int64_t> epochs) {
  if (auto checked = check_protocol(card); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_seeds(card, seeds); !checked) return tl::unexpected(checked.error());
  TrialConfig config = card.config;
  config.protocol = Protocol::kRefit;
  config.select = "last";
  config.val_size = 0;
  config.train_size = 0;
  config.test_size = 0;
  if (epochs) config.epochs = *epochs;

  Json json = Json::object();
  json["name"] = refit_name(card);
  json["method"] = to_string(Method::kGrid);
  json["metric"] = {{"name", to_string(Metric::kTestAccuracy)}, {"goal", "maximize"}};
  json["dataset"] = card.dataset;
  Json& parameters = json["parameters"] = Json::object();
  for (const Field& field : fields()) {
    parameters[std::string(field.name)] = single_value(get_field(config, field));
  }
  for (const auto& [name, value] : config.arch_params)
    parameters["arch." + name] = single_value(value);
  json["seeds"] = seeds;
  return dump_json(json);
}

std::vector<std::string> refit_notes(const ModelCard& card, std::optional<std::int64_t> epochs) {
  const TrialConfig& config = card.config;
  std::vector<std::string> notes;
  if (config.train_size > 0 || config.test_size > 0) {
    notes.push_back("the trial used a subset of the images; the refit uses all of them");
  }
  if (config.select == "best" && !epochs) {
    notes.push_back("the trial kept its best epoch, " + std::to_string(card.selected_epoch) +
                    "; without validation images the refit keeps the last, " +
                    std::to_string(config.epochs) + " (--epochs N ends it elsewhere)");
  }
  if (epochs && *epochs != config.epochs) {
    notes.push_back("the trial trained " + std::to_string(config.epochs) +
                    " epochs, the refit trains " + std::to_string(*epochs));
  }
  return notes;
}

}  // namespace firesweep
