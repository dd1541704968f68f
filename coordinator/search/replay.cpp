#include "coordinator/search/replay.h"

#include <algorithm>
#include <cstddef>

namespace firesweep {
namespace {

std::string words_of(const std::map<std::string, Value>& values) {
  std::string words;
  for (const auto& [name, value] : values) {
    words += (words.empty() ? "" : " ") + name + "=" + to_string(value);
  }
  return words;
}

// Why this cannot have been known at the time; empty if it can.
std::string impossible(const SweepSpace& space, const Proposal& proposal, std::size_t results) {
  const LearningSearch& search = space.search();
  if (proposal.results < search.results()) {
    return "it knew " + std::to_string(proposal.results) + " results, the one before it " +
           std::to_string(search.results());
  }
  if (proposal.results > static_cast<std::int64_t>(results)) {
    return "it knew " + std::to_string(proposal.results) + " results, of which " +
           std::to_string(results) + " are stored";
  }
  return {};
}

}  // namespace

Replayed replay(SweepSpace space, const std::vector<Proposal>& proposals,
                const std::vector<SearchResult>& results) {
  Replayed done;
  for (const Proposal& stored : proposals) {
    const auto differs = [&](const std::string& what) {
      done.differences.push_back("point " + std::to_string(stored.point) + ": " + what);
    };
    if (const std::string why = impossible(space, stored, results.size()); !why.empty()) {
      differs(why);
      return done;
    }
    while (space.search().results() < stored.results) {
      const SearchResult& result = results[static_cast<std::size_t>(space.search().results())];
      if (!space.config(result.number)) {
        differs("it knew a result of trial " + std::to_string(result.number) +
                ", which was not proposed by then");
        return done;
      }
      space.learn(result.number, result.score);
    }
    const auto& open = space.search().open();
    if (!std::ranges::all_of(stored.running, [&](auto one) { return open.contains(one); })) {
      differs("it took points for running that had a result or were not proposed by then");
      return done;
    }
    const Proposal found = space.propose(stored.running);
    ++done.proposals;
    if (found.at != stored.at) {
      differs("stored is " + words_of(stored.values) + ", recomputed was " +
              words_of(found.values));
    } else if (found.values != stored.values) {
      differs("stored is " + words_of(stored.values) + ", its coordinates mean " +
              words_of(found.values));
    }
    if (const auto kept = space.keep(stored); !kept) {
      differs(to_string(kept.error()));
      return done;
    }
  }
  return done;
}

}  // namespace firesweep
