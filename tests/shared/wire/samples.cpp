#include "tests/shared/wire/samples.h"

namespace firesweep::samples {

TrialConfig config() {
  TrialConfig config;
  config.variant = "v5";
  config.arch_params = {{"head_dropout", 0.25},
                        {"stage3", std::string("fire")},
                        {"width", std::int64_t{-64}},
                        {"wide", true}};
  config.epochs = 3;
  config.drop_last = false;
  config.optimizer = "sgd";
  config.lr = 0.1;
  config.label_smoothing = 0.2;
  config.seed = 12;
  return config;
}

ResolvedArchitecture architecture() {
  const Layers fire = {{"squeeze", Conv{64, 8, 1, 1, 0, 1, true}, {8, 16, 16}},
                       {"expand",
                        Concat{{{{"0", Conv{8, 32, 1, 1, 0, 1, false}, {32, 16, 16}}},
                                {{"0", Conv{8, 32, 3, 1, 1, 8, true}, {32, 16, 16}}}}},
                        {64, 16, 16}}};
  return {"v5",
          "0d6e4079",
          {3, 32, 32},
          100,
          {{"0", Conv{3, 64, 3, 2, 1, 1, true}, {64, 32, 32}},
           {"1", BatchNorm{64}, {64, 32, 32}},
           {"2", Activation{ActivationKind::kRelu}, {64, 32, 32}},
           {"3", Activation{ActivationKind::kRelu6}, {64, 32, 32}},
           {"4", Activation{ActivationKind::kSilu}, {64, 32, 32}},
           {"5", Pool{true, 2, 2, 0}, {64, 16, 16}},
           {"6", Pool{false, 3, 1, 1}, {64, 16, 16}},
           {"7", Residual{fire, {}, false}, {64, 16, 16}},
           {"8",
            Residual{fire, {{"0", Conv{64, 64, 1, 1, 0, 1, true}, {64, 16, 16}}}, true},
            {64, 16, 16}},
           {"9", Sequence{fire}, {64, 16, 16}},
           {"10", GlobalAvgPool{}, {64, 1, 1}},
           {"11", Flatten{}, {64, 0, 0}},
           {"12", Dropout{0.3}, {64, 0, 0}},
           {"13", Linear{64, 100}, {100, 0, 0}}}};
}

Capabilities capabilities() {
  return {"cuda:0",
          "NVIDIA H100 80GB HBM3",
          8,
          std::int64_t{80} << 30,
          {{"cifar100", "f31298fc"}, {"fashion_mnist", "8d4fb7e6"}},
          {"torch", "simulated"},
          {"off", "bf16"},
          "2.13.0",
          "0123abcd",
          {"flip", "bn_momentum"}};
}

LiveProgress live() { return {3, 15, 120, 390, 812.5, 3.25, 0.375}; }

EpochMetrics metrics() { return {3, 2.5, 0.25, 2.25, 0.3125, 0.625, 0.28125, 0.003, 61.5, 830.25}; }

TrialResult result() {
  TrialResult result;
  result.val_accuracy = 0.5171;
  result.val_loss = 1.75;
  result.val_top5 = 0.8;
  result.best_val_accuracy = 0.52;
  result.best_epoch = 14;
  result.selected_epoch = 15;
  result.test_accuracy = 0.5108;
  result.test_loss = 1.8;
  result.test_top5 = 0.79;
  result.test_accuracy_flip = 0.515;
  result.train_loss = 1.5;
  result.epochs = 15;
  result.params = 3'657'440;
  result.macs = 432'424'960;
  result.train_macs = 3 * result.macs * 45'000 * 15;
  result.model_bytes = 14'700'000;
  result.train_seconds = 903.25;
  result.images_per_s = 747.5;
  result.peak_memory_bytes = std::int64_t{6} << 30;
  result.device = "cuda:0 NVIDIA H100";
  result.numeric_class = "h100/sm90/2.13.0";
  result.torch_version = "2.13.0";
  result.build_commit = "0123abcd";
  result.amp = "bf16";
  result.resume_exact = false;
  result.val_correct = {0x00, 0xff, 0x80};
  result.test_correct = {0x01};
  return result;
}

Assign assign() {
  return {kKey,
          "cifar100-variants",
          "torch",
          "cifar100",
          "f31298fc",
          config(),
          architecture(),
          "c0ffee01",
          321.5,
          true,
          {5, std::chrono::milliseconds(90'000), true, 1000},
          "5eed0123",
          {{{{5}, {2}}, "c0ffee00", true}, {{{6}, {1}}, "c0ffee02", false}}};
}

std::vector<ReportBody> report_bodies() {
  std::vector<ReportBody> bodies = {report::Started{4, true}, report::Progressed{metrics()},
                                    report::Progressed{},     report::Finished{result()},
                                    report::Finished{},       report::HandedBack{7, 9},
                                    report::Returned{}};
  for (const Reason reason : {Reason::kOom, Reason::kNan, Reason::kBadConfig, Reason::kError}) {
    bodies.emplace_back(report::Errored{reason, "loss is NaN in epoch 3 – stopped", 2});
  }
  return bodies;
}

std::vector<WorkerMessage> worker_messages() {
  const std::vector<HeldTrial> held = {{kKey, true}, {{{5}, {1}}, false}};
  std::vector<WorkerMessage> messages = {Hello{9, "gpu-7/3", 4711, capabilities(), 88, held},
                                         Hello{}, Heartbeat{89, held, 123'456, live()}, Heartbeat{},
                                         Goodbye{}};
  std::uint64_t number = 0;
  for (const ReportBody& body : report_bodies())
    messages.emplace_back(Report{++number, kKey, body});
  return messages;
}

std::vector<CoordinatorMessage> coordinator_messages() {
  Assign other = assign();
  other.key.attempt = {3};
  Assign third = other;
  third.architecture.name = "v5_plain";
  third.config = TrialConfig{};
  std::vector<CoordinatorMessage> messages = {
      Welcome{std::chrono::milliseconds(1500), std::chrono::milliseconds(9000), "tcp://*:5556",
              "a token"},
      assign(),
      other,
      third,
      Recall{kKey},
      Abandon{kKey},
      Ack{12, Verdict::kAccepted},
      Ack{13, Verdict::kSuperseded},
      Ack{14, Verdict::kUnknown},
      Quit{},
      Refused{"protocol 2 is spoken here"},
      WhoAreYou{},
      NewGeneration{}};
  for (const Reason reason :
       {Reason::kDrain, Reason::kEarlyStop, Reason::kTimeout, Reason::kUser}) {
    messages.emplace_back(Stop{kKey, reason});
  }
  return messages;
}

std::vector<ClientRequest> requests() {
  return {
      {kClientProtocolVersion,
       request::Submit{"sweeps/x.json", "{\"name\": \"x\"}\xff\x00", {{"v1", "{}"}, {"v2", "[]"}}}},
      {kClientProtocolVersion, request::Submit{"sweeps/x.json",
                                               "{}",
                                               {{"v1", "{}"}},
                                               {{"/parameters", "sweeps/base.json", false},
                                                {"/parameters/lr/max", "--set lr.max=1", true}}}},
      {kClientProtocolVersion, request::Steer{request::Verb::kPause, {3}, {}}},
      {kClientProtocolVersion, request::Steer{request::Verb::kResume, {3}, {}}},
      {kClientProtocolVersion, request::Steer{request::Verb::kStop, {3}, {}}},
      {kClientProtocolVersion, request::Steer{request::Verb::kCancel, {3}, kKey.trial}},
      {kClientProtocolVersion, request::Steer{request::Verb::kRetry, {3}, kKey.trial}},
      {kClientProtocolVersion, request::Release{"host/0"}},
      {kClientProtocolVersion, request::Extend{{3}, {"more.json", "{}", {{"v1", "{}"}}}, {}, {}}},
      {kClientProtocolVersion, request::Extend{{3}, {}, {4, 5}, {}}},
      {kClientProtocolVersion, request::Extend{{3}, {}, {}, 200}},
      {kClientProtocolVersion, request::Status{}},
      {kClientProtocolVersion, request::Query{"leaderboard", "csv", SweepId{3}, 50, {}}},
      {kClientProtocolVersion, request::Query{"model", "json", {}, {}, kKey.trial}},
      {kClientProtocolVersion, request::Query{"pareto", "svg", {}, {}, {}, "none"}},
      {kClientProtocolVersion, request::Query{"list", "table", {}, {}, {}}}};
}

std::vector<ClientReply> replies() {
  return {reply::Rendered{"{\"sweeps\": []}"},
          reply::Rendered{},
          reply::Submitted{{3}, "s", 12, true, SweepState::kPaused, {"lr 0.5 is unusual"}},
          reply::Submitted{{3}, "s", 12, false, SweepState::kRunning, {}, SweepId{2}},
          reply::Submitted{{3}, "s", 12, true, SweepState::kRunning, {}, {}, SweepState::kPaused},
          reply::Extended{{3}, SweepState::kFinished, 4, 16, 12, 3, 1, {"method changes"}},
          reply::SweepSteered{{3}, SweepState::kCancelled, 1, 2, 3, 4, 5},
          reply::TrialSteered{kKey.trial, reply::TrialSteered::Now::kWaiting},
          reply::TrialSteered{kKey.trial, reply::TrialSteered::Now::kStopping},
          reply::TrialSteered{kKey.trial, reply::TrialSteered::Now::kCancelled},
          reply::Released{"host/0"},
          fail(ErrorCode::kNotFound, "/parameters/lr", "found \"x\"", "did you mean y?"),
          fail(ErrorCode::kConflict, "", "already there"),
          fail(ErrorCode::kBadInput, "x", "cannot be read")};
}

WorkerFrame worker_frame(std::vector<WorkerMessage> messages) {
  return {kSession, 31, std::move(messages)};
}

CoordinatorFrame coordinator_frame(std::vector<CoordinatorMessage> messages) {
  return {kSession, 77, std::move(messages)};
}

std::vector<InboundFrame> inbound() {
  std::vector<InboundFrame> frames = {worker_frame(worker_messages()), worker_frame({})};
  for (const WorkerMessage& message : worker_messages())
    frames.emplace_back(worker_frame({message}));
  for (const Generation generation : {Generation{}, Generation{~std::uint64_t{0}}}) {
    WorkerFrame frame = worker_frame({Goodbye{}});
    frame.generation = generation;
    frames.emplace_back(std::move(frame));
  }
  for (const ClientRequest& request : requests()) frames.emplace_back(request);
  return frames;
}

std::vector<OutboundFrame> outbound() {
  std::vector<OutboundFrame> frames = {coordinator_frame(coordinator_messages()),
                                       coordinator_frame({})};
  for (const CoordinatorMessage& message : coordinator_messages()) {
    frames.emplace_back(coordinator_frame({message}));
  }
  frames.emplace_back(CoordinatorFrame{kSession, 78, {WhoAreYou{}}, {~std::uint64_t{0}}});
  for (const ClientReply& reply : replies()) frames.emplace_back(reply);
  return frames;
}

}  // namespace firesweep::samples
