// Two tables of hyperparameters, an older build's and a newer one's, to see what becomes of the
// older one's texts: the newer build has gained `grad_clip`, and `exactness` in the place of
// `deterministic`.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "shared/domain/fields.h"

namespace firesweep::older {

inline std::vector<Field> without(std::initializer_list<std::string_view> names) {
  std::vector<Field> table;
  for (const Field& field : fields()) {
    if (std::find(names.begin(), names.end(), field.name) == names.end()) table.push_back(field);
  }
  return table;
}

inline std::vector<std::string_view> names_of(const std::vector<Field>& table) {
  std::vector<std::string_view> names;
  for (const Field& field : table) names.push_back(field.name);
  return names;
}

// `split_seed` stands aside: its member holds `exactness` in the newer table.
inline std::vector<Field> old_table() { return without({"grad_clip", "split_seed"}); }

inline std::vector<Field> new_table() {
  std::vector<Field> table = without({"deterministic", "split_seed"});
  for (Field& field : table) {
    if (field.name == "grad_clip") field.since = 2;
  }
  table.push_back(
      {.name = "exactness",
       .member = &TrialConfig::split_seed,
       .min = 0,
       .max = 8,
       .help = "How closely numbers repeat.",
       .former = {"deterministic", {{false, std::int64_t{0}}, {true, std::int64_t{2}}}}});
  return table;
}

// The fields of version 1 for both.
inline std::vector<std::string_view> first_names() { return names_of(old_table()); }

}  // namespace firesweep::older
