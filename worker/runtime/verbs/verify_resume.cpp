#include "worker/runtime/verbs/verify_resume.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <system_error>
#include <utility>

#include "shared/base/host_resources.h"
#include "shared/codec/architecture_codec.h"
#include "shared/codec/config_hash.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/report_error.h"
#include "worker/runtime/supervisor/host_info.h"
#include "worker/runtime/supervisor/slot_process.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

// Every kind of state that a checkpoint must carry: BatchNorm, dropout, a shortcut; below, an
// average of weights, momentum, a schedule and the best epoch's weights.
constexpr const char* kArchitecture = R"({"format": 1, "name": "small", "input": [3, 32, 32],
  "blocks": [{"conv_bn_relu": 8, "stride": 2}, {"max_pool": 2},
    {"residual": [{"fire": {"squeeze": 4, "expand1x1": 4, "expand3x3": 4}}]},
    {"conv_bn_relu": 16}, "global_avg_pool", {"dropout": 0.2}, {"linear": "classes"}]})";

Result<TrainJob> small_job(const DatasetInfo& dataset) {
  auto architecture = decode_architecture(kArchitecture, "small.json");
  if (!architecture) return tl::unexpected(architecture.error());
  auto resolved = resolve(*architecture, dataset.classes, {}, 0.2);
  if (!resolved) return tl::unexpected(resolved.error());
  TrainJob job;
  job.architecture = std::move(*resolved);
  TrialConfig& config = job.config;
  config.variant = "small";
  config.epochs = 3;
  config.batch_size = 32;
  config.train_size = 256;
  config.val_size = 64;
  config.test_size = 64;
  config.lr = 0.01;
  config.augmentation = "crop_flip_jitter";
  config.ema_decay = 0.8;
  config.grad_clip = 1;
  config.select = "best";
  config.seed = 5;
  job.config_hash = config_hash(config, job.architecture.hash, dataset.checksum, Trainer::kTorch);
  return job;
}

// Bit for bit: hexadecimal floats, a line a number; no times.
class Facts {
 public:
  template <class Value>
  void add(const char* name, const Value& value) {
    text_ << name << ' ' << std::hexfloat << value << '\n';
  }
  template <class Value>
  void add(const char* name, const std::optional<Value>& value) {
    if (value) add(name, *value);
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

void add(Facts& facts, const EpochMetrics& epoch) {
  facts.add("epoch", epoch.epoch);
  facts.add("train_loss", epoch.train_loss);
  facts.add("train_accuracy", epoch.train_accuracy);
  facts.add("val_loss", epoch.val_loss);
  facts.add("val_accuracy", epoch.val_accuracy);
  facts.add("val_top5", epoch.val_top5);
  facts.add("lr", epoch.lr);
}

void add(Facts& facts, const TrialResult& result) {
  facts.add("selected_epoch", result.selected_epoch);
  facts.add("best_epoch", result.best_epoch);
  facts.add("result.val_accuracy", result.val_accuracy);
  facts.add("result.val_loss", result.val_loss);
  facts.add("result.test_accuracy", result.test_accuracy);
  facts.add("result.test_loss", result.test_loss);
  facts.add("result.test_top5", result.test_top5);
  facts.add("result.train_loss", result.train_loss);
  facts.add("amp", result.amp);
  facts.add("resume_exact", result.resume_exact);
  std::string right;
  for (const std::uint8_t byte : result.test_correct) right += std::to_string(byte) + ".";
  facts.add("test_correct", right);
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "found …, expected …" of the first line that differs; empty where none does.
std::string first_difference(const std::string& whole, const std::string& resumed) {
  std::istringstream left(whole), right(resumed);
  std::string a, b;
  for (;;) {
    const bool more_a = static_cast<bool>(std::getline(left, a));
    const bool more_b = static_cast<bool>(std::getline(right, b));
    if (!more_a && !more_b) return {};
    if (a != b || more_a != more_b) {
      return "found \"" + (more_b ? b : "nothing") + "\", expected \"" + (more_a ? a : "nothing") +
             "\"";
    }
  }
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "firesweep-verify-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    }
    path = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

ProcessEnd run_child(const command::VerifyResume& verify, const fs::path& folder,
                     std::int64_t kill_at) {
  SlotProcess child =
      SlotProcess::start("/proc/self/exe", train_to_verify_words(verify, folder, kill_at));
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  return child.ended().value_or(ProcessEnd{});
}

int failed(const std::string& what) {
  std::cerr << "firesweep-worker verify-resume: " << what << std::endl;
  return kWorkerFailed;
}

}  // namespace

int verify_resume(const command::VerifyResume& verify, const TorchTraining& torch) {
  if (!torch) {
    return report_error({ErrorCode::kUnavailable, "verify-resume", "this build has no real trainer",
                         "build it with LibTorch"});
  }
  if (const auto dataset = open_dataset(verify.dataset, verify.data); !dataset) {
    return report_error(dataset.error());
  }
  const std::uint64_t seed = verify.seed ? *verify.seed : std::random_device()();
  const TemporaryFolder folder;
  const fs::path whole = folder.path / "whole", resumed = folder.path / "resumed";
  fs::create_directories(whole);
  fs::create_directories(resumed);
  std::cout << "seed " << seed << "\ntraining a small trial on " << verify.dataset << " ("
            << verify.device << ") …" << std::endl;
  if (const ProcessEnd end = run_child(verify, whole, 0); end.signal != 0 || end.exit_code != 0) {
    return failed("the uninterrupted training ended with " + to_string(end));
  }
  std::int64_t units = 0;
  std::istringstream(file_text(whole / "units")) >> units;
  if (units < 2) return failed("the uninterrupted training reported no batches");
  std::mt19937_64 random(seed);
  const std::int64_t kill_at =
      1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(units - 1));
  std::cout << "killing it after unit " << kill_at << " of " << units << ", and resuming …"
            << std::endl;
  if (const ProcessEnd end = run_child(verify, resumed, kill_at); end.signal != SIGKILL) {
    return failed("the training to be killed ended with " + to_string(end));
  }
  if (const ProcessEnd end = run_child(verify, resumed, 0); end.signal != 0 || end.exit_code != 0) {
    return failed("the resumed training ended with " + to_string(end));
  }
  const std::string difference =
      first_difference(file_text(whole / "outcome"), file_text(resumed / "outcome"));
  if (!difference.empty()) {
    return failed("after the kill at unit " + std::to_string(kill_at) + ": " + difference +
                  "; `--seed " + std::to_string(seed) + "` repeats it");
  }
  std::cout << "equal bit for bit: weights, optimizer, averages, metrics and result" << std::endl;
  return kWorkerDone;
}

int train_to_verify(const command::TrainToVerify& train, const TorchTraining& torch) {
  if (!torch) return kWorkerUsage;
  const command::VerifyResume& verify = train.verify;
  torch.set_up(verify.threads.value_or(usable_cores()));
  const auto dataset = open_dataset(verify.dataset, verify.data);
  if (!dataset) return report_error(dataset.error());
  const auto job = small_job(dataset->info());
  if (!job) return report_error(job.error());
  Facts facts;
  EpochMetrics last;
  std::int64_t units = 0;
  TrainCallbacks callbacks;
  callbacks.unit = [&](const LiveProgress&) {
    if (++units == train.kill_at) ::kill(::getpid(), SIGKILL);
  };
  callbacks.epoch = [&](const EpochMetrics& metrics) { last = metrics; };
  const TrainOutcome outcome =
      torch.train(*job, *dataset, {verify.device, train.folder}, callbacks);
  const auto* finished = std::get_if<TrainFinished>(&outcome);
  if (finished == nullptr) {
    const auto* wrong = std::get_if<TrainFailed>(&outcome);
    return failed(wrong == nullptr ? "it stopped" : wrong->message);
  }
  add(facts, last);
  add(facts, finished->result);
  for (const char* name : {"last.safetensors", "selected.safetensors"}) {
    const auto digest = torch.tensors_digest(train.folder / name);
    if (!digest) return report_error(digest.error());
    facts.add(name, *digest);
  }
  std::ofstream(train.folder / "outcome") << facts.text();
  std::ofstream(train.folder / "units") << units << "\n";
  return kWorkerDone;
}

}  // namespace firesweep
