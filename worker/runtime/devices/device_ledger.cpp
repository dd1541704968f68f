#include "worker/runtime/devices/device_ledger.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <utility>

namespace firesweep {
namespace {

constexpr std::size_t kMostPeaks = 512;

constexpr std::int64_t kProcessBytes = std::int64_t{768} << 20;
constexpr std::int64_t kMarginShare = 32;

constexpr std::array<std::pair<DevicePhase, std::string_view>, 4> kPhases{{
    {DevicePhase::kWaiting, "waiting"},
    {DevicePhase::kWaitingAlone, "waiting_alone"},
    {DevicePhase::kSharing, "sharing"},
    {DevicePhase::kAlone, "alone"},
}};
constexpr std::string_view kOlderAlone = "measured";  // as builds before wrote it

bool waits(const DeviceLedger::Trial& trial) {
  return trial.phase == DevicePhase::kWaiting || trial.phase == DevicePhase::kWaitingAlone;
}

std::string trials_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " trial" : " trials");
}

struct Admission {
  std::optional<std::string> waits_for;
  std::vector<std::size_t> overtakes;  // who waits longer where it begins
};

// Of one that ran out of memory, where so many train.
std::optional<std::string> waits_to_be_alone(const DeviceLedger& now, std::size_t index,
                                             std::size_t training) {
  const auto before =
      std::count_if(now.trials.begin(), now.trials.begin() + static_cast<std::ptrdiff_t>(index),
                    [](const auto& trial) { return trial.phase == DevicePhase::kWaitingAlone; });
  if (before > 0)
    return trials_text(static_cast<std::size_t>(before)) + " that ran out of memory before it";
  if (training == 0) return std::nullopt;
  return trials_text(training) + " to end, to have the device alone after running out of memory";
}

Admission admission_of(const DeviceLedger& now, std::size_t index) {
  std::size_t training = 0;
  std::int64_t taken = 0;
  bool alone_wanted = false;
  for (const DeviceLedger::Trial& trial : now.trials) {
    if (trial.phase == DevicePhase::kAlone) return {"a trial that needs the device alone", {}};
    alone_wanted = alone_wanted || trial.phase == DevicePhase::kWaitingAlone;
    if (waits(trial)) continue;
    ++training;
    taken += now.need_of(trial);
  }
  if (now.trials[index].phase == DevicePhase::kWaitingAlone)
    return {waits_to_be_alone(now, index, training), {}};
  if (alone_wanted) return {"a trial that ran out of memory and has the device next", {}};
  const std::int64_t room = now.memory_bytes - now.memory_bytes / kMarginShare - now.other_bytes;
  Admission admission;
  for (std::size_t before = 0; before < index; ++before) {
    if (!waits(now.trials[before])) continue;
    const std::int64_t need = now.need_of(now.trials[before]);
    if (training == 0 || taken + need <= room) {
      ++training;
      taken += need;
    } else if (now.trials[before].overtaken >= kMostOvertakes) {
      return {"a trial that came before it and was overtaken " +
                  std::to_string(now.trials[before].overtaken) + " times",
              {}};
    } else {
      admission.overtakes.push_back(before);
    }
  }
  const std::int64_t need = now.need_of(now.trials[index]);
  if (training > 0 && taken + need > room) {
    admission.waits_for = gib_text(need) + " beside " + trials_text(training) + " with " +
                          gib_text(taken) + " of the device's " + gib_text(now.memory_bytes) +
                          ", of which " + gib_text(now.memory_bytes - room) +
                          " are kept or used by others";
  }
  return admission;
}

}  // namespace

std::int64_t DeviceLedger::need_of(const Trial& trial) const {
  const std::int64_t process = trial.in_other ? 0 : kProcessBytes;
  const auto peak = std::ranges::find(peaks, trial.shape, &Peak::shape);
  if (peak != peaks.end()) return std::max(peak->bytes, trial.held_bytes) + process;
  if (trial.held_bytes > 0) return trial.held_bytes + trial.held_bytes / 4 + process;
  return trial.estimate_bytes > 0 ? trial.estimate_bytes + process : memory_bytes;
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
  return admission_of(*this, index).waits_for;
}

void DeviceLedger::admit(std::size_t index) {
  for (const std::size_t waiting : admission_of(*this, index).overtakes)
    ++trials[waiting].overtaken;
  trials[index].phase = trials[index].phase == DevicePhase::kWaitingAlone ? DevicePhase::kAlone
                                                                          : DevicePhase::kSharing;
}

void DeviceLedger::measured(std::size_t index, std::int64_t peak_bytes, std::int64_t beside_bytes,
                            bool whole_epoch) {
  trials[index].held_bytes = std::max(trials[index].held_bytes, peak_bytes);
  if (whole_epoch) note_peak(trials[index].shape, peak_bytes);
  std::int64_t others = 0;
  for (std::size_t other = 0; other < trials.size(); ++other) {
    if (waits(trials[other])) continue;
    if (trials[other].held_bytes == 0) return;
    if (other != index) others += trials[other].held_bytes;
  }
  other_bytes = std::max<std::int64_t>(0, beside_bytes - others);
  for (Trial& trial : trials) trial.in_other = trial.in_other || !waits(trial);
}

void DeviceLedger::want_alone(std::size_t index) {
  trials[index].held_bytes = 0;
  if (trials[index].phase != DevicePhase::kAlone) trials[index].phase = DevicePhase::kWaitingAlone;
}

std::string encode_ledger(const DeviceLedger& ledger) {
  std::ostringstream text;
  text << "other " << ledger.other_bytes << '\n';
  for (const auto& peak : ledger.peaks) text << "peak " << peak.bytes << ' ' << peak.shape << '\n';
  for (const auto& trial : ledger.trials) {
    const auto name =
        std::ranges::find(kPhases, trial.phase, &decltype(kPhases)::value_type::first)->second;
    text << "trial " << trial.lock << ' ' << name << ' ' << trial.shape << ' '
         << trial.estimate_bytes << ' ' << trial.held_bytes << ' ' << trial.in_other << ' '
         << trial.overtaken << '\n';
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
      if (name == kOlderAlone) name = "alone";
      const auto* phase = std::ranges::find(kPhases, name, &decltype(kPhases)::value_type::second);
      if (phase == kPhases.end()) continue;
      trial.phase = phase->first;
      words >> trial.estimate_bytes >> trial.held_bytes >> trial.in_other >> trial.overtaken;
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
