// Places of a sweep that was decoded, as its file has them.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/origins.h"

namespace firesweep {

// Where the user wrote what is at `pointer` in a sweep that has every value under its present name:
// "base.json: /parameters/lr/values/0". What knows the values only cannot tell {"value": 1} from
// {"values": [1]}, nor a field from its former name; the text can. What the text does not have is
// told at the nearest member above. Pure.
std::string place_in_file(std::string_view pointer, std::string_view text,
                          std::string_view file_name, const Origins& origins);

}  // namespace firesweep
