// The published points that are drawn beside a sweep's own. They come from the files in
// plot/references/, one per dataset and built in, or from the user's own file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coordinator/report/pareto.h"
#include "shared/base/error.h"
#include "shared/codec/reference_points.h"

namespace firesweep {

// Immutable; safe from any thread.
class References {
 public:
  // `choice` is "none", "auto", "all" or the text of a file. "auto": the built-in points of the
  // panel's dataset within the sweep's own range of parameters, beside real training on the whole
  // dataset. "all": all built-in points, beside every panel. A file: all its points. Fails if the
  // text has mistakes, or if no panel has the dataset of the chosen points.
  static Result<References> choose(std::string_view choice, const std::vector<ParetoPanel>& panels);

  // The points to draw beside a board's own; may be empty.
  std::vector<ReferenceSource> of(const Board& board) const;

  // Whether to widen the axes so that all points are visible.
  bool widen() const { return widen_; }

 private:
  std::vector<ReferencePoints> known_;
  bool widen_ = false;
};

}  // namespace firesweep
