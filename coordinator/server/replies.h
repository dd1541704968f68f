// What a reply says.
#pragma once

#include "shared/base/error.h"
#include "shared/wire/messages.h"

namespace firesweep {

// The reply's text, or its error.
Result<std::string> text_of(const ClientReply& reply);

}  // namespace firesweep
