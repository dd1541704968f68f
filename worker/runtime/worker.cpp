#include "worker/runtime/worker.h"

#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>
#include <set>
#include <system_error>

#include "shared/base/host_resources.h"
#include "shared/base/log.h"
#include "shared/base/overloaded.h"
#include "shared/codec/host_speeds.h"
#include "shared/transport/joining.h"
#include "shared/transport/key_files.h"
#include "shared/transport/private_file.h"
#include "worker/runtime/checkpoints/checkpoint_folders.h"
#include "worker/runtime/devices/cuda_probe.h"
#include "worker/runtime/devices/gpu_sharing.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/options/options.h"
#include "worker/runtime/report_error.h"
#include "worker/runtime/slot/slot.h"
#include "worker/runtime/supervisor/host_info.h"
#include "worker/runtime/supervisor/slot_plan.h"
#include "worker/runtime/supervisor/supervisor.h"
#include "worker/runtime/verbs/bench_probe.h"
#include "worker/runtime/verbs/bench_verb.h"
#include "worker/runtime/verbs/dataset_verbs.h"
#include "worker/runtime/verbs/export_verb.h"
#include "worker/runtime/verbs/verify_resume.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

// What would otherwise show only when the first trial begins.
Result<void> check_places(const WorkerOptions& options) {
  std::error_code error;
  if (options.data.data_dir && !fs::is_directory(*options.data.data_dir, error)) {
    return fail(ErrorCode::kNotFound, "--data-dir " + options.data.data_dir->string(),
                "no such folder");
  }
  if (options.data.environment_dir && !fs::is_directory(*options.data.environment_dir, error)) {
    return fail(ErrorCode::kNotFound, "FIRESWEEP_DATA " + options.data.environment_dir->string(),
                "no such folder");
  }
  if (options.check_only) return {};
  if (const auto made = make_folder(options.checkpoint_dir); !made) return made;
  if (::access(options.checkpoint_dir.c_str(), W_OK | X_OK) != 0) {
    return io_failure(options.checkpoint_dir, "checkpoints cannot be written here");
  }
  return {};
}

// Shows the invitation where there is one. A command that is typed again, after its host is known,
// works also while the coordinator is away.
Result<void> make_known(const WorkerOptions& options) {
  if (options.invitation && !options.check_only) {
    const auto invitation = parse_invitation(*options.invitation);
    if (!invitation) return tl::unexpected(invitation.error());
    const auto folder = configuration_folder();
    if (!folder) return tl::unexpected(folder.error());
    const auto known = known_coordinator(*folder, options.coordinator);
    if (!known) return tl::unexpected(known.error());
    const auto joined =
        join(options.coordinator, *invitation, options.name.empty() ? host_name() : options.name);
    if (!joined && *known != invitation->coordinator) return joined;
    if (!joined) spdlog::warn("event=not_joined_again why=\"{}\"", to_string(joined.error()));
  }
  const auto keys = keys_to(options.coordinator);
  if (!keys) return tl::unexpected(keys.error());
  return {};
}

int start_slots(WorkerOptions options) {
  try {
    set_up_log(options.check_only ? "" : options.log_file, options.log_level, "supervisor");
  } catch (const spdlog::spdlog_ex& failure) {
    return report_error({ErrorCode::kIo, "--log-file", failure.what(), ""});
  }
  if (const auto places = check_places(options); !places) return report_error(places.error());
  SupervisorOptions supervised;
  supervised.leave = options.leave;
  std::vector<std::string> devices;
  if (needs_cuda_devices(options)) devices = list_cuda_devices(supervised.program, probe_words());
  if (devices.empty()) {
    const auto speeds = host_speeds_path();
    options.slots = wanted_cpu_slots(options, speeds ? read_host_speeds(*speeds) : HostSpeeds{},
                                     {cpu_name(), usable_cores()});
  }
  const auto plan = plan_slots(options, usable_cores(), devices);
  if (!plan) return report_error(plan.error());
  if (options.check_only) return kWorkerDone;
  if (const auto known = make_known(options); !known) return report_error(known.error());
  CheckpointFolders(options.checkpoint_dir).remove_stale(kStaleCheckpoints);
  for (const SlotPlan& slot : *plan) {
    WorkerOptions its = options;
    its.device = slot.device;
    its.threads = slot.threads;
    its.slots = static_cast<int>(share_of(*plan).slots);
    supervised.slots.push_back(slot_words(static_cast<int>(supervised.slots.size()), its));
  }
  // OpenMP reads it when a slot is loaded; set later, it would bind only the thread that sets it.
  ::setenv("OMP_NUM_THREADS", std::to_string(plan->front().threads).c_str(), 1);
  std::optional<GpuSharing> sharing;
  if (plan->front().device != "cpu") {
    std::set<std::string> gpus;
    for (const SlotPlan& slot : *plan) gpus.insert(slot.device);
    const int slots = static_cast<int>(plan->size()), cards = static_cast<int>(gpus.size());
    sharing.emplace(slots, cards, options.start_mps, process_environment);
    spdlog::info("{}", sharing_line(slots, cards, sharing->mps()));
    supervised.child_ended = [&sharing] { sharing->child_ended(); };
  }
  spdlog::info("event=supervising slots={} threads_each={} device={} coordinator={}", plan->size(),
               plan->front().threads, plan->front().device, options.coordinator);
  return supervise(supervised);
}

int list_devices(const TorchTraining& torch) {
  if (!torch) return kWorkerDone;
  for (const std::string& device : torch.probe_cuda_devices()) std::cout << device << "\n";
  std::cout << std::flush;
  return kWorkerDone;
}

}  // namespace

int run_worker(const std::vector<std::string>& words, const TorchTraining& torch,
               FetchFunction fetch) {
  const auto command = parse_command(words, process_environment);
  if (!command) return report_error(command.error());
  return std::visit(
      Overloaded{[](const command::ShowText& show) {
                   std::cout << show.text << std::flush;
                   return kWorkerDone;
                 },
                 [](const command::Supervise& supervise) { return start_slots(supervise.options); },
                 [&](const command::RunSlot& slot) { return run_slot(slot, torch); },
                 [&](const command::ListCudaDevices&) { return list_devices(torch); },
                 [&](const command::FetchDataset& wanted) { return fetch_verb(wanted, fetch); },
                 [](const command::CheckDataset& check) { return check_verb(check); },
                 [&](const command::ExportModel& wanted) { return export_verb(wanted, torch); },
                 [&](const command::VerifyResume& verify) { return verify_resume(verify, torch); },
                 [&](const command::TrainToVerify& train) { return train_to_verify(train, torch); },
                 [&](const command::Bench& wanted) { return bench_verb(wanted, torch); },
                 [&](const command::BenchSlot& wanted) { return bench_slot(wanted, torch); },
                 [&](const command::BenchProbe& wanted) { return bench_probe(wanted, torch); }},
      *command);
}

}  // namespace firesweep
