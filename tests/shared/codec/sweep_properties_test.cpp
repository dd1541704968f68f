// What holds of every text: it is a sweep that reads back as it was, or a mistake at a place of it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "shared/codec/json_node.h"
#include "shared/codec/sweep_canonical.h"
#include "shared/codec/sweep_codec.h"
#include "tests/shared/codec/file_maker.h"

namespace firesweep {
namespace {

constexpr const char* kFile = "x.json";

// The pointers of a tree, as mistakes write them.
void collect(const Json& json, const std::string& pointer, std::set<std::string>& all) {
  all.insert(pointer);
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      collect(json[i], pointer + "/" + std::to_string(i), all);
    }
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      collect(value, pointer + "/" + pointer_token(key), all);
    }
  }
}

// Each mistake of several, "/pointer: what".
std::vector<std::string> mistakes_of(const std::string& text) {
  constexpr std::string_view kNext = "\n  ";
  std::vector<std::string> all;
  std::size_t at = text.find(kNext);
  while (at != std::string::npos) {
    const std::size_t begin = at + kNext.size();
    at = text.find(kNext, begin);
    all.push_back(text.substr(begin, at - begin));
  }
  return all;
}

// Whether a mistake stands at a place of the tree, or says that a member of one is missing.
bool is_at_a_place(const std::string& mistake, const std::set<std::string>& places) {
  if (!mistake.starts_with('/')) return false;
  const auto missing = mistake.find(": missing, expected ");
  if (missing != std::string::npos) {
    return places.contains(mistake.substr(0, mistake.rfind('/', missing)));
  }
  for (std::size_t end = mistake.find(": "); end != std::string::npos;
       end = mistake.find(": ", end + 1)) {
    if (places.contains(mistake.substr(0, end))) return true;
  }
  return false;
}

void check(const Json& json) {
  const std::string text = json.dump();
  const auto spec = decode_sweep(text, kFile);
  RC_CLASSIFY(spec.has_value(), "a sweep");
  if (spec) {
    const auto again = decode_canonical_sweep(canonical_json(*spec));
    if (!again) RC_FAIL(to_string(again.error()) + "\n" + text);
    if (canonical_json(*again) != canonical_json(*spec) || again->warnings != spec->warnings) {
      RC_FAIL("reads back as another one\n" + text);
    }
    return;
  }
  const Error& error = spec.error();
  if (!json.is_object()) {  // then it has no place but the file
    if (error.where != kFile) RC_FAIL("of no place of the file: " + to_string(error));
    return;
  }
  std::set<std::string> places;
  collect(json, "", places);
  const bool several = error.where == kFile;
  RC_CLASSIFY(several, "several mistakes");
  const std::string one = to_string(error).substr(std::string_view(kFile).size() + 2);
  for (const std::string& mistake : several ? mistakes_of(error.what) : std::vector{one}) {
    if (!is_at_a_place(mistake, places)) RC_FAIL("no such place: " + mistake + "\n" + text);
  }
  if (several && mistakes_of(error.what).size() < 2) RC_FAIL("of no place: " + to_string(error));
}

RC_GTEST_PROP(AnySweep, ReadsBackEqualOrHasAMistakeAtAPlace, ()) {
  check(testing::any_sweep_file());
}

RC_GTEST_PROP(AnySweep, WithoutMistakesReadsBackEqual, ()) {
  check(testing::sweep_file_without_mistakes());
}

RC_GTEST_PROP(AnySweep, OfAnyJsonToo, ()) { check(testing::any_json()); }

}  // namespace
}  // namespace firesweep
