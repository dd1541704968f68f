// Places of a sweep that was decoded, as its file has them.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/base/origins.h"

namespace firesweep {

// The error of a sweep that has every value under its present name, with the JSON pointer at which
// it is told as the user wrote it: "base.json: /parameters/lr/values/0". What knows the values only
// cannot tell {"value": 1} from {"values": [1]}, nor a field from its former name; the text can.
// What the text does not have is told at the nearest member above. Errors at other places stay as
// they are. Pure.
Error placed_in_file(Error error, std::string_view text, std::string_view file_name,
                     const Origins& origins);

}  // namespace firesweep
