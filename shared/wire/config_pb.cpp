// Trial configs: the half of architecture_pb.h that the field table drives. Fields travel as
// written (fields.h), so that builds of different tables understand each other where a trial asks
// for nothing that one of them does not know.
#include <cassert>
#include <vector>

#include "shared/base/near_miss.h"
#include "shared/domain/fields.h"
#include "shared/wire/architecture_pb.h"

namespace firesweep {
namespace {

void write_value(std::string_view name, const Value& value, pb::NamedValue& out) {
  out.set_name(clean_name(name));
  if (const auto* flag = std::get_if<bool>(&value)) {
    out.set_flag(*flag);
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out.set_whole(*whole);
  } else if (const auto* number = std::get_if<double>(&value)) {
    out.set_number(clean_number(*number));
  } else {
    out.set_text(clean_text(std::get<std::string>(value)));
  }
}

Value read_value(const pb::NamedValue& in, Checker& check) {
  switch (in.value_case()) {
    case pb::NamedValue::kFlag:
      return in.flag();
    case pb::NamedValue::kWhole:
      return std::int64_t{in.whole()};
    case pb::NamedValue::kNumber:
      return check.finite(in.name(), in.number());
    case pb::NamedValue::kText:
      return check.text(in.name(), in.text());
    case pb::NamedValue::VALUE_NOT_SET:
      break;
  }
  check.fail(in.name(), "found no value, or one of an unknown kind");
  return false;
}

// The field of that name, or the one that has taken its place; null for neither. Peers write in one
// order, so the first look is at `expected`.
const Field* field_named(std::string_view name, std::size_t expected) {
  const auto known = fields_as_written();
  if (expected < known.size() && known[expected]->name == name) return known[expected];
  const Field* field = find_field(name);
  return field != nullptr ? field : find_successor(name);
}

constexpr const char* kSameBuild = "use the same build of firesweep on both sides";

void refuse_unknown(const std::string& name, Checker& check) {
  std::vector<std::string_view> known;
  for (const Field& field : fields()) known.push_back(field.name);
  const std::string guess = did_you_mean(name, known);
  check.fail("", "found trial field \"" + clean_name(name) + "\", which this build does not know",
             guess.empty() ? kSameBuild : guess + "; " + kSameBuild);
}

}  // namespace

void write(const TrialConfig& config, pb::TrialConfig& out) {
  for (const Field* field : fields_as_written()) {
    if (const auto known = written(*field, get_field(config, *field))) {
      write_value(known->name, known->value, *out.add_fields());
    }
  }
  for (const auto& [name, value] : config.arch_params) {
    write_value(name, value, *out.add_arch_params());
  }
  out.set_seed(config.seed);
}

void read(const pb::TrialConfig& in, TrialConfig& config, Checker& check) {
  const Checker::Scope place(check, "config");
  const auto table = fields();
  if (!check.number_of("fields", in.fields_size(), kMaxListed) ||
      !check.number_of("arch_params", in.arch_params_size(), kMaxListed)) {
    return;
  }
  std::vector<bool> seen(table.size(), false);
  for (int i = 0; i < in.fields_size() && check.ok(); ++i) {
    const pb::NamedValue& named = in.fields(i);
    const Field* field = field_named(named.name(), static_cast<std::size_t>(i));
    if (field == nullptr) return refuse_unknown(named.name(), check);
    const auto index = static_cast<std::size_t>(field - table.data());
    if (seen[index]) return check.fail(named.name(), "found twice");
    seen[index] = true;
    Value value = read_value(named, check);
    if (!check.ok()) return;
    if (named.name() != field->name) {
      const auto now = succeeded(*field, value);
      if (!now) return check.fail(named.name(), "found " + found_text(value), kSameBuild);
      value = *now;
    }
    const auto set = set_field(config, *field, value, {});
    if (!set) return check.fail(named.name(), set.error().what, set.error().hint);
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (seen[i]) continue;
    const Field& field = table[i];
    if (field.since == 1) return check.fail(field.name, "not found in the config", kSameBuild);
    assert(field.before);
    const auto set = set_field(config, field, *field.before, {});
    if (!set) return check.fail(field.name, set.error().what, set.error().hint);
  }
  const Checker::Scope params(check, "arch_params");
  for (const pb::NamedValue& named : in.arch_params()) {
    check.name("name", named.name());
    if (!config.arch_params.emplace(named.name(), read_value(named, check)).second) {
      check.fail(named.name(), "found twice");
    }
    if (!check.ok()) return;
  }
  config.seed = check.whole("seed", in.seed());
}

}  // namespace firesweep
