// Every file in sweeps/ makes trials: what `firesweep preview` lists of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "coordinator/search/sweep_space.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_text.h"
#include "tests/places.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SweepFiles, EveryOneMakesTrialsOfWhichNoneIsThereTwice) {
  ArchitectureTexts architectures;
  for (const auto& entry : fs::directory_iterator(source_dir() / "architectures")) {
    architectures[entry.path().stem()] = text_of(entry.path());
  }
  for (const auto& entry : fs::directory_iterator(source_dir() / "sweeps")) {
    const auto sweep = merged_sweep(
        text_of(entry.path()), entry.path().string(),
        [](const std::string& path) { return text_of(source_dir() / "sweeps" / path); }, {});
    ASSERT_TRUE(sweep) << to_string(sweep.error());
    auto frozen = freeze_file(sweep->text, entry.path().string(), architectures);
    ASSERT_TRUE(frozen) << to_string(frozen.error());
    auto space = SweepSpace::make(std::make_shared<const FrozenSweep>(std::move(*frozen)));
    ASSERT_TRUE(space) << entry.path() << ": " << to_string(space.error());
    while (space->learns() && space->search().points() < space->trials()) {
      ASSERT_TRUE(space->keep(space->propose({}))) << entry.path();
    }
    std::set<std::string> seen;
    for (std::int64_t number = 0; number < space->raw(); ++number) {
      const auto config = space->config(number);
      if (!config) continue;
      std::string key = std::to_string(config->seed);
      for (const Field& field : fields()) key += '\n' + to_string(get_field(*config, field));
      for (const auto& [name, value] : config->arch_params) key += '\n' + json_text(value);
      EXPECT_TRUE(seen.insert(key).second) << entry.path() << " trial " << number;
    }
    EXPECT_EQ(static_cast<std::int64_t>(seen.size()), space->trials()) << entry.path();
  }
}

}  // namespace
}  // namespace firesweep
