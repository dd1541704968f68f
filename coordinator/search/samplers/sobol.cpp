#include "coordinator/search/samplers/sobol.h"

#include <algorithm>
#include <array>
#include <bit>

#include "coordinator/search/samplers/tried.h"

namespace firesweep {
namespace {

constexpr int kBits = 32;
constexpr std::uint32_t kMostSkipped = 64;

// A primitive polynomial over GF(2), without its outer terms, and its first direction numbers.
struct Polynomial {
  int degree;
  std::uint32_t inner;
  std::array<std::uint32_t, 9> first;
};

// Of the dimensions after the first, which is the van der Corput sequence.
constexpr std::array<Polynomial, kSobolDimensions - 1> kPolynomials{{
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
    {7, 50, {1, 3, 1, 3, 5, 53, 69}},
    {7, 55, {1, 1, 5, 5, 23, 33, 13}},
    {7, 56, {1, 1, 7, 7, 1, 61, 123}},
    {7, 59, {1, 1, 7, 9, 13, 61, 49}},
    {7, 62, {1, 3, 3, 5, 3, 55, 33}},
    {8, 14, {1, 3, 1, 15, 31, 13, 49, 245}},
    {8, 21, {1, 3, 5, 15, 31, 59, 63, 97}},
    {8, 22, {1, 3, 1, 11, 11, 11, 77, 249}},
    {8, 38, {1, 3, 1, 11, 27, 43, 71, 9}},
    {8, 47, {1, 1, 7, 15, 21, 11, 81, 45}},
    {8, 49, {1, 3, 7, 3, 25, 31, 65, 79}},
    {8, 50, {1, 3, 1, 1, 19, 11, 3, 205}},
    {8, 52, {1, 1, 5, 9, 19, 21, 29, 157}},
    {8, 56, {1, 3, 7, 11, 1, 33, 89, 185}},
    {8, 67, {1, 3, 3, 3, 15, 9, 79, 71}},
    {8, 70, {1, 3, 7, 11, 15, 39, 119, 27}},
    {8, 84, {1, 1, 3, 1, 11, 31, 97, 225}},
    {8, 97, {1, 1, 1, 3, 23, 43, 57, 177}},
    {8, 103, {1, 3, 7, 7, 17, 17, 37, 71}},
    {8, 115, {1, 3, 1, 5, 27, 63, 123, 213}},
    {8, 122, {1, 1, 3, 5, 11, 43, 53, 133}},
    {9, 8, {1, 3, 5, 5, 29, 17, 47, 173, 479}},
    {9, 13, {1, 3, 3, 11, 3, 1, 109, 9, 69}},
    {9, 16, {1, 1, 1, 5, 17, 39, 23, 5, 343}},
    {9, 22, {1, 3, 1, 5, 25, 15, 31, 103, 499}},
    {9, 25, {1, 1, 1, 11, 11, 17, 63, 105, 183}},
    {9, 44, {1, 1, 5, 11, 9, 29, 97, 231, 363}},
    {9, 47, {1, 1, 5, 15, 19, 45, 41, 7, 383}},
    {9, 52, {1, 3, 7, 7, 31, 19, 83, 137, 221}},
    {9, 55, {1, 1, 1, 3, 23, 15, 111, 223, 83}},
    {9, 59, {1, 1, 5, 13, 31, 15, 55, 25, 161}},
    {9, 62, {1, 1, 3, 13, 25, 47, 39, 87, 257}},
}};

using Directions = std::array<std::uint32_t, kBits>;

// Bit i of a point's number adds direction i. Joe and Kuo 2008, §2.
constexpr Directions directions_of(std::size_t dimension) {
  Directions directions{};
  if (dimension == 0) {
    for (int i = 0; i < kBits; ++i) directions[i] = 1U << (kBits - 1 - i);
    return directions;
  }
  const Polynomial& polynomial = kPolynomials[dimension - 1];
  const int degree = polynomial.degree;
  for (int i = 0; i < kBits; ++i) {
    if (i < degree) {
      directions[i] = polynomial.first[i] << (kBits - 1 - i);
      continue;
    }
    std::uint32_t next = directions[i - degree] ^ (directions[i - degree] >> degree);
    for (int k = 1; k < degree; ++k) {
      if ((polynomial.inner >> (degree - 1 - k)) & 1U) next ^= directions[i - k];
    }
    directions[i] = next;
  }
  return directions;
}

constexpr auto kDirections = [] {
  std::array<Directions, kSobolDimensions> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = directions_of(i);
  return all;
}();

std::uint32_t reversed(std::uint32_t bits) {
  bits = (bits >> 16) | (bits << 16);
  bits = ((bits & 0x00ff00ffU) << 8) | ((bits & 0xff00ff00U) >> 8);
  bits = ((bits & 0x0f0f0f0fU) << 4) | ((bits & 0xf0f0f0f0U) >> 4);
  bits = ((bits & 0x33333333U) << 2) | ((bits & 0xccccccccU) >> 2);
  return ((bits & 0x55555555U) << 1) | ((bits & 0xaaaaaaaaU) >> 1);
}

// Each bit is flipped by a function of the bits above it. Constants of Burley 2020, after Laine and
// Karras.
std::uint32_t scrambled(std::uint32_t bits, std::uint32_t seed) {
  bits = reversed(bits);
  bits += seed;
  bits ^= bits * 0x6c50b47cU;
  bits ^= bits * 0xb82f1e52U;
  bits ^= bits * 0xc7afe638U;
  bits ^= bits * 0x8d22f6e6U;
  return reversed(bits);
}

double coordinate_of(const Dimension& dimension, double unit) {
  if (dimension.kind == Dimension::Kind::kContinuous) return unit;
  return choice_at(dimension, unit);
}

}  // namespace

double sobol_coordinate(std::uint32_t number, std::size_t dimension, std::uint64_t seed) {
  const std::size_t sequence = dimension / kSobolDimensions;
  if (sequence > 0) {
    number = scrambled(number, static_cast<std::uint32_t>(splitmix64(seed ^ sequence)));
  }
  const Directions& directions = kDirections[dimension % kSobolDimensions];
  std::uint32_t bits = 0;
  for (; number != 0; number &= number - 1) {
    bits ^= directions[static_cast<std::size_t>(std::countr_zero(number))];
  }
  bits = scrambled(bits, static_cast<std::uint32_t>(splitmix64_at(seed, dimension)));
  return static_cast<double>(bits) * 0x1p-32;
}

Coordinates sobol_point(const SearchSpace& space, std::uint32_t number, std::uint64_t seed) {
  Coordinates point;
  point.reserve(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const bool active = is_active(space, i, point);
    point.push_back(active ? coordinate_of(space[i], sobol_coordinate(number, i, seed)) : kAbsent);
  }
  return point;
}

Coordinates SobolSampler::propose(const SearchSpace& space, History history,
                                  SearchRandom& random) const {
  const Tried tried(history);
  const auto first = static_cast<std::uint32_t>(history.size());
  for (std::uint32_t skipped = 0; skipped < kMostSkipped; ++skipped) {
    Coordinates point = sobol_point(space, first + skipped, seed_);
    if (!tried.contains(point)) return point;
  }
  return tried.random_new(space, random);
}

}  // namespace firesweep
