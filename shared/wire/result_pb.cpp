// Results of trials: the part of metrics_pb.h that the result table drives.
#include <cmath>
#include <type_traits>

#include "shared/domain/results.h"
#include "shared/wire/metrics_pb.h"

namespace firesweep {
namespace {

double clean(Measure measure, double value) {
  if (measure == Measure::kFraction) return clean_fraction(value);
  return measure == Measure::kLoss ? clean_loss(value) : clean_rate(value);
}

// An optional measurement that is not a number travels as absent, a loss as the largest.
bool measured(Measure measure, const std::optional<double>& value) {
  return value && (measure == Measure::kLoss || std::isfinite(*value));
}

void write_value(const ResultField& field, const TrialResult& result, pb::TrialResult& out) {
  std::visit(
      [&]<class T>(T TrialResult::* member) {
        const T& value = result.*member;
        if constexpr (std::is_same_v<T, std::optional<double>>) {
          if (!measured(field.measure, value)) return;
        }
        pb::NamedMeasure& to = *out.add_measures();
        to.set_name(std::string(field.name));
        if constexpr (std::is_same_v<T, bool>) {
          to.set_flag(value);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          to.set_whole(value);
        } else if constexpr (std::is_same_v<T, double>) {
          to.set_number(clean(field.measure, value));
        } else if constexpr (std::is_same_v<T, std::optional<double>>) {
          to.set_number(clean(field.measure, *value));
        } else if constexpr (std::is_same_v<T, std::string>) {
          to.set_text(clean_name(value));
        } else {
          to.set_bits(clean_bitmap(value));
        }
      },
      field.member);
}

double checked(const ResultField& field, double value, Checker& check) {
  if (field.measure == Measure::kFraction) return check.fraction(field.name, value);
  if (field.measure == Measure::kLoss) return check.finite(field.name, value);
  return check.not_negative(field.name, value);
}

void read_value(const ResultField& field, const pb::NamedMeasure& in, TrialResult& result,
                Checker& check) {
  std::visit(
      [&]<class T>(T TrialResult::* member) {
        T& value = result.*member;
        using Case = pb::NamedMeasure;
        const auto is = [&](Case::ValueCase wanted) {
          if (in.value_case() == wanted) return true;
          check.fail(field.name, "found no value, or one of another kind");
          return false;
        };
        if constexpr (std::is_same_v<T, bool>) {
          if (is(Case::kFlag)) value = in.flag();
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          const std::int64_t most = field.measure == Measure::kWhole ? kMaxCount : Checker::kAnyId;
          if (is(Case::kWhole)) value = check.whole(field.name, in.whole(), most);
        } else if constexpr (std::is_same_v<T, std::string>) {
          if (is(Case::kText)) value = check.name(field.name, in.text());
        } else if constexpr (std::is_same_v<T, std::vector<std::uint8_t>>) {
          if (!is(Case::kBits)) return;
          const std::string bits = check.bitmap(field.name, in.bits());
          value.assign(bits.begin(), bits.end());
        } else {
          if (is(Case::kNumber)) value = checked(field, in.number(), check);
        }
      },
      field.member);
}

}  // namespace

void write(const TrialResult& result, pb::TrialResult& out) {
  for (const ResultField& field : results()) write_value(field, result, out);
}

void read(const pb::TrialResult& in, TrialResult& result, Checker& check) {
  const Checker::Scope place(check, "finished");
  if (!check.number_of("measures", in.measures_size(), kMaxListed)) return;
  const auto table = results();
  std::vector<bool> seen(table.size(), false);
  std::size_t next = 0;  // peers write in the table's order
  for (int i = 0; i < in.measures_size() && check.ok(); ++i) {
    const pb::NamedMeasure& named = in.measures(i);
    std::size_t index = next;
    while (index < table.size() && table[index].name != named.name()) ++index;
    if (index == table.size()) {
      index = 0;
      while (index < next && table[index].name != named.name()) ++index;
      if (index == next) continue;  // of a newer build
    }
    if (seen[index]) return check.fail(table[index].name, "found twice");
    seen[index] = true;
    next = index + 1;
    read_value(table[index], named, result, check);
  }
}

}  // namespace firesweep
