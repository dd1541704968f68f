#include "worker/runtime/options/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace firesweep {
namespace {

using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

Result<Command> parse(const std::vector<std::string>& words,
                      Variables variables = {{"HOME", "/home/u"}}) {
  return parse_command(words, environment_of(std::move(variables)));
}

WorkerOptions supervised(const std::vector<std::string>& words,
                         Variables variables = {{"HOME", "/home/u"}}) {
  const auto parsed = parse(words, std::move(variables));
  EXPECT_TRUE(parsed) << to_string(parsed.error());
  if (!parsed || !std::holds_alternative<command::Supervise>(*parsed)) {
    ADD_FAILURE() << "expected Supervise";
    return {};
  }
  return std::get<command::Supervise>(*parsed).options;
}

std::string error_of(const std::vector<std::string>& words,
                     Variables variables = {{"HOME", "/home/u"}}) {
  const auto parsed = parse(words, std::move(variables));
  EXPECT_FALSE(parsed);
  return parsed ? "" : to_string(parsed.error());
}

TEST(Options, CoordinatorAloneIsEnough) {
  const WorkerOptions options = supervised({"--coordinator", "tcp://127.0.0.1:5555"});
  EXPECT_EQ(options.coordinator, "tcp://127.0.0.1:5555");
  EXPECT_EQ(options.slots, std::nullopt);
  EXPECT_EQ(options.threads, std::nullopt);
  EXPECT_EQ(options.device, "auto");
  EXPECT_EQ(options.checkpoint_dir, "/home/u/.local/state/firesweep/checkpoints");
  EXPECT_EQ(options.data.data_dir, std::nullopt);
  EXPECT_EQ(options.data.cache_dir, "/home/u/.cache/firesweep/data");
  EXPECT_EQ(options.log_level, "info");
}

TEST(Options, EnvironmentFillsWhatIsNotGiven) {
  const WorkerOptions options = supervised({}, {{"FIRESWEEP_COORDINATOR", "ipc:///run/x"},
                                                {"FIRESWEEP_DATA", "/data"},
                                                {"XDG_STATE_HOME", "/state"},
                                                {"HOME", "/home/u"}});
  EXPECT_EQ(options.coordinator, "ipc:///run/x");
  EXPECT_EQ(options.data.environment_dir, "/data");
  EXPECT_EQ(options.checkpoint_dir, "/state/firesweep/checkpoints");
}

TEST(Options, WordsWinOverEnvironment) {
  const WorkerOptions options =
      supervised({"--coordinator=tcp://a:1", "--data-dir", "here", "--checkpoint-dir=there"},
                 {{"FIRESWEEP_COORDINATOR", "tcp://b:2"}, {"FIRESWEEP_DATA", "/data"}});
  EXPECT_EQ(options.coordinator, "tcp://a:1");
  EXPECT_EQ(options.data.data_dir, "here");
  EXPECT_EQ(options.data.environment_dir, "/data");
  EXPECT_EQ(options.checkpoint_dir, "there");
}

TEST(Options, MissingCoordinatorSaysBothWaysToGiveIt) {
  EXPECT_THAT(error_of({}),
              AllOf(HasSubstr("--coordinator: missing"), HasSubstr("FIRESWEEP_COORDINATOR")));
}

TEST(Options, AddressWithoutSchemeIsOfferedWithOne) {
  EXPECT_THAT(error_of({"--coordinator", "head:5555"}),
              HasSubstr("did you mean \"tcp://head:5555\"?"));
  EXPECT_THAT(error_of({"--coordinator", "tpc://head:5555"}),
              HasSubstr("did you mean \"tcp://\"?"));
  EXPECT_THAT(error_of({}, {{"FIRESWEEP_COORDINATOR", "head"}, {"HOME", "/h"}}),
              HasSubstr("FIRESWEEP_COORDINATOR head: found"));
  EXPECT_THAT(error_of({"--coordinator", "tcp://head:99999"}), HasSubstr("\"99999\""));
}

TEST(Options, UnknownOptionNamesTheNearest) {
  EXPECT_THAT(error_of({"--cordinator", "tcp://a:1"}),
              AllOf(HasSubstr("--cordinator: no such option"),
                    HasSubstr("did you mean \"--coordinator\"?")));
  EXPECT_THAT(error_of({"--zzzzzzzzzz"}), HasSubstr("--help"));
}

TEST(Options, NumbersAreChecked) {
  const std::vector<std::string> start{"--coordinator", "tcp://a:1"};
  for (const std::string word : {"0", "-1", "two", "1.5", "", "1025", "99999999999"}) {
    auto words = start;
    words.push_back("--slots=" + word);
    const std::string error = error_of(words);
    EXPECT_THAT(error, HasSubstr("--slots")) << word;
    EXPECT_THAT(error, HasSubstr("expected")) << word;
  }
  EXPECT_EQ(supervised({"--coordinator", "tcp://a:1", "--slots", "3", "--threads", "2"}).slots, 3);
}

TEST(Options, ValuesOutsideAListNameTheList) {
  EXPECT_THAT(
      error_of({"--coordinator", "tcp://a:1", "--device", "cdua"}),
      AllOf(HasSubstr("expected auto, cpu, cuda or cuda:N"), HasSubstr("did you mean \"cuda\"?")));
  EXPECT_THAT(error_of({"--coordinator", "tcp://a:1", "--device", "cuda:x"}),
              HasSubstr("--device"));
  EXPECT_THAT(error_of({"--coordinator", "tcp://a:1", "--log-level", "inof"}),
              HasSubstr("did you mean \"info\"?"));
  EXPECT_EQ(supervised({"--coordinator", "tcp://a:1", "--device", "cuda:1"}).device, "cuda:1");
  EXPECT_THAT(error_of({"--coordinator", "tcp://a:1", "--mps", "of"}),
              HasSubstr("expected one of auto, off"));
  EXPECT_TRUE(supervised({"--coordinator", "tcp://a:1"}).start_mps);
  EXPECT_TRUE(supervised({"--coordinator", "tcp://a:1", "--mps", "auto"}).start_mps);
  EXPECT_FALSE(supervised({"--coordinator", "tcp://a:1", "--mps", "off"}).start_mps);
}

TEST(Options, OptionWithoutValueOrTwiceIsNamed) {
  EXPECT_THAT(error_of({"--coordinator"}), HasSubstr("--coordinator"));
  EXPECT_THAT(error_of({"--coordinator", "tcp://a:1", "--slots", "1", "--slots", "2"}),
              HasSubstr("--slots"));
}

TEST(Options, StrayWordIsNamed) {
  EXPECT_THAT(error_of({"--slots", "1", "tcp://a:1"}), HasSubstr("expected only options"));
  EXPECT_THAT(error_of({"datset", "check", "cifar100"}), HasSubstr("did you mean \"dataset\"?"));
}

TEST(Options, NameWithSlashIsRefused) {
  EXPECT_THAT(error_of({"--coordinator", "tcp://a:1", "--name", "a/b"}),
              HasSubstr("--name: found \"a/b\""));
}

TEST(Options, WhenToLeaveIsRead) {
  const WorkerOptions options =
      supervised({"--coordinator", "ipc:///x", "--idle-exit", "1h30m", "--max-trials", "12",
                  "--until", "99999999999", "--notice-command", "curl -f http://x"});
  EXPECT_EQ(options.leave.idle_exit, std::chrono::minutes(90));
  EXPECT_EQ(options.leave.max_trials, 12);
  EXPECT_EQ(options.leave.until, std::chrono::seconds(99'999'999'999));
  EXPECT_EQ(options.leave.notice_command, "curl -f http://x");
  EXPECT_EQ(supervised({"--coordinator", "ipc:///x"}).leave, LeaveWhen{});
}

TEST(Options, MistakesInWhenToLeaveAreNamed) {
  const auto with = [&](const std::string& option, const std::string& value) {
    return error_of({"--coordinator", "ipc:///x", option, value});
  };
  EXPECT_THAT(with("--idle-exit", "10 minutes"), HasSubstr("--idle-exit: found \"10 minutes\""));
  EXPECT_THAT(with("--idle-exit", "0"), HasSubstr("expected a duration from one second"));
  EXPECT_THAT(with("--max-trials", "0"), HasSubstr("--max-trials"));
  EXPECT_THAT(with("--until", "2020-01-01T00:00"), HasSubstr("expected a time to come"));
  EXPECT_THAT(with("--notice-command", ""), HasSubstr("--notice-command"));
}

TEST(Options, HelpNeedsNothingElseAndListsEveryOption) {
  const auto parsed = parse({"--help"}, {});
  ASSERT_TRUE(parsed);
  const std::string text = std::get<command::ShowText>(*parsed).text;
  for (const char* word : {"--coordinator", "--slots", "--threads", "--device", "--mps",
                           "--data-dir", "--checkpoint-dir", "--stall-after", "--name",
                           "--log-file", "--log-level", "dataset", "Exit codes"}) {
    EXPECT_THAT(text, HasSubstr(word));
  }
  EXPECT_THAT(text, Not(HasSubstr("list-cuda-devices")));
}

TEST(Options, SlotWordsReadBackAsTheSameOptions) {
  WorkerOptions options =
      supervised({"--coordinator", "ipc:///tmp/a b", "--data-dir", "/d", "--checkpoint-dir", "/c",
                  "--stall-after", "7", "--name", "h", "--log-file", "/l", "--log-level", "debug"});
  options.device = "cuda:3";
  options.threads = 5;
  const auto parsed = parse(slot_words(7, options));
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  const auto& slot = std::get<command::RunSlot>(*parsed);
  EXPECT_EQ(slot.slot, 7);
  EXPECT_EQ(slot.options.coordinator, options.coordinator);
  EXPECT_EQ(slot.options.device, options.device);
  EXPECT_EQ(slot.options.threads, options.threads);
  EXPECT_EQ(slot.options.data.data_dir, options.data.data_dir);
  EXPECT_EQ(slot.options.checkpoint_dir, options.checkpoint_dir);
  EXPECT_EQ(slot.options.stall_after, std::chrono::seconds(7));
  EXPECT_EQ(slot.options.name, options.name);
  EXPECT_EQ(slot.options.log_file, options.log_file);
  EXPECT_EQ(slot.options.log_level, options.log_level);
}

TEST(Options, ProbeWordsReadBack) {
  const auto parsed = parse(probe_words(), {});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(std::holds_alternative<command::ListCudaDevices>(*parsed));
}

TEST(Options, DatasetFetchGoesToTheFirstPlaceNamed) {
  const auto target = [](const std::vector<std::string>& words, Variables variables) {
    const auto parsed = parse(words, std::move(variables));
    EXPECT_TRUE(parsed);
    return parsed ? std::get<command::FetchDataset>(*parsed).target_dir.string() : "";
  };
  EXPECT_EQ(target({"dataset", "fetch", "cifar100", "--data-dir", "d"},
                   {{"FIRESWEEP_DATA", "/e"}, {"HOME", "/h"}}),
            "d");
  EXPECT_EQ(target({"dataset", "fetch", "cifar100"}, {{"FIRESWEEP_DATA", "/e"}, {"HOME", "/h"}}),
            "/e");
  EXPECT_EQ(target({"dataset", "fetch", "cifar100"}, {{"HOME", "/h"}}), "/h/.cache/firesweep/data");
  EXPECT_THAT(error_of({"dataset", "fetch", "cifar100"}, {}), HasSubstr("--data-dir"));
}

TEST(Options, DatasetMistakesAreNamed) {
  EXPECT_THAT(error_of({"dataset"}), HasSubstr("expected fetch or check"));
  EXPECT_THAT(error_of({"dataset", "fecth", "cifar100"}), HasSubstr("did you mean \"fetch\"?"));
  EXPECT_THAT(error_of({"dataset", "check"}), HasSubstr("cifar100"));
  EXPECT_THAT(error_of({"dataset", "check", "cifar1000"}), HasSubstr("did you mean \"cifar100\"?"));
  EXPECT_THAT(error_of({"dataset", "check", "cifar100", "more"}), HasSubstr("\"more\""));
  EXPECT_THAT(error_of({"dataset", "check", "cifar100", "--data-dri", "x"}),
              HasSubstr("did you mean \"--data-dir\"?"));
}

TEST(Options, ExportModelSearchesTheFoldersGivenAndThenItsOwn) {
  const auto parsed =
      parse({"export-model", "out", "--checkpoint-dir", "a", "--checkpoint-dir", "b"});
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  const auto& wanted = std::get<command::ExportModel>(*parsed);
  EXPECT_EQ(wanted.folder, "out");
  EXPECT_THAT(wanted.checkpoint_dirs,
              ::testing::ElementsAre("a", "b", "/home/u/.local/state/firesweep/checkpoints"));
  EXPECT_THAT(error_of({"export-model"}), HasSubstr("found 0 folders, expected the one"));
  EXPECT_THAT(error_of({"export-modle", "out"}), HasSubstr("did you mean \"export-model\"?"));
}

TEST(Options, BenchMeasuresTheStudysVariantsUnlessTold) {
  const auto parsed = parse({"bench"});
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  const auto& wanted = std::get<command::Bench>(*parsed);
  EXPECT_THAT(wanted.architectures, ::testing::ElementsAre("v1", "v2", "v3", "v4", "v5"));
  EXPECT_EQ(wanted.speeds_file, "/home/u/.local/state/firesweep/speeds.json");
  const auto told = parse({"bench", "x.json", "--seconds", "0.5", "--batch-size", "32", "-o", "d"});
  ASSERT_TRUE(told) << to_string(told.error());
  EXPECT_EQ(std::get<command::Bench>(*told).seconds, 0.5);
  EXPECT_EQ(std::get<command::Bench>(*told).batch_size, 32);
  EXPECT_EQ(std::get<command::Bench>(*told).output, "d");
  EXPECT_THAT(error_of({"bench", "--seconds", "0"}), HasSubstr("expected a number in (0, 3600]"));
  EXPECT_THAT(error_of({"bench", "--batch-size", "x"}), HasSubstr("--batch-size"));
}

TEST(Options, BenchOfAGpuComparesSlotsAndKeepsNothing) {
  const auto parsed = parse({"bench", "v3", "--device", "cuda:1", "--slots", "4"});
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  const auto& wanted = std::get<command::Bench>(*parsed);
  EXPECT_EQ(wanted.device, "cuda:1");
  EXPECT_EQ(wanted.slots, 4);
  EXPECT_EQ(wanted.speeds_file, std::nullopt) << "previews plan by what the CPU does";
  const auto cpu = parse({"bench", "v3"});
  ASSERT_TRUE(cpu);
  EXPECT_EQ(std::get<command::Bench>(*cpu).device, "cpu");
  EXPECT_NE(std::get<command::Bench>(*cpu).speeds_file, std::nullopt);
}

TEST(Options, BenchRefusesDevicesAndSlotsItCannotMeasure) {
  EXPECT_THAT(error_of({"bench", "--slots", "2"}), HasSubstr("--device cuda:0"));
  EXPECT_THAT(error_of({"bench", "--device", "auto"}), HasSubstr("expected cpu or cuda:N"));
  EXPECT_THAT(error_of({"bench", "--device", "cuda:x"}), HasSubstr("expected cpu or cuda:N"));
  EXPECT_THAT(error_of({"bench", "--device", "cuda", "--slots", "1"}),
              HasSubstr("a whole number from 2 to 64"));
}

TEST(Options, BenchSlotTakesTheDeviceItIsGiven) {
  const auto parsed = parse({"bench-slot", "x.json", "--device", "cuda:3", "--threads", "2"});
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(std::get<command::BenchSlot>(*parsed).device, "cuda:3");
}

TEST(Options, BenchProbeTakesTheShareOfAWorker) {
  const auto parsed = parse({"bench-probe", "--slots", "2", "--threads", "4", "--device", "cuda"});
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  const auto& wanted = std::get<command::BenchProbe>(*parsed);
  EXPECT_EQ(wanted.options.slots, 2);
  EXPECT_EQ(wanted.options.threads, 4);
  EXPECT_EQ(wanted.options.device, "cuda");
  EXPECT_EQ(wanted.seconds, 2) << "preview promises it";
  EXPECT_EQ(wanted.speeds_file, "/home/u/.local/state/firesweep/speeds.json");
  EXPECT_THAT(error_of({"bench-probe", "--slots", "0"}), HasSubstr("--slots"));
}

}  // namespace
}  // namespace firesweep
