// An event whose records the database refuses, and what must become of the others of its group.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "coordinator/loop/ports.h"
#include "tests/simulation/random.h"

namespace firesweep::simulation {

// Of one step of the loop. Not thread-safe. Members may throw Violation.
class Quarantine {
 public:
  // From now on, until the step ends, the database refuses one of these records wherever it is
  // asked to write it again.
  void begin(std::span<const Record> records, Random& random);
  // The database's answer.
  bool refuses(std::span<const Record> records) const;

  // What became of groups that followed.
  void refused(const loop::Group& group);
  void committed(const loop::Group& group);
  // The step is over. Every event of the refused group was applied by itself, and either it is
  // durable or it is the offender.
  void end(bool recovering);

 private:
  std::string offender_;      // names a record; empty where none is refused
  std::size_t expected_ = 0;  // events to be applied again
  std::size_t seen_ = 0;
};

}  // namespace firesweep::simulation
