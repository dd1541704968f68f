#include "coordinator/search/hash_set.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace firesweep {
namespace {

RC_GTEST_PROP(HashSet, IsASetOfNumbers, (std::vector<std::uint64_t> numbers)) {
  // Some often, zero among them.
  for (int i = 0; i < 3000; ++i) numbers.push_back(*rc::gen::inRange<std::uint64_t>(0, 2000));
  HashSet set;
  std::set<std::uint64_t> model;
  for (const std::uint64_t number : numbers) {
    RC_ASSERT(set.contains(number) == model.contains(number));
    RC_ASSERT(set.insert(number) == model.insert(number).second);
    RC_ASSERT(set.size() == model.size());
  }
}

}  // namespace
}  // namespace firesweep
