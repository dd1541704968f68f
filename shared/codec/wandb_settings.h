// What a W&B sweep file says beside its hyperparameters → members of ours. Internal to the codec
// room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/codec/json.h"
#include "shared/codec/sweep_draft.h"
#include "shared/codec/wandb_sweep.h"

namespace firesweep {

// Keeps what became of each member. A view: all of its parts outlive it. One thread.
class WandbSettings {
 public:
  WandbSettings(const Json& root, SweepDraft& draft, std::vector<ImportNote>& notes)
      : root_(root), draft_(draft), notes_(notes) {}

  // The members that come before the hyperparameters: a comment that names the file, the name, the
  // method with the number of trials that ends it, and the metric.
  void read_first(std::string_view file_name);

  // early_terminate, and what serves W&B alone.
  void read_last();

 private:
  const Json* member(const char* key) const;
  std::string word(const char* key) const;
  void note(ImportNote::Outcome outcome, std::string member, std::string what,
            std::string hint = {});
  void head(std::string_view file_name);
  void name(std::string_view file_name);
  void run_cap(bool draws);
  void method();
  void metric();
  void early_terminate();
  void foreign_members();

  const Json& root_;
  SweepDraft& draft_;
  std::vector<ImportNote>& notes_;
};

// The decoder's mistakes as one sentence without the place. Pure.
std::string reason_of(const Error& error);

}  // namespace firesweep
