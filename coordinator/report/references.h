// Which published points are drawn beside a sweep's own. The points are data: files of
// plot/references/, one a dataset and built in, or the user's own.
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
  // "none"; "auto": those built in for the panel's dataset, beside real training on the whole
  // dataset, as far as they lie within the sweep's own range of parameters; "all": all of them,
  // beside every panel; or the text of a file of them, all of which are drawn. Fails where the text
  // has mistakes, or where something was asked for that no panel is about.
  static Result<References> choose(std::string_view choice, const std::vector<ParetoPanel>& panels);

  // What may be drawn beside a board's points; empty where nothing may.
  std::vector<ReferenceSource> of(const Board& board) const;

  // Whether the axes are widened so that all are drawn.
  bool widen() const { return widen_; }

 private:
  std::vector<ReferencePoints> known_;
  bool widen_ = false;
};

}  // namespace firesweep
