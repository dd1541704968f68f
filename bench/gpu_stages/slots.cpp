// Slots of `firesweep run` on the device: two that share it, and one that is killed in mid-epoch.
#include <signal.h>

#include <stdexcept>
#include <thread>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/sweep_run.h"

namespace firesweep::bench {
namespace {

Facts value(const Facts& content) { return {{"value", content}}; }

// Small trials of one network, so that what one needs is known once the first has trained.
Facts parameters_of(const Task& task, const Facts& rates, int epochs) {
  const bool small = task.options.small;
  return {{"variant", value("v3")},
          {"lr", {{"values", rates}}},
          {"epochs", value(epochs)},
          {"batch_size", value(small ? 16 : 128)},
          {"train_size", value(small ? 64 : 12'800)},
          {"val_size", value(small ? 64 : 1000)},
          {"test_size", value(small ? 64 : 1000)}};
}

// The line of the worker's log on how slots share, without its beginning.
std::string sharing_in(const std::string& log) {
  const std::size_t begin = log.find("event=sharing");
  if (begin == std::string::npos) return "no line";
  return log.substr(begin, log.find('\n', begin) - begin);
}

// The process of slot 0, as the supervisor's log has it last; 0 where it has none.
pid_t process_of_slot(const std::string& log) {
  const std::string before = "event=slot_started slot=0 pid=";
  const std::size_t at = log.rfind(before);
  return at == std::string::npos ? 0 : std::stoi(log.substr(at + before.size(), 10));
}

constexpr const char* kFinishedSql = "SELECT count(*) FROM results";
constexpr const char* kOutcomesSql =
    "SELECT val_accuracy || ' ' || test_loss || ' ' || train_loss FROM results";

}  // namespace

void measure_sharing(const Task& task) {
  const Facts rates = {0.002, 0.003, 0.004, 0.005};
  SweepRun run(task, "sharing", sweep_of("sharing", parameters_of(task, rates, 3)), 2);
  const std::string end = run.finish(8);
  const std::string log = run.log();
  const double finished = run.ask_number(kFinishedSql);
  tell(task, "two slots",
       {{"ended", end},
        {"finished_of_4", finished},
        {"waited_for_the_device", count_of(log, "event=waits_for_device")},
        {"had_the_device", count_of(log, "event=has_device")},
        {"at_the_same_time", run.ask_number(R"(
          SELECT count(*)
          FROM attempts AS a
          JOIN attempts AS b
            ON a.trial_id < b.trial_id AND a.started_ms < b.ended_ms AND b.started_ms < a.ended_ms)")},
        {"sharing", sharing_in(log)},
        {"said", end == "ok" ? "" : run.said()}});
  Expectations expectations;
  expectations.expect(finished == 4, "four trials finish on two slots");
  expectations.check();
}

// The kill lands within the third epoch. The trial goes on about 15 seconds later, when its lease
// has run out.
void measure_killed(const Task& task) {
  Facts parameters = parameters_of(task, {0.003}, 5);
  parameters["deterministic"] = value(true);
  const Facts sweep = sweep_of("killed", parameters);
  SweepRun whole(task, "whole", sweep, 1);
  whole.finish(task.seconds_left() / 2);
  SweepRun killed(task, "killed", sweep, 1);
  const Clock::time_point give_up = task.deadline - std::chrono::seconds(10);
  while (killed.ask_number("SELECT count(*) FROM epochs") < 2 && Clock::now() < give_up)
    killed.wait_until(Clock::now() + std::chrono::milliseconds(20));
  const double epoch_s = killed.ask_number("SELECT avg(seconds) FROM epochs");
  std::this_thread::sleep_for(std::chrono::duration<double>(epoch_s / 3));
  const std::int64_t done =
      static_cast<std::int64_t>(killed.ask_number("SELECT count(*) FROM epochs"));
  const pid_t victim = process_of_slot(killed.log());
  const bool struck = victim > 0 && ::kill(victim, SIGKILL) == 0;
  const std::string end = killed.finish(8);
  const std::string outcome = whole.ask(kOutcomesSql);
  const bool same = !outcome.empty() && outcome == killed.ask(kOutcomesSql);
  const double resumed_from =
      killed.ask_number("SELECT resumed_from_epoch FROM attempts ORDER BY attempt_no DESC");
  tell(task, "kill -9 of a slot",
       {{"ended", end},
        {"struck", struck},
        {"epochs_before", done},
        {"attempts", killed.ask_number("SELECT count(*) FROM attempts")},
        {"resumed_from_epoch", resumed_from},
        {"epochs_of_5", killed.ask_number("SELECT count(*) FROM epochs")},
        {"finished_of_1", killed.ask_number(kFinishedSql)},
        {"same_result_as_undisturbed", same},
        {"said", end == "ok" ? "" : killed.said()}});
  Expectations expectations;
  expectations.expect(struck && end == "ok", "the sweep finishes after its slot was killed");
  expectations.expect(resumed_from >= static_cast<double>(done), "it resumes where it was");
  expectations.expect(same, "it ends like one that nobody killed");
  expectations.check();
}

void measure_hour(const Task& task, int slots) {
  const bool small = task.options.small;
  const int trials = small ? 2 : std::max(3, 2 * slots);
  const int epochs = small ? 2 : 15;
  Facts rates = Facts::array();
  for (int i = 0; i < trials; ++i) rates.push_back(0.002 + 0.0001 * i);
  const std::string name = "hour-" + std::to_string(slots);
  SweepRun run(task, name, sweep_of(name, parameters_of(task, rates, epochs)), slots);
  const std::string end = run.finish(8);
  const double finished = run.ask_number(kFinishedSql);
  // Only the time in which trials trained: a program's start is paid once a sweep.
  const double seconds = run.ask_number(
      "SELECT (max(ended_ms) - min(started_ms)) / 1000.0 FROM attempts WHERE ended = 'FINISHED'");
  const double images = finished * epochs * (small ? 64 : 12'800);
  const double images_per_s = seconds > 0 ? images / seconds : 0;
  tell(task, std::to_string(slots) + (slots == 1 ? " slot" : " slots"),
       {{"images", kind_of_images(task)},
        {"ended", end},
        {"trials", finished},
        {"seconds", seconds},
        {"trials_an_hour", seconds > 0 ? 3600 * finished / seconds : 0.0},
        {"images_per_s", images_per_s},
        {"full_trials_an_hour", 3600 * images_per_s / (15 * 45'000)},
        {"slot_images_per_s", run.ask_number("SELECT avg(images_per_s) FROM results")},
        {"sharing", sharing_in(run.log())},
        {"said", end == "ok" ? "" : run.said()}});
  if (end != "ok") throw std::runtime_error("the sweep: " + end);
}

}  // namespace firesweep::bench
