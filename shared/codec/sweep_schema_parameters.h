// Internal to the codec room: what the JSON Schema of sweep files says of parameters, wherever a
// file names them.
#pragma once

#include "shared/codec/json.h"

namespace firesweep::schema {

Json parameters();  // the member of that name; so are zip() and conditions()
Json zip();
Json conditions();
Json exclusion();        // one point of the member "exclude"
Json parameter_names();  // the name of one

// The definitions to which all of these refer.
Json parameter_definitions();

}  // namespace firesweep::schema
