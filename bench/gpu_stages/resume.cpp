// Deterministic mode on the device: the same training twice, and once stopped in mid-epoch and
// resumed from its checkpoint. Every tensor must be the same, bit for bit.
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/trial.h"

namespace firesweep::bench {
namespace {

constexpr std::int64_t kStopEpoch = 2, kStopBatch = 3;

std::string digest_of(const std::filesystem::path& folder) {
  const auto digest = tensors_digest(folder / "last.safetensors");
  if (!digest) throw std::runtime_error(to_string(digest.error()));
  return *digest;
}

// Trains into the folder; stopped within the second epoch where asked.
TrainOutcome train_into(const std::filesystem::path& folder, const TrainJob& job,
                        const Dataset& dataset, const Task& task, bool stopped) {
  bool stop = false;
  TrainCallbacks callbacks;
  callbacks.unit = [&](const LiveProgress& live) {
    stop = stop || (stopped && live.epoch == kStopEpoch && live.batch == kStopBatch);
  };
  callbacks.stop_requested = [&] { return stop; };
  return train(job, dataset, {task.options.device, folder}, callbacks);
}

}  // namespace

void measure_resume(const Task& task) {
  std::vector<std::string> variants = {"v3"};
  if (!task.options.small) variants = {"v3", "v5", "v2", "v4", "v1"};
  const Dataset dataset = images_for(task, 640, 100);
  Expectations expectations;
  for (const std::string& variant : variants) {
    for (const std::string& amp : amp_kinds(task.options.device)) {
      if (task.options.small && amp != "off") continue;
      if (task.seconds_left() < 5) throw std::runtime_error("no time left for " + variant);
      const std::string what = variant + " " + amp;
      TrainJob job = small_job(variant, /*batch=*/16, /*train_size=*/96);
      job.config.deterministic = true;
      job.config.amp = amp;
      const std::filesystem::path base = task.options.scratch / ("resume-" + variant + "-" + amp);
      const TrainOutcome whole = train_into(base / "whole", job, dataset, task, false);
      if (!std::holds_alternative<TrainFinished>(whole)) {
        tell(task, what, {{"ended", describe(whole)}});
        expectations.expect(false, what + " finishes");
        continue;
      }
      train_into(base / "again", job, dataset, task, false);
      const TrainOutcome half = train_into(base / "resumed", job, dataset, task, true);
      const TrainOutcome resumed = train_into(base / "resumed", job, dataset, task, false);
      const std::string digest = digest_of(base / "whole");
      const auto* result = std::get_if<TrainFinished>(&resumed);
      const bool repeats = digest_of(base / "again") == digest;
      const bool resumes =
          digest_of(base / "resumed") == digest && result != nullptr &&
          result->result.test_loss == std::get<TrainFinished>(whole).result.test_loss;
      tell(task, what,
           {{"repeats_bit_for_bit", repeats},
            {"then", describe(half)},
            {"resumes_bit_for_bit", resumes},
            {"sha256", digest.substr(0, 12)}});
      expectations.expect(repeats, what + " repeats bit for bit");
      expectations.expect(resumes, what + " resumes bit for bit");
      std::filesystem::remove_all(base);
    }
  }
  expectations.check();
}

}  // namespace firesweep::bench
