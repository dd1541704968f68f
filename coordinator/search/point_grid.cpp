#include "coordinator/search/point_grid.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>

#include "shared/domain/conditions.h"
#include "shared/domain/distributions.h"

namespace firesweep {
namespace {

constexpr std::size_t kMostBlocks = 100'000;
constexpr std::size_t kMostStrides = 4'000'000;  // of all blocks
constexpr std::int64_t kMostCombinations = std::int64_t{1} << 62;

tl::unexpected<Error> too_many_blocks() {
  return fail(ErrorCode::kBadInput, "/conditions",
              "the parameters that conditions name have more than 100,000 combinations of values, "
              "expected fewer",
              "list fewer values of them, or use fewer of them in \"conditions\"");
}

}  // namespace

Result<PointGrid> PointGrid::make(const SweepSpec& spec, std::int64_t most) {
  const auto order = in_order_of_conditions(spec);
  if (!order) return fail(ErrorCode::kBadInput, "/conditions", "found a circle, expected none");
  PointGrid grid;
  grid.lay_dimensions(spec, *order);
  grid.read_conditions(spec);
  if (auto laid = grid.lay_blocks(most); !laid) return tl::unexpected(laid.error());
  return grid;
}

void PointGrid::lay_dimensions(const SweepSpec& spec, const std::vector<std::size_t>& order) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  dimension_of_.assign(spec.parameters.size(), kNone);
  for (std::size_t place = 0; place < spec.parameters.size(); ++place) {
    if (dimension_of_[place] != kNone) continue;
    Dimension made{{place}, size_of(spec.parameters[place].domain).value_or(0)};
    for (const auto& names : spec.zip) {
      if (std::ranges::find(names, spec.parameters[place].name) == names.end()) continue;
      made.parameters.clear();
      for (const std::string& name : names) {
        if (const auto zipped = place_of_parameter(spec, name)) made.parameters.push_back(*zipped);
      }
    }
    for (const std::size_t member : made.parameters) dimension_of_[member] = dimensions_.size();
    dimensions_.push_back(std::move(made));
  }
  terms_.resize(dimensions_.size());
  // Those that conditions name, for now all of them.
  for (const std::size_t place : order) {
    const std::size_t dimension = dimension_of_[place];
    if (std::ranges::find(parents_, dimension) == parents_.end()) parents_.push_back(dimension);
  }
}

void PointGrid::read_conditions(const SweepSpec& spec) {
  std::vector<bool> named(dimensions_.size(), false);
  for (const ParameterCondition& condition : spec.conditions) {
    const auto place = place_of_parameter(spec, condition.parameter);
    if (!place) continue;
    Terms& terms = terms_[dimension_of_[*place]];
    for (const Requirement& requirement : condition.where) {
      const auto other = place_of_parameter(spec, requirement.name);
      if (!other) {
        terms.never = terms.never || !always_meets(spec, requirement);
        continue;
      }
      Need need{dimension_of_[*other], {}};
      for (const Value& value : std::get<ValueList>(spec.parameters[*other].domain).values) {
        need.met.push_back(std::ranges::any_of(
            requirement.values, [&](const Value& one) { return same_value(one, value); }));
      }
      named[need.dimension] = true;
      terms.needs.push_back(std::move(need));
    }
  }
  std::erase_if(parents_, [&](std::size_t dimension) { return !named[dimension]; });
  for (std::size_t i = 0; i < parents_.size(); ++i) terms_[parents_[i]].parent = i;
}

bool PointGrid::exists(std::size_t dimension, std::span<const std::int64_t> digits) const {
  const Terms& terms = terms_[dimension];
  return !terms.never && std::ranges::all_of(terms.needs, [&](const Need& need) {
    const std::int64_t digit = digits[need.dimension];
    return digit != kAbsent && need.met[static_cast<std::size_t>(digit)];
  });
}

// Walks the combinations of the parents' digits as an odometer does, the last one fastest.
Result<void> PointGrid::lay_blocks(std::int64_t most) {
  std::vector<std::int64_t> digits(dimensions_.size(), kAbsent);
  std::size_t from = 0;  // parents from here on begin anew
  while (true) {
    for (; from < parents_.size(); ++from) {
      digits[parents_[from]] = exists(parents_[from], digits) ? 0 : kAbsent;
    }
    if (blocks_.size() >= kMostBlocks || (blocks_.size() + 1) * dimensions_.size() > kMostStrides) {
      return too_many_blocks();
    }
    Block block{points_, {}, std::vector<std::int64_t>(dimensions_.size(), 0)};
    for (const std::size_t parent : parents_) block.parents.push_back(digits[parent]);
    std::int64_t size = 1;
    bool fits = true;
    for (std::size_t at = dimensions_.size(); fits && at-- > 0;) {
      if (terms_[at].parent || !exists(at, digits)) continue;
      block.strides[at] = size;
      fits = !__builtin_mul_overflow(size, dimensions_[at].size, &size) && size <= most - points_;
    }
    points_ += fits ? size : 0;
    if (!fits || points_ > most) {
      return fail(ErrorCode::kBadInput, "/parameters",
                  "the grid has more than 10,000,000 trials, expected fewer",
                  "list fewer values, or write \"method\": \"random\" with a \"run_cap\"");
    }
    blocks_.push_back(std::move(block));
    // The next combination.
    std::size_t at = parents_.size();
    while (at > 0) {
      std::int64_t& digit = digits[parents_[at - 1]];
      if (digit != kAbsent && digit + 1 < dimensions_[parents_[at - 1]].size) {
        ++digit;
        break;
      }
      --at;
    }
    if (at == 0) return {};
    from = at;
  }
}

std::optional<std::int64_t> PointGrid::combinations() const {
  std::int64_t all = 1;
  for (const Dimension& dimension : dimensions_) {
    if (__builtin_mul_overflow(all, dimension.size, &all) || all > kMostCombinations) {
      return std::nullopt;
    }
  }
  return all;
}

const PointGrid::Block& PointGrid::block_of(std::int64_t point) const {
  const auto holds = [&](std::size_t at) {
    return blocks_[at].first <= point &&
           (at + 1 == blocks_.size() || point < blocks_[at + 1].first);
  };
  if (!holds(last_block_)) {
    const auto next = std::ranges::upper_bound(blocks_, point, {}, &Block::first);
    last_block_ = static_cast<std::size_t>(next - blocks_.begin()) - 1;
  }
  return blocks_[last_block_];
}

std::int64_t PointGrid::digit(std::int64_t point, std::size_t parameter) const {
  const std::size_t dimension = dimension_of_[parameter];
  const Block& block = block_of(point);
  if (const auto parent = terms_[dimension].parent) return block.parents[*parent];
  const std::int64_t stride = block.strides[dimension];
  if (stride == 0) return kAbsent;
  return (point - block.first) / stride % dimensions_[dimension].size;
}

std::int64_t PointGrid::stride(std::size_t parameter) const {
  return blocks_.front().strides[dimension_of_[parameter]];
}

std::optional<std::int64_t> PointGrid::point_of(std::span<const std::int64_t> digits) const {
  std::vector<std::int64_t> known(digits.begin(), digits.end());
  std::vector<std::int64_t> parents;
  for (const std::size_t parent : parents_) {
    if (!exists(parent, known)) {
      known[parent] = kAbsent;
    } else if (known[parent] == kAbsent) {
      return std::nullopt;
    }
    parents.push_back(known[parent]);
  }
  const auto block = std::ranges::lower_bound(blocks_, parents, {}, &Block::parents);
  if (block == blocks_.end() || block->parents != parents) return std::nullopt;
  std::int64_t point = block->first;
  for (std::size_t at = 0; at < dimensions_.size(); ++at) {
    if (block->strides[at] == 0) continue;
    if (known[at] == kAbsent) return std::nullopt;
    point += known[at] * block->strides[at];
  }
  return point;
}

std::optional<std::vector<std::int64_t>> PointGrid::samples(const std::vector<bool>& parameters,
                                                            std::size_t most) const {
  std::vector<std::int64_t> all;
  for (const Block& block : blocks_) {
    const std::size_t begin = all.size();
    all.push_back(block.first);
    for (std::size_t at = 0; at < dimensions_.size(); ++at) {
      const bool wanted = std::ranges::any_of(dimensions_[at].parameters,
                                              [&](std::size_t place) { return parameters[place]; });
      if (!wanted || block.strides[at] == 0) continue;
      const std::size_t end = all.size();
      if (static_cast<std::int64_t>(most / (end - begin)) < dimensions_[at].size - 1) {
        return std::nullopt;
      }
      for (std::int64_t digit = 1; digit < dimensions_[at].size; ++digit) {
        for (std::size_t i = begin; i < end; ++i) {
          all.push_back(all[i] + digit * block.strides[at]);
        }
      }
    }
    if (all.size() > most) return std::nullopt;
  }
  return all;
}

}  // namespace firesweep
