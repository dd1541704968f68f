// What export-model writes, read by Python: plain PyTorch and the safetensors package.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/places.h"
#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/synthetic.h"
#include "worker/training/checkpoint.h"
#include "worker/training/export/export_model.h"
#include "worker/training/safetensors.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr int kCannotBeHad = 77;  // tools/python_env.sh
constexpr std::int64_t kClasses = 100;

struct Ended {
  int code = 0;
  std::string out;  // and standard error
};

Ended shell(const std::string& command) {
  Ended ended;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> bytes;
  for (std::size_t got = 0; (got = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;)
    ended.out.append(bytes.data(), got);
  const int status = ::pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ended;
}

Checkpoint checkpoint_of(const Model& model) {
  Checkpoint checkpoint;
  checkpoint.config_hash = "c0ffee";
  checkpoint.seed = 3;
  checkpoint.epoch = 4;
  checkpoint.selected_epoch = 2;
  checkpoint.step_images = 4 * 100;  // four epochs of four batches, the last of them partial
  append_with_prefix(checkpoint.tensors, "model", model.state());
  return checkpoint;
}

ModelExport export_of(const ResolvedArchitecture& architecture, const fs::path& folder) {
  ModelExport wanted;
  wanted.architecture = architecture;
  wanted.moments = {{0.5F, 0.25F, 0.125F}, {1, 2, 3}};
  wanted.about = "written by \"interop_test\"\nwith \\ in it";
  wanted.metadata = {{"trial", "1/17"}, {"note", "\"quoted\"\n\t\\"}};
  wanted.config_hash = "c0ffee";
  wanted.seed = 3;
  wanted.batch_size = 32;
  wanted.checkpoint = folder / "selected.safetensors";
  wanted.folder = folder;
  return wanted;
}

// Exports a network with weights by a formula, beside images and the logits that ours has for them.
void export_with_expectation(const std::string& name, const fs::path& folder) {
  fs::create_directories(folder);
  const ResolvedArchitecture architecture = shipped_architecture(name, kClasses);
  const Model model(architecture, 1, at::kCPU);
  fill_with_noise(model, /*head=*/0.05);
  ASSERT_TRUE(write_checkpoint(folder / "selected.safetensors", checkpoint_of(model)));
  const auto exported = export_model(export_of(architecture, folder));
  ASSERT_TRUE(exported) << to_string(exported.error());
  const at::NoGradGuard no_grad;
  const at::Tensor images = noise(900, {4, 3, 32, 32}, -1.7, 1.7);
  const at::Tensor logits =
      model.forward(images.contiguous(at::MemoryFormat::ChannelsLast), /*training=*/false);
  ASSERT_TRUE(write_safetensors(folder / "expected.safetensors",
                                {{"images", images}, {"logits", logits}}, {}));
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(source_dir() / "architectures"))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  return names;
}

TEST(Interop, EveryArchitectureHasTheSameLogitsInPython) {
  const Ended environment = shell("tools/python_env.sh");
  if (environment.code == kCannotBeHad) GTEST_SKIP() << environment.out;
  ASSERT_EQ(environment.code, 0) << environment.out;
  const std::string python = environment.out.substr(0, environment.out.find('\n'));

  const TemporaryFolder folder;
  std::string command = python + " tests/interop/check.py";
  const std::vector<std::string> names = shipped_names();
  ASSERT_GE(names.size(), 9U);
  for (const std::string& name : names) {
    ASSERT_NO_FATAL_FAILURE(export_with_expectation(name, folder.path() / name)) << name;
    command += " " + (folder.path() / name).string();
  }
  const Ended checked = shell(command);
  EXPECT_EQ(checked.code, 0) << checked.out;
  std::istringstream lines(checked.out);
  std::string line;
  for (const std::string& name : names) {
    ASSERT_TRUE(std::getline(lines, line) && line.starts_with("{")) << name << ": " << checked.out;
    const auto told = nlohmann::json::parse(line);
    EXPECT_EQ(told.at("name"), name);
    EXPECT_EQ(told.at("metadata").at("trial"), "1/17");
    EXPECT_EQ(told.at("metadata").at("note"), "\"quoted\"\n\t\\");
    EXPECT_EQ(told.at("batches"), 8) << "two epochs of four batches";
    EXPECT_EQ(told.at("mean"), nlohmann::json({0.5, 0.25, 0.125}));
  }
}

TEST(Interop, PythonOpensACheckpoint) {
  const Ended environment = shell("tools/python_env.sh");
  if (environment.code == kCannotBeHad) GTEST_SKIP() << environment.out;
  ASSERT_EQ(environment.code, 0) << environment.out;
  const std::string python = environment.out.substr(0, environment.out.find('\n'));

  const TemporaryFolder folder;
  const fs::path file = folder.path() / "last.safetensors";
  const Model model(small_architecture(4), 1, at::kCPU);
  ASSERT_TRUE(write_checkpoint(file, checkpoint_of(model)));
  const fs::path script = folder.path() / "open.py";
  std::ofstream(script)
      << "import sys\n"
         "from safetensors import safe_open\n"
         "from safetensors.torch import load_file\n"
         "with safe_open(sys.argv[1], 'pt') as file:\n"
         "    texts = file.metadata()\n"
         "print(len(load_file(sys.argv[1])), texts['seed'], len(texts['sha256']))\n";
  const Ended opened = shell(python + " " + script.string() + " " + file.string());
  EXPECT_EQ(opened.code, 0) << opened.out;
  EXPECT_EQ(opened.out, std::to_string(model.state().size()) + " 3 64\n");
}

class ExportModel : public testing::Test {
 protected:
  ExportModel() {
    const Model model(architecture_, 1, at::kCPU);
    EXPECT_TRUE(write_checkpoint(folder_.path() / "selected.safetensors", checkpoint_of(model)));
  }
  std::string error_of(const ModelExport& wanted) {
    const auto exported = export_model(wanted);
    EXPECT_FALSE(exported);
    EXPECT_FALSE(fs::exists(folder_.path() / "model.safetensors"));
    return exported ? "" : to_string(exported.error());
  }

  const ResolvedArchitecture architecture_ = small_architecture(4);
  const TemporaryFolder folder_;
};

TEST_F(ExportModel, CallsClassesByTheirNamesWhereTheyAreKnown) {
  const auto program = [&](const ModelExport& wanted) {
    const auto exported = export_model(wanted);
    EXPECT_TRUE(exported) << to_string(exported.error());
    std::ostringstream text;
    text << std::ifstream(folder_.path() / "model.py").rdbuf();
    return text.str();
  };
  ModelExport wanted = export_of(architecture_, folder_.path());
  EXPECT_THAT(program(wanted), testing::HasSubstr("NAMES = [f\"class {k}\" for k in"));
  const std::vector<std::string> numbers = [&] {
    std::vector<std::string> all;
    for (std::int64_t i = 0; i < architecture_.classes; ++i) all.push_back("n" + std::to_string(i));
    return all;
  }();
  const std::vector<std::string_view> names(numbers.begin(), numbers.end());
  wanted.class_names = names;
  EXPECT_THAT(program(wanted), testing::HasSubstr("NAMES = [\n    \"n0\", \"n1\","));
}

TEST_F(ExportModel, RefusesAnotherTrialsWeights) {
  ModelExport wanted = export_of(architecture_, folder_.path());
  wanted.seed = 4;
  EXPECT_THAT(error_of(wanted), testing::HasSubstr("seed 3, expected c0ffee, seed 4"));
}

TEST_F(ExportModel, RefusesWeightsOfAnotherArchitecture) {
  EXPECT_THAT(error_of(export_of(small_architecture(5), folder_.path())),
              testing::HasSubstr("does not fit the architecture"));
}

TEST_F(ExportModel, RefusesADamagedCheckpoint) {
  const fs::path file = folder_.path() / "selected.safetensors";
  fs::resize_file(file, fs::file_size(file) - 100);
  EXPECT_THAT(error_of(export_of(architecture_, folder_.path())),
              testing::HasSubstr("cut off or corrupt"));
}

TEST_F(ExportModel, RefusesWhereThereIsNoCheckpoint) {
  fs::remove(folder_.path() / "selected.safetensors");
  EXPECT_THAT(error_of(export_of(architecture_, folder_.path())),
              testing::HasSubstr("no such checkpoint"));
}

// The format by hand: header length, JSON, data in row-major order whatever the layout in memory.
TEST(Safetensors, FileIsWhatTheFormatSays) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.safetensors";
  const at::Tensor strided =
      noise(1, {2, 3, 4, 5}, 0, 1).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor counter = at::full({}, 7, at::kLong);
  ASSERT_TRUE(write_safetensors(path, {{"w", strided}, {"n", counter}}, {{"k", "v"}}));

  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = text.str();
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  EXPECT_EQ(length % 8, 0U);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  EXPECT_EQ(header.at("__metadata__"), nlohmann::json({{"k", "v"}}));
  EXPECT_EQ(header.at("n"),
            nlohmann::json(
                {{"dtype", "I64"}, {"shape", nlohmann::json::array()}, {"data_offsets", {0, 8}}}));
  EXPECT_EQ(
      header.at("w"),
      nlohmann::json({{"dtype", "F32"}, {"shape", {2, 3, 4, 5}}, {"data_offsets", {8, 488}}}));
  ASSERT_EQ(bytes.size(), 8 + length + 488);
  const at::Tensor contiguous = strided.contiguous();
  EXPECT_EQ(std::memcmp(bytes.data() + 8 + length + 8, contiguous.const_data_ptr(), 480), 0);
}

}  // namespace
}  // namespace firesweep
