#include "worker/runtime/slot/slot.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/build_commit.h"
#include "shared/base/host_resources.h"
#include "shared/base/log.h"
#include "shared/codec/host_speeds.h"
#include "shared/domain/fields.h"
#include "shared/transport/key_files.h"
#include "worker/runtime/devices/shared_device.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/report_error.h"
#include "worker/runtime/slot/datasets_on_host.h"
#include "worker/runtime/slot/slot_loop.h"
#include "worker/runtime/supervisor/host_info.h"
#include "worker/runtime/supervisor/signal_fd.h"
#include "worker/runtime/supervisor/slot_process.h"

namespace firesweep {
namespace {

std::atomic<SlotLoop*> signalled_loop{nullptr};
static_assert(std::atomic<SlotLoop*>::is_always_lock_free);

void on_signal(int) {
  if (SlotLoop* loop = signalled_loop.load()) loop->request_drain();
}

void catch_signals(SlotLoop& loop) {
  signalled_loop.store(&loop);
  struct sigaction action{};
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // the trainer's system calls need not know
  for (const int signal : drain_signals()) ::sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

// What was left open by a person who starts a slot by hand; a supervisor leaves nothing open.
WorkerOptions resolved(WorkerOptions options) {
  if (options.device == "auto") options.device = "cpu";
  if (options.device == "cuda") options.device = "cuda:0";
  if (!options.threads) options.threads = usable_cores();
  if (options.name.empty()) options.name = host_name();
  return options;
}

// The pipe to the supervisor; negative where a person started the slot. To be asked before anything
// else opens a descriptor.
int heartbeat_fd() {
  struct stat status{};
  return ::fstat(kHeartbeatFd, &status) == 0 && S_ISFIFO(status.st_mode) ? kHeartbeatFd : -1;
}

// None where the slot has no GPU, or its driver says nothing.
std::optional<GpuFacts> gpu_of(const std::string& device, const TorchTraining& torch) {
  if (device == "cpu" || !torch) return std::nullopt;
  return torch.gpu_facts(std::stoi(device.substr(std::string_view("cuda:").size())));
}

// The attempt is lost and not charged with the device's fault; the supervisor starts the slot
// again.
void end_without_device(const std::string& why) {
  spdlog::critical("event=device_lost what=\"{}\"", why);
  spdlog::default_logger()->flush();
  ::_exit(kSlotBroke);
}

// What the slots of a GPU agree by. A slot whose ledger cannot be had trains without one.
std::optional<SharedDevice> shared_device(const std::string& device,
                                          const std::optional<GpuFacts>& gpu) {
  if (device == "cpu") return std::nullopt;
  const auto folder = ledger_folder(process_environment);
  if (gpu && folder)
    return SharedDevice{*folder / (gpu->uuid + ".ledger"), gpu->memory_bytes, end_without_device};
  spdlog::warn("event=device_not_shared why=\"{}\"",
               gpu ? to_string(folder.error()) : "the driver says nothing about " + device);
  return std::nullopt;
}

// Initialises the device where it is a GPU.
Capabilities describe_slot(const WorkerOptions& options, const TorchTraining& torch,
                           const std::optional<GpuFacts>& gpu) {
  assert(options.threads);
  Capabilities can;
  can.device = options.device;
  can.device_name = gpu ? gpu->name : can.device == "cpu" ? cpu_name() : can.device;
  can.threads = *options.threads;
  can.memory_bytes = usable_memory_bytes();
  can.trainers.emplace_back(to_string(Trainer::kSimulated));
  can.build_commit = build_commit();
  can.fields = newer_fields();
  if (torch) {
    can.datasets = datasets_on_host(options.data);
    can.trainers.emplace_back(to_string(Trainer::kTorch));
    can.amp_kinds = torch.amp_kinds(can.device);
    can.torch_version = torch.version();
  }
  return can;
}

// Where this slot's epochs are noted; none where there is no folder for it.
std::optional<SpeedNotes> speed_notes(const WorkerOptions& options,
                                      const std::optional<GpuFacts>& gpu) {
  assert(options.threads);
  const auto file = host_speeds_path();
  if (!file) return std::nullopt;
  DeviceKey device{cpu_name(), usable_cores()};
  if (options.device != "cpu") device = {gpu ? gpu->name : options.device, 0};
  return std::optional<SpeedNotes>(std::in_place, *file, std::move(device),
                                   DeviceShare{options.slots.value_or(1), *options.threads});
}

// A key speaks for sessions that begin like it, and for no others.
SessionId session_of(const std::optional<CallerKeys>& keys) {
  SessionId session = random_session();
  if (keys) session.high = session_mark(keys->own.public_key);
  return session;
}

int serve(const WorkerOptions& options, const std::string& name, int heartbeat,
          const TorchTraining& torch) {
  assert(options.threads);
  if (torch) torch.set_up(*options.threads);
  const auto keys = keys_to(options.coordinator);
  if (!keys) return report_error(keys.error());
  auto socket = DealerSocket::connect(options.coordinator, *keys);
  if (!socket) return report_error(socket.error());
  AgentOptions conduct;
  conduct.stall.floor = options.stall_after;
  const SessionId session = session_of(*keys);
  const std::optional<GpuFacts> gpu = gpu_of(options.device, torch);
  Agent agent(session, name, ::getpid(), describe_slot(options, torch, gpu), conduct);
  CheckpointCourier courier(session, options.coordinator, *keys, options.checkpoint_dir);
  TrialRunner runner(torch, options.data, CheckpointFolders(options.checkpoint_dir), options.device,
                     &courier, shared_device(options.device, gpu), speed_notes(options, gpu));
  SlotLoop loop(std::move(*socket), std::move(agent), runner, heartbeat, &courier);
  catch_signals(loop);
  const SlotEnd end = loop.run();
  signalled_loop.store(nullptr);
  if (end.exit != AgentExit::kLeft) {
    std::cerr << "firesweep-worker: " << name << ": " << end.why << std::endl;
  }
  spdlog::default_logger()->flush();
  if (end.training) ::_exit(static_cast<int>(end.exit));
  return static_cast<int>(end.exit);
}

}  // namespace

int run_slot(const command::RunSlot& command, const TorchTraining& torch) {
  const int heartbeat = heartbeat_fd();
  const WorkerOptions options = resolved(command.options);
  const std::string name = options.name + "/" + std::to_string(command.slot);
  ::prctl(PR_SET_NAME, "firesweep-slot");  // what ps and top show; exec named it "exe"
  try {
    set_up_log(options.log_file, options.log_level, name);
  } catch (const spdlog::spdlog_ex& failure) {
    return report_error({ErrorCode::kIo, "--log-file", failure.what(), ""});
  }
  try {
    return serve(options, name, heartbeat, torch);
  } catch (const std::exception& broken) {
    spdlog::critical("event=slot_broke what=\"{}\"", broken.what());
    return kSlotBroke;
  }
}

}  // namespace firesweep
