// Recomputes the decisions of a search that learns from what was stored with them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/search/sweep_space.h"

namespace firesweep {

struct Replayed {
  std::int64_t proposals = 0;            // recomputed
  std::vector<std::string> differences;  // one line each: where, what was stored, what was found
};

// `space`: the sweep without any point. Each point is proposed again from the results and the
// running points that its evidence names, and compared with the stored one; the next ones are
// computed from the stored ones. Stops at evidence that cannot be: that is the last difference.
Replayed replay(SweepSpace space, const std::vector<Proposal>& proposals,
                const std::vector<SearchResult>& results);

}  // namespace firesweep
