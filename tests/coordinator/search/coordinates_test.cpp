#include "coordinator/search/coordinates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

TEST(ShareValues, NeighboursDifferWhereAllAreSaidTo) {
  constexpr double kShare = 0x1p-32;
  for (const Parameter& parameter : std::vector<Parameter>{{"lr", Uniform{0.001, 0.01}},
                                                           {"arch.x", Uniform{-1000, -999}},
                                                           {"lr", LogUniformValues{1e-6, 1}},
                                                           {"lr", LogUniformValues{0.1, 0.1001}},
                                                           {"lr", InvLogUniformValues{1e-6, 1}},
                                                           {"lr", Normal{0.1, 0.01}},
                                                           {"arch.x", Normal{1000, 0.1}},
                                                           {"weight_decay", LogNormal{-6, 1}},
                                                           {"arch.x", LogNormal{500, 1}},
                                                           {"label_smoothing", Beta{2, 12}},
                                                           {"label_smoothing", Beta{1, 1}},
                                                           {"label_smoothing", Beta{100, 100}},
                                                           {"momentum", Beta{9, 1}},
                                                           {"momentum", Beta{1, 100}}}) {
    const ShareValues values(parameter);
    ASSERT_TRUE(values.are_all_different()) << parameter.name << " " << parameter.domain.index();
    const auto expect_rise = [&](double share) {
      ASSERT_LT(values.at(share), values.at(share + kShare))
          << parameter.name << " " << parameter.domain.index() << " " << share;
    };
    for (int i = 0; i < 50; ++i) {
      expect_rise(i * kShare);
      expect_rise(1 - (i + 2) * kShare);
      expect_rise(0.5 + i * kShare);
    }
    for (std::uint64_t i = 0; i < 500; ++i) {
      expect_rise(static_cast<double>((splitmix64(i) >> 32) % 0xfffffffe) * kShare);
    }
  }
}

TEST(ShareValues, OfChoicesAndOfWhatRoundsOrIsCutOffAreNotAllDifferent) {
  for (const Parameter& parameter :
       std::vector<Parameter>{{"lr", ValueList{{0.1, 0.2}, {}}},
                              {"epochs", IntUniform{1, 10'000}},
                              {"lr", Quantized{Uniform{0.1, 0.2}, 0.01}},
                              {"arch.x", Uniform{1e9, 1e9 + 1e-3}},
                              {"arch.x", Uniform{0.1, 0.1}},
                              {"arch.x", Normal{1e9, 1}},
                              {"arch.x", LogNormal{1e6, 1}},
                              {"arch.x", LogNormal{690, 3}},
                              {"momentum", Normal{0.9, 0.05}},
                              {"lr", Normal{0.1, 0.05}},
                              {"lr", LogNormal{0, 1}},
                              {"label_smoothing", Beta{0.01, 1}},
                              {"label_smoothing", Beta{1, 1e6}}}) {
    EXPECT_FALSE(ShareValues(parameter).are_all_different())
        << parameter.name << " " << parameter.domain.index();
  }
}

// Whether a share has its step by borders or not.
TEST(ShareValues, OfStepsAreTheQuantilesRounded) {
  for (const Quantized& quantized :
       {Quantized{Normal{256, 64}, 32}, Quantized{Uniform{0, 0.3}, 0.1},
        Quantized{Beta{2, 12}, 0.05}, Quantized{LogNormal{0, 1}, 1}, Quantized{LogNormal{0, 1}, 10},
        Quantized{LogUniformValues{8, 64}, 8}, Quantized{Normal{0, 1}, 0.001}}) {
    const Parameter stepped{"arch.x", quantized};
    const auto plain_domain = std::visit([](const auto& law) { return Domain(law); }, quantized.of);
    const Parameter plain{"arch.x", plain_domain};
    const ShareValues steps(stepped), numbers(plain);
    const Multiples allowed = multiples_of(quantized, nullptr);
    const auto expect_same = [&](std::uint32_t share) {
      const double number = std::get<double>(numbers.at(share * 0x1p-32));
      const double step = std::clamp(std::round(number / quantized.q), allowed.first, allowed.last);
      ASSERT_EQ(steps.at(share * 0x1p-32), multiple_of(quantized, nullptr, step))
          << quantized.of.index() << " " << share;
    };
    for (std::uint32_t i = 0; i < 300; ++i) {
      expect_same(i);
      expect_same(0xffffffff - i);
      expect_same(0x7fffffff + i);
    }
    for (std::uint64_t i = 0; i < 2'000; ++i) {
      expect_same(static_cast<std::uint32_t>(splitmix64(i)));
    }
    std::uint32_t low = 0;  // on both sides of every border
    for (int border = 0; border < 40 && steps.at(low * 0x1p-32) != steps.at(0xffffffff * 0x1p-32);
         ++border) {
      const Value here = steps.at(low * 0x1p-32);
      std::uint32_t high = 0xffffffff;
      while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        const bool same = steps.at(middle * 0x1p-32) == here;
        (same ? low : high) = same ? middle + 1 : middle;
      }
      expect_same(low - 1);
      expect_same(low);
    }
  }
}

}  // namespace
}  // namespace firesweep
