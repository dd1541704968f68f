// `firesweep run` as a user starts it, on the device under test, and questions to its database.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "bench/gpu_stages/child.h"
#include "bench/gpu_stages/task.h"

namespace firesweep::bench {

// A sweep over these parameters ({"lr": {"value": 0.003}, …}) on CIFAR-100.
Facts sweep_of(const std::string& name, const Facts& parameters, const Facts& seeds = {1});

// One sweep running in a child, which is killed with the object. One thread.
class SweepRun {
 public:
  // Starts NAME.db in the scratch folder; a database that is there already is gone on with. Throws
  // std::runtime_error where the program is missing.
  SweepRun(const Task& task, const std::string& name, const std::filesystem::path& sweep,
           int workers);
  SweepRun(const Task& task, const std::string& name, const Facts& sweep, int workers);

  const std::filesystem::path& database() const { return database_; }
  const Child& child() const { return *child_; }

  // Waits until it has ended or that time has come.
  std::optional<int> wait_until(Clock::time_point when) { return child_->wait_until(when); }

  // Waits until `margin` seconds before the part's end, then interrupts it, so that it drains.
  // "ok", "exit code 3", or that it was interrupted or killed.
  std::string finish(double margin);

  // Columns of the first row, joined by spaces; empty where there is none.
  std::string ask(const std::string& sql) const;
  double ask_number(const std::string& sql) const;

  std::string log() const;
  // The end of what it printed, for a result that went wrong.
  std::string said() const;

 private:
  const Task& task_;
  std::filesystem::path database_, out_;
  std::unique_ptr<Child> child_;
};

// How often `text` stands in `all`.
int count_of(const std::string& all, const std::string& text);

}  // namespace firesweep::bench
