#include "coordinator/server/coordinator_state.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <variant>

#include "shared/base/overloaded.h"

namespace firesweep {

void DurableCounts::add(std::span<const Record> records) {
  for (const Record& record : records) {
    std::visit(
        Overloaded{[&](const record::AttemptOpened&) { ++attempts_opened; },
                   [&](const record::AttemptEnded& ended) {
                     const auto end =
                         std::find(kAttemptEnds.begin(), kAttemptEnds.end(), ended.end);
                     assert(end != kAttemptEnds.end());
                     ++attempts_ended[static_cast<std::size_t>(end - kAttemptEnds.begin())];
                   },
                   [&](const record::EpochRecorded&) { ++epochs; },
                   [&](const record::CheckpointStored&) { ++checkpoints; }, [](const auto&) {}},
        record);
  }
}

}  // namespace firesweep
