// The rule of admission over whole sweeps: slots, trials and a card's memory played through in
// ticks, the ledger being all that decides.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "worker/runtime/devices/device_ledger.h"

namespace firesweep {
namespace {

using Phase = DevicePhase;

constexpr std::int64_t kGib = std::int64_t{1} << 30;
constexpr std::int64_t kContextBytes = kGib / 2;  // a slot's process beside its allocator

struct Work {
  DeviceShape shape;
  std::int64_t estimate_bytes = 0;
  std::int64_t peak_bytes = 0;
  int ticks = 100;
  int name = 0;
};

// One card, its slots, and trials handed out in order. A tick is the time between two questions of
// a slot. A trial is measured after 5 ticks and after each fourth of its time.
class Card {
 public:
  Card(std::int64_t memory_bytes, std::size_t slots) : slots_(slots) {
    ledger_.memory_bytes = memory_bytes;
  }

  void hand_out(Work work) {
    work.name = static_cast<int>(queue_.size());
    queue_.push_back(std::move(work));
  }

  // Until the last trial has ended; false where that takes too long.
  bool run(int most_ticks = 1'000'000) {
    for (; ticks_ < most_ticks; ++ticks_) {
      if (queue_.empty() && ledger_.trials.empty()) return true;
      for (std::size_t slot = 0; slot < slots_.size(); ++slot) tick(slot);
      if (!queue_.empty()) {
        busy_ticks_ += 1;
        training_ticks_ += training();
      }
    }
    return false;
  }

  // Of the ticks in which trials were left to hand out.
  double mean_training() const { return training_ticks_ / busy_ticks_; }
  int out_of_memory() const { return out_of_memory_; }
  int ticks() const { return ticks_; }
  const std::vector<int>& begun() const { return begun_; }
  void keep_beside(std::int64_t bytes) { programs_ = bytes; }

 private:
  struct Slot {
    std::optional<Work> work;
    int left = 0;
    bool has_device = false;
  };

  std::size_t line(std::size_t slot) const {
    const auto mine =
        std::ranges::find(ledger_.trials, static_cast<int>(slot) + 1, &DeviceLedger::Trial::lock);
    return static_cast<std::size_t>(mine - ledger_.trials.begin());
  }
  double training() const {
    return static_cast<double>(std::ranges::count_if(slots_, &Slot::has_device));
  }
  std::int64_t used() const {
    std::int64_t bytes = programs_ + kContextBytes * static_cast<std::int64_t>(slots_.size());
    for (const Slot& slot : slots_) bytes += slot.has_device ? slot.work->peak_bytes : 0;
    return bytes;
  }

  void tick(std::size_t number) {
    Slot& slot = slots_[number];
    if (!slot.work) {
      if (queue_.empty()) return;
      slot = {queue_.front(), queue_.front().ticks, false};
      queue_.pop_front();
      ledger_.trials.push_back({static_cast<int>(number) + 1, Phase::kWaiting, slot.work->shape,
                                slot.work->estimate_bytes});
    }
    const std::size_t mine = line(number);
    if (!slot.has_device) {
      if (ledger_.waits_for(mine)) return;
      ledger_.admit(mine);
      slot.has_device = true;
      begun_.push_back(slot.work->name);
      if (used() > ledger_.memory_bytes) return run_out(slot, mine);
    }
    const int done = slot.work->ticks - --slot.left;
    const bool epoch = done % (slot.work->ticks / 4) == 0;
    if (done == 5 || epoch) {
      ledger_.measured(mine, slot.work->peak_bytes, used() - slot.work->peak_bytes, epoch);
    }
    if (slot.left > 0) return;
    ledger_.trials.erase(ledger_.trials.begin() + static_cast<std::ptrdiff_t>(mine));
    slot = {};
  }

  // Once alone, a trial that does not fit trains in parts, as the trainer does.
  void run_out(Slot& slot, std::size_t mine) {
    ++out_of_memory_;
    slot.has_device = false;
    if (ledger_.trials[mine].phase == Phase::kAlone) slot.work->peak_bytes /= 2;
    slot.has_device = ledger_.trials[mine].phase == Phase::kAlone;
    ledger_.want_alone(mine);
    if (slot.has_device && used() > ledger_.memory_bytes) run_out(slot, mine);
  }

  DeviceLedger ledger_;
  std::vector<Slot> slots_;
  std::deque<Work> queue_;
  std::int64_t programs_ = 0;
  double training_ticks_ = 0, busy_ticks_ = 0;
  int out_of_memory_ = 0, ticks_ = 0;
  std::vector<int> begun_;
};

Work small(int shape) {
  return {"small" + std::to_string(shape), 3 * kGib, kGib + shape * (kGib / 12), 90 + shape * 7};
}

TEST(DeviceAdmission, EightTrialsOfNewShapesBeginAtOnceOnALargeCard) {
  Card card(80 * kGib, 8);
  for (int i = 0; i < 8; ++i) card.hand_out(small(i));
  card.run(1);
  EXPECT_EQ(card.begun().size(), 8U);
}

TEST(DeviceAdmission, NinetySixTrialsOfTwelveShapesKeepEightSlotsTraining) {
  Card card(80 * kGib, 8);
  for (int i = 0; i < 96; ++i) card.hand_out(small(i % 12));
  ASSERT_TRUE(card.run());
  EXPECT_GT(card.mean_training(), 7.5);
  EXPECT_EQ(card.out_of_memory(), 0);
}

TEST(DeviceAdmission, WhereEstimatesDoNotFitTheFirstStepsMakeRoom) {
  Card card(24 * kGib, 8);  // estimates for five trials, memory for eight
  for (int i = 0; i < 96; ++i) card.hand_out(small(i % 12));
  ASSERT_TRUE(card.run());
  EXPECT_GT(card.mean_training(), 7);
  EXPECT_EQ(card.out_of_memory(), 0);
}

TEST(DeviceAdmission, OneThatDoesNotFitIsOvertakenAndDoesNotStarve) {
  Card card(24 * kGib, 4);
  for (int i = 0; i < 96; ++i)
    card.hand_out(i == 6 ? Work{"wide", 20 * kGib, 19 * kGib, 100} : small(i % 3));
  ASSERT_TRUE(card.run());
  const auto place = std::ranges::find(card.begun(), 6) - card.begun().begin();
  EXPECT_GT(place, 6) << "others begin while it waits";
  EXPECT_LE(place, 6 + kMostOvertakes);
  EXPECT_EQ(card.out_of_memory(), 0);
}

TEST(DeviceAdmission, EstimatesThatAreFarTooLowCostTimeAndNoTrial) {
  Card card(24 * kGib, 8);
  for (int i = 0; i < 48; ++i) card.hand_out({"sly" + std::to_string(i % 4), kGib, 9 * kGib, 100});
  ASSERT_TRUE(card.run(48 * 110)) << "longer than one after the other";
  EXPECT_GT(card.out_of_memory(), 0);
  EXPECT_LT(card.out_of_memory(), 48);
}

TEST(DeviceAdmission, ACardThatIsTooSmallTrainsOneAfterTheOther) {
  Card card(6 * kGib, 3);
  for (int i = 0; i < 9; ++i) card.hand_out({"big" + std::to_string(i), 9 * kGib, 8 * kGib, 100});
  ASSERT_TRUE(card.run());
  EXPECT_LE(card.mean_training(), 1);
  EXPECT_LE(card.out_of_memory(), 2 * 9) << "beside nobody, then in two parts";
}

TEST(DeviceAdmission, OtherProgramsOnTheCardAreLearntOfAndLeftTheirMemory) {
  Card card(24 * kGib, 4);
  card.keep_beside(12 * kGib);
  for (int i = 0; i < 48; ++i) card.hand_out({"same", 4 * kGib, 4 * kGib, 100});
  ASSERT_TRUE(card.run());
  EXPECT_LE(card.out_of_memory(), 3) << "of those that began before anybody was measured";
  EXPECT_GT(card.mean_training(), 1.5);
}

}  // namespace
}  // namespace firesweep
