#include "worker/runtime/device_ledger.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <utility>

namespace firesweep {
namespace {

constexpr std::size_t kMostPeaks = 512;

constexpr std::array<std::pair<DevicePhase, std::string_view>, 5> kPhases{{
    {DevicePhase::kWaiting, "waiting"},
    {DevicePhase::kWaitingAlone, "waiting_alone"},
    {DevicePhase::kMeasured, "measured"},
    {DevicePhase::kSharing, "sharing"},
    {DevicePhase::kAlone, "alone"},
}};

bool waits(const DeviceLedger::Trial& trial) {
  return trial.phase == DevicePhase::kWaiting || trial.phase == DevicePhase::kWaitingAlone;
}

std::string trials_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " trial" : " trials");
}

}  // namespace

std::optional<std::int64_t> DeviceLedger::need_of(const DeviceShape& shape) const {
  const auto peak = std::ranges::find(peaks, shape, &Peak::shape);
  if (peak == peaks.end()) return std::nullopt;
  return peak->bytes + other_bytes;
}

void DeviceLedger::note_peak(const DeviceShape& shape, std::int64_t bytes) {
  const auto known = std::ranges::find(peaks, shape, &Peak::shape);
  if (known != peaks.end()) {
    bytes = std::max(bytes, known->bytes);
    peaks.erase(known);
  }
  peaks.push_back({shape, bytes});
  if (peaks.size() > kMostPeaks) peaks.erase(peaks.begin());
}

std::optional<std::string> DeviceLedger::waits_for(std::size_t index) const {
  const auto before =
      std::count_if(trials.begin(), trials.begin() + static_cast<std::ptrdiff_t>(index), waits);
  if (before > 0) return trials_text(static_cast<std::size_t>(before)) + " that came before it";
  std::size_t training = 0;
  std::int64_t taken = 0;
  for (const Trial& trial : trials) {
    if (waits(trial)) continue;
    if (trial.phase == DevicePhase::kMeasured) return "a trial whose memory is being measured";
    if (trial.phase == DevicePhase::kAlone) return "a trial that needs the device alone";
    ++training;
    taken += need_of(trial.shape).value_or(memory_bytes);
  }
  if (training == 0) return std::nullopt;
  const auto need = need_of(trials[index].shape);
  if (trials[index].phase == DevicePhase::kWaitingAlone)
    return trials_text(training) + " to end, to have the device alone after running out of memory";
  if (!need) return trials_text(training) + " to end, to be measured alone";
  if (taken + *need <= memory_bytes) return std::nullopt;
  return gib_text(*need) + " beside " + trials_text(training) + " with " + gib_text(taken) +
         " of the device's " + gib_text(memory_bytes);
}

DevicePhase DeviceLedger::phase_if_admitted(std::size_t index) const {
  const Trial& trial = trials[index];
  if (trial.phase == DevicePhase::kWaitingAlone) return DevicePhase::kAlone;
  return need_of(trial.shape) ? DevicePhase::kSharing : DevicePhase::kMeasured;
}

std::string encode_ledger(const DeviceLedger& ledger) {
  std::ostringstream text;
  text << "other " << ledger.other_bytes << '\n';
  for (const auto& peak : ledger.peaks) text << "peak " << peak.bytes << ' ' << peak.shape << '\n';
  for (const auto& trial : ledger.trials) {
    const auto name =
        std::ranges::find(kPhases, trial.phase, &decltype(kPhases)::value_type::first)->second;
    text << "trial " << trial.lock << ' ' << name << ' ' << trial.shape << '\n';
  }
  text << "end\n";
  return text.str();
}

DeviceLedger decode_ledger(std::string_view text) {
  DeviceLedger ledger;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line) && line != "end";) {
    std::istringstream words(line);
    std::string kind, name;
    words >> kind;
    DeviceLedger::Peak peak;
    DeviceLedger::Trial trial;
    if (kind == "other") {
      if (std::int64_t bytes = 0; words >> bytes) ledger.other_bytes = bytes;
    } else if (kind == "peak") {
      if (words >> peak.bytes >> peak.shape) ledger.peaks.push_back(std::move(peak));
    } else if (kind == "trial" && words >> trial.lock >> name >> trial.shape && trial.lock > 0) {
      const auto* phase = std::ranges::find(kPhases, name, &decltype(kPhases)::value_type::second);
      if (phase == kPhases.end()) continue;
      trial.phase = phase->first;
      ledger.trials.push_back(std::move(trial));
    }
  }
  return ledger;
}

std::string gib_text(std::int64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f GiB",
                static_cast<double>(bytes) / (std::int64_t{1} << 30));
  return text.data();
}

}  // namespace firesweep
