#include "coordinator/report/references.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace firesweep {

extern const std::string_view kCifar100References;

namespace {

std::vector<ReferencePoints> built_in() {
  std::vector<ReferencePoints> all;
  for (const std::string_view text : {kCifar100References}) {
    auto read = decode_reference_points(text, "plot/references");
    assert(read);
    all.push_back(std::move(*read));
  }
  return all;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Result<References> References::choose(std::string_view choice,
                                      const std::vector<ParetoPanel>& panels) {
  References chosen;
  if (choice == "none") return chosen;
  chosen.widen_ = choice != "auto";
  const bool own = choice != "auto" && choice != "all";
  if (own) {
    auto read = decode_reference_points(choice, "--references");
    if (!read) return tl::unexpected(std::move(read.error()));
    chosen.known_.push_back(std::move(*read));
  } else {
    chosen.known_ = built_in();
  }
  const bool any = std::any_of(panels.begin(), panels.end(), [&](const ParetoPanel& panel) {
    return !chosen.of(panel.board).empty();
  });
  if (any || !chosen.widen_ || panels.empty()) return chosen;
  std::vector<std::string> datasets;
  for (const ReferencePoints& references : chosen.known_) datasets.push_back(references.dataset);
  std::vector<std::string> shown;
  for (const ParetoPanel& panel : panels) {
    if (std::find(shown.begin(), shown.end(), panel.board.dataset) == shown.end())
      shown.push_back(panel.board.dataset);
  }
  return fail(ErrorCode::kBadInput, "--references",
              "found points of " + listed(datasets) + ", expected points of a dataset that is " +
                  "shown: " + listed(shown),
              "--references FILE draws those of a file of yours");
}

std::vector<ReferenceSource> References::of(const Board& board) const {
  const bool whole = find_choice<Trainer>(board.trainer) == Trainer::kTorch &&
                     board.train_size == 0 && board.test_size == 0;
  if (!whole && !widen_) return {};
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const ReferencePoints& points) {
    return points.dataset == board.dataset;
  });
  return found == known_.end() ? std::vector<ReferenceSource>{} : found->sources;
}

}  // namespace firesweep
