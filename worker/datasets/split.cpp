#include "worker/datasets/split.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string>

#include "shared/base/splitmix.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// Seeds 0, 1, 2, … start far apart, and images and classes draw from different sequences.
constexpr std::uint64_t kImageStream = 0;
constexpr std::uint64_t kClassStream = 1;
constexpr std::uint64_t stream(std::uint64_t split_seed, std::uint64_t number) {
  return splitmix64_at(splitmix64_at(split_seed, 0), number);
}

using Indices = std::vector<std::int64_t>;

// The fewest digits that read back as the same number.
std::string shortest(double number) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

Result<std::int64_t> validation_count(double val_size, std::int64_t images) {
  const auto refuse = [&](const std::string& expected) {
    return fail(ErrorCode::kBadInput, "val_size",
                "found " + shortest(val_size) + ", expected " + expected);
  };
  if (!(val_size >= 0)) return refuse("0 or more");
  if (val_size == 0) return 0;
  if (val_size < 1) {
    const std::int64_t count = held_out_images(val_size, images);
    if (count == 0)
      return refuse("a fraction that holds out at least one of " + std::to_string(images) +
                    " images");
    if (count >= images)
      return refuse("a fraction that leaves at least one of " + std::to_string(images) + " images");
    return count;
  }
  if (val_size != std::floor(val_size)) return refuse("a fraction below 1 or a whole number");
  if (val_size >= static_cast<double>(images)) {
    return refuse("less than the " + std::to_string(images) + " training images");
  }
  return held_out_images(val_size, images);
}

// How many of `wanted` each class gives, proportional to what it has; ties of remainders go by
// `ties`, ascending.
std::vector<std::int64_t> shares(const std::vector<Indices>& by_class, std::int64_t wanted,
                                 const std::vector<std::uint64_t>& ties) {
  const std::size_t classes = by_class.size();
  std::int64_t images = 0;
  for (const auto& members : by_class) images += std::ssize(members);
  assert(wanted <= images);
  std::vector<std::int64_t> share(classes), remainder(classes);
  std::int64_t left = wanted;
  for (std::size_t c = 0; c < classes && images > 0; ++c) {
    share[c] = wanted * std::ssize(by_class[c]) / images;
    remainder[c] = wanted * std::ssize(by_class[c]) % images;
    left -= share[c];
  }
  std::vector<std::size_t> order(classes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (remainder[a] != remainder[b]) return remainder[a] > remainder[b];
    return ties[a] != ties[b] ? ties[a] < ties[b] : a < b;
  });
  assert(left <= static_cast<std::int64_t>(classes));
  for (std::int64_t i = 0; i < left; ++i) ++share[order[static_cast<std::size_t>(i)]];
  return share;
}

// Moves each class's share from the front of its list into the result, ascending.
Indices take(std::vector<Indices>& by_class, const std::vector<std::int64_t>& share) {
  Indices taken;
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    auto& members = by_class[c];
    assert(share[c] <= std::ssize(members));
    taken.insert(taken.end(), members.begin(), members.begin() + share[c]);
    members.erase(members.begin(), members.begin() + share[c]);
  }
  std::ranges::sort(taken);
  return taken;
}

}  // namespace

Result<Split> make_split(std::span<const std::uint8_t> labels, int classes, double val_size,
                         std::uint64_t split_seed, std::int64_t train_size) {
  const auto images = static_cast<std::int64_t>(labels.size());
  const auto held_out = validation_count(val_size, images);
  if (!held_out) return tl::unexpected(held_out.error());
  const std::int64_t remaining = images - *held_out;
  if (train_size < 0 || train_size > remaining) {
    return fail(ErrorCode::kBadInput, "train_size",
                "found " + std::to_string(train_size) + ", expected 0 (all) to " +
                    std::to_string(remaining) + ", the images left beside " +
                    std::to_string(*held_out) + " for validation");
  }

  std::vector<std::uint64_t> keys(labels.size());
  std::vector<Indices> by_class(static_cast<std::size_t>(classes));
  const std::uint64_t image_seed = stream(split_seed, kImageStream);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    assert(labels[i] < classes);
    keys[i] = splitmix64_at(image_seed, i);
    by_class[labels[i]].push_back(static_cast<std::int64_t>(i));
  }
  for (auto& members : by_class) {
    std::ranges::sort(members, [&](std::int64_t a, std::int64_t b) {
      const auto key_a = keys[static_cast<std::size_t>(a)],
                 key_b = keys[static_cast<std::size_t>(b)];
      return key_a != key_b ? key_a < key_b : a < b;
    });
  }
  std::vector<std::uint64_t> ties(by_class.size());
  for (std::size_t c = 0; c < ties.size(); ++c) {
    ties[c] = splitmix64_at(stream(split_seed, kClassStream), c);
  }

  Split split;
  split.validation = take(by_class, shares(by_class, *held_out, ties));
  split.train = take(by_class, shares(by_class, train_size == 0 ? remaining : train_size, ties));
  return split;
}

}  // namespace firesweep
