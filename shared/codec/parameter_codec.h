// One member of a sweep's "parameters" ↔ a domain, in W&B's terms. Internal to the codec room.
#pragma once

#include <optional>
#include <string>

#include "shared/codec/json.h"
#include "shared/codec/place.h"
#include "shared/domain/fields.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// The meaning of a parameter's name: a field of the table, or ("arch.NAME") a parameter of the
// architecture files.
struct ParameterName {
  const Field* field = nullptr;
  std::string arch;     // NAME, where `field` is null
  bool former = false;  // the file names what `field` has taken the place of
};

// The meaning of a name, or nothing after a mistake at `place`. The mistake suggests the right
// word.
std::optional<ParameterName> read_parameter_name(const std::string& name, const Place& place);

// A value of that parameter, checked against its field; nothing after a mistake.
std::optional<Value> read_parameter_value(const ParameterName& name, const Place& place);

// The domain that an object such as {"values": [1, 2]} describes; {"value": x} is a list of one.
std::optional<Domain> read_domain(const ParameterName& name, const Place& place);

// The object that `read_domain` reads as the same domain.
Json json_of(const Domain& domain);

// A swept parameter as older builds write it: under its former name if that could hold all of its
// values.
Parameter as_written(const Parameter& parameter);

}  // namespace firesweep
