// The words of a sweep by which code decides, as types: one table each, which decodes, encodes and
// lists them. Files, database and wire carry the words. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace firesweep {

// What trains: LibTorch, or parametric learning curves that stand in for it (DESIGN §8).
enum class Trainer { kTorch, kSimulated };

// The images trained on; dataset_info.h tells what is known of each.
enum class DatasetName { kCifar100, kCifar10, kFashionMnist };

// Which images choose a trial and rank it (TRAINING §3); the field `protocol` tells them apart.
enum class Protocol { kHeldOut, kStudy, kRefit };

// What a sweep ranks by.
enum class Metric { kValAccuracy, kTestAccuracy };

// How the points of a sweep are made of its parameters.
enum class Method { kGrid, kRandom, kSobol, kTpe, kEvolution, kNsga2, kGp };

// In which order the trials of a sweep begin.
enum class DispatchOrder { kLongestFirst, kInterleaved };

// By what trials are stopped before their last epoch.
enum class Termination { kAsha, kHyperband, kMedian, kThreshold, kPlateau, kOneEpochTopK };

// The words of a choice, in the order of its enumerators; empty for a type that is none.
template <class T>
inline constexpr std::array<std::string_view, 0> kWordsOf = {};
template <>
inline constexpr std::array<std::string_view, 2> kWordsOf<Trainer> = {"torch", "simulated"};
template <>
inline constexpr std::array<std::string_view, 3> kWordsOf<DatasetName> = {"cifar100", "cifar10",
                                                                          "fashion_mnist"};
template <>
inline constexpr std::array<std::string_view, 3> kWordsOf<Protocol> = {"held_out", "study",
                                                                       "refit"};
template <>
inline constexpr std::array<std::string_view, 2> kWordsOf<Metric> = {"val_accuracy",
                                                                     "test_accuracy"};
template <>
inline constexpr std::array<std::string_view, 7> kWordsOf<Method> = {
    "grid", "random", "sobol", "tpe", "evolution", "nsga2", "gp"};
template <>
inline constexpr std::array<std::string_view, 2> kWordsOf<DispatchOrder> = {"longest_first",
                                                                            "interleaved"};

template <>
inline constexpr std::array<std::string_view, 6> kWordsOf<Termination> = {
    "asha", "hyperband", "median", "threshold", "plateau", "one_epoch_top_k"};

template <class T>
concept Choice = !kWordsOf<T>.empty();

template <Choice T>
constexpr std::string_view to_string(T choice) {
  return kWordsOf<T>.at(static_cast<std::size_t>(choice));
}

// The choice of that word; nothing for any other word.
template <Choice T>
constexpr std::optional<T> find_choice(std::string_view word) {
  const auto& words = kWordsOf<T>;
  const auto at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) return std::nullopt;
  return static_cast<T>(at - words.begin());
}

}  // namespace firesweep
