// Errors as replies, and back.
#pragma once

#include "shared/base/error.h"
#include "shared/wire/messages.h"

namespace firesweep {

ClientReply reply_of(const Error& error);

// The reply's text, or its error.
Result<std::string> text_of(const ClientReply& reply);

}  // namespace firesweep
