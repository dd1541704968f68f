#include "tests/simulation/quarantine.h"

#include <algorithm>
#include <variant>

#include "tests/simulation/ledger.h"

namespace firesweep::simulation {
namespace {

// The same for a record that is written again a little later.
std::string name_of(const Record& record) {
  const std::string about = std::visit(
      [](const auto& one) {
        if constexpr (requires { one.key; }) {
          return to_string(one.key);
        } else if constexpr (requires { one.trial; }) {
          return to_string(one.trial);
        } else if constexpr (requires { one.sweep; }) {
          return std::to_string(one.sweep.value);
        } else {
          return std::to_string(one.session.low);
        }
      },
      record);
  return std::to_string(record.index()) + " " + about;
}

}  // namespace

void Quarantine::begin(std::span<const Record> records, Random& random) {
  const auto last = static_cast<std::int64_t>(records.size()) - 1;
  offender_ = name_of(records[static_cast<std::size_t>(random.between(0, last))]);
}

bool Quarantine::refuses(std::span<const Record> records) const {
  return !offender_.empty() &&
         std::any_of(records.begin(), records.end(),
                     [this](const Record& record) { return name_of(record) == offender_; });
}

void Quarantine::refused(const loop::Group& group) {
  if (group.events.size() > 1) {
    expected_ = group.events.size();
  } else {
    ++seen_;
  }
}

void Quarantine::committed(const loop::Group& group) { seen_ += group.events.size(); }

void Quarantine::end(bool recovering) {
  const bool poisoned = seen_ < expected_;
  *this = {};
  if (poisoned && !recovering) {
    throw Violation("events are dropped with another one of their group that the database refuses");
  }
}

}  // namespace firesweep::simulation
