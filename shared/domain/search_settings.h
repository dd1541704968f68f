// What a sweep file may set of its method, beside the name: the members of "method". Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "shared/domain/choices.h"

namespace firesweep {

struct SearchSetting {
  Method method = Method::kGrid;  // of which it is a member
  std::string_view name = {};
  std::string_view help = {};  // one sentence
  double usual = 0;            // where the file does not set it
  double min = 0;              // inclusive, unless `above`
  double max = 0;              // inclusive
  bool whole = true;
  bool above = false;
  bool startup = false;  // so many trials are random before the method learns
};

// Of all methods, in the order people are told them.
std::span<const SearchSetting> search_settings();
std::span<const SearchSetting> search_settings(Method method);

// What a file sets, by name: only what is not as usual, so that equal searches are equal.
using SearchSettings = std::map<std::string, double, std::less<>>;

// The value of a setting that the method has.
double setting_of(Method method, const SearchSettings& settings, std::string_view name);

// How many points a method that learns takes at random before it learns.
std::int64_t startup_of(Method method, const SearchSettings& settings);

}  // namespace firesweep
